import { zeptoPerNano } from '../core/charge.ts';
import type { ChargedAmount, ZeptoUsd } from '../core/charge.ts';
import type { CostSums } from '../core/store.ts';
import { tokenAmounts } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import type { ChargeRate, ChargeRates } from './charge-rates.ts';

/** Money and between what it may lie. */
export interface ZeptoRange {
  readonly cost: ZeptoUsd;
  readonly low: ZeptoUsd;
  readonly high: ZeptoUsd;
}

export interface TokenLine extends ZeptoRange {
  readonly amount: ChargedAmount;
  readonly tokens: number;
  readonly rate: ChargeRate;
}

export interface TokenLines {
  readonly lines: readonly TokenLine[];
  readonly unpricedTokens: number;
  /** What the ledger's figures are more than those of the lines together. */
  readonly rest: ZeptoRange;
}

export const nothingLeft: ZeptoRange = { cost: 0n, low: 0n, high: 0n };

/** Rates are nano-dollars for a million tokens. */
const zeptoPerTokenRate = zeptoPerNano / 1_000_000n;

/**
 * What a row of the ledger is made of: its tokens times their rates, exact. The doubt in its cost lies on the lines whose own
 * rate is in doubt, by how much of it each can bear.
 */
export function tokenLines(row: Amounts & CostSums, rates: ChargeRates): TokenLines {
  const used = tokenAmounts.flatMap((amount) => {
    const tokens = row[amount] ?? 0;
    return tokens === 0 ? [] : [{ amount, tokens, rate: rates[amount] }];
  });
  // Never rated: it has no cost, whatever the card says.
  if (row.cost === null) {
    const unpricedTokens = used.reduce((all, { tokens }) => all + tokens, 0);
    return { lines: [], unpricedTokens, rest: nothingLeft };
  }
  const priced = used.flatMap(({ amount, tokens, rate }) =>
    rate === undefined ? [] : [{ amount, tokens, rate, cost: costOf(tokens, rate.best) }],
  );
  const unpriced = used.filter(({ rate }) => rate === undefined);
  const below = (row.cost - (row.costLow ?? row.cost)) * zeptoPerNano;
  const above = ((row.costHigh ?? row.cost) - row.cost) * zeptoPerNano;
  const lows = spread(
    below,
    priced.map(({ tokens, rate }) => costOf(tokens, rate.best - rate.low)),
  );
  const highs = spread(
    above,
    priced.map(({ tokens, rate }) => costOf(tokens, rate.high - rate.best)),
  );
  const lines = priced.map((line, place) => ({
    ...line,
    low: line.cost - (lows[place] ?? 0n),
    high: line.cost + (highs[place] ?? 0n),
  }));
  const rest = row.cost * zeptoPerNano - sum(lines.map(({ cost }) => cost));
  return {
    lines,
    unpricedTokens: unpriced.reduce((all, { tokens }) => all + tokens, 0),
    rest: { cost: rest, low: rest - (below - sum(lows)), high: rest + (above - sum(highs)) },
  };
}

function costOf(tokens: number, nanoUsdPerMillion: bigint): ZeptoUsd {
  return BigInt(tokens) * nanoUsdPerMillion * zeptoPerTokenRate;
}

/** Parts of the total in proportion to the weights, none larger than its weight. */
function spread(total: bigint, weights: readonly bigint[]): readonly bigint[] {
  const whole = sum(weights);
  const spent = total < whole ? total : whole;
  let weight = 0n;
  let given = 0n;
  return weights.map((own) => {
    weight += own;
    const upTo = whole === 0n ? 0n : (spent * weight) / whole;
    const part = upTo - given;
    given = upTo;
    return part;
  });
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((all, one) => all + one, 0n);
}

/** Whether rounding each minute to the nano-dollar can have made the difference. */
export function isRounding({ cost }: ZeptoRange, minutes: number): boolean {
  const most = BigInt(minutes) * zeptoPerNano;
  return cost <= most && cost >= -most;
}

export function addRange(a: ZeptoRange, b: ZeptoRange): ZeptoRange {
  return { cost: a.cost + b.cost, low: a.low + b.low, high: a.high + b.high };
}

export function isNothing({ cost, low, high }: ZeptoRange): boolean {
  return cost === 0n && low === 0n && high === 0n;
}
