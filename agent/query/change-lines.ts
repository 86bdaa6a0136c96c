import type { ChargedAmount } from '../core/charge.ts';
import type { NanoUsd } from '../core/money.ts';
import type { NamedTraffic } from '../core/store.ts';
import type { RateCard } from '../core/rating.ts';
import { tokenAmounts } from '../core/usage.ts';
import type { ChangeLine } from './change-parts.ts';
import type { ChargeRates } from './charge-rates.ts';
import type { SummedAmounts } from './summed-rows.ts';

export type Side = 'before' | 'after';

/** Adds rows of two spans up to the lines that are compared. */
export interface ChangeLines {
  addTokens(side: Side, of: NamedTraffic, row: SummedAmounts, card: RateCard | undefined): void;
  /** @param cost null: its hours have no price */
  addCapacity(side: Side, cost: NanoUsd | null): void;
  /** What was not looked at in one of the spans, and so cannot be compared. */
  addUnknown(side: Side, cost: NanoUsd): void;
  finish(): readonly ChangeLine[];
}

/**
 * What is compared with itself: the same model in the same place. Another tier, version or name of the vendor's is another
 * price of it.
 */
export function seriesOf(of: NamedTraffic): string {
  const known = knownSeries.get(of);
  if (known !== undefined) return known;
  const made = nameOf(of);
  knownSeries.set(of, made);
  return made;
}

/** Names stay what they are: who is called otherwise is another object. */
const knownSeries = new WeakMap<NamedTraffic, string>();

function nameOf(of: NamedTraffic): string {
  const { cloud, account, region, resource, model, deployment, endpoint, routing } = of;
  // Nobody's name has a line break, and putting words into a line is much less work than JSON is.
  return `${cloud}\n${account}\n${region}\n${resource}\n${model}\n${deployment}\n${endpoint}\n${routing}`;
}

interface Cell {
  readonly tokens: Record<Side, bigint>;
  readonly cost: Record<Side, NanoUsd>;
  hasUnpriced: boolean;
}

/** `all`: of tokens whose card is not kept, their cost is known together only. */
type CellAmount = ChargedAmount | 'all';

export function changeLines(ratesOf: (card: RateCard) => ChargeRates): ChangeLines {
  const cells = new Map<string, Map<CellAmount, Cell>>();
  const capacity = { before: 0n, after: 0n };
  const unknown = { before: 0n, after: 0n };
  let isCapacityKnown = true;

  function cellsOf(series: string): Map<CellAmount, Cell> {
    let own = cells.get(series);
    if (own === undefined) cells.set(series, (own = new Map()));
    return own;
  }

  return {
    addTokens(side, of, row, card) {
      // Tokens of capacity cost nothing by themselves: its hours do.
      if (card !== undefined && !card.perToken) {
        capacity[side] += row.cost ?? 0n;
        return;
      }
      const own = cellsOf(seriesOf(of));
      for (const part of partsOf(row, card === undefined ? undefined : ratesOf(card))) {
        const cell = cellOf(own, part.amount);
        cell.tokens[side] += part.tokens;
        cell.cost[side] += part.cost;
        cell.hasUnpriced ||= part.isUnpriced;
      }
    },
    addCapacity(side, cost) {
      capacity[side] += cost ?? 0n;
      isCapacityKnown &&= cost !== null;
    },
    addUnknown(side, cost) {
      unknown[side] += cost;
    },
    finish() {
      const lines: ChangeLine[] = [
        { kind: 'unknown', costBefore: unknown.before, cost: unknown.after },
      ];
      for (const [series, own] of cells) {
        for (const { tokens, cost, hasUnpriced } of own.values()) {
          const costs = { costBefore: cost.before, cost: cost.after };
          if (hasUnpriced) lines.push({ kind: 'unknown', ...costs });
          else {
            const { before: tokensBefore, after } = tokens;
            lines.push({ kind: 'tokens', series, tokensBefore, tokens: after, ...costs });
          }
        }
      }
      const { before: costBefore, after: cost } = capacity;
      lines.push({ kind: isCapacityKnown ? 'capacity' : 'unknown', costBefore, cost });
      return lines;
    },
  };
}

function cellOf(own: Map<CellAmount, Cell>, amount: CellAmount): Cell {
  let cell = own.get(amount);
  if (cell === undefined) {
    cell = {
      tokens: { before: 0n, after: 0n },
      cost: { before: 0n, after: 0n },
      hasUnpriced: false,
    };
    own.set(amount, cell);
  }
  return cell;
}

interface RowPart {
  readonly amount: CellAmount;
  readonly tokens: bigint;
  readonly isUnpriced: boolean;
  cost: NanoUsd;
}

/** A row's cost by type of token: what each costs at its rate, with its share of what rounding every minute made of it. */
function partsOf(row: SummedAmounts, rates: ChargeRates | undefined): readonly RowPart[] {
  const parts: RowPart[] = [];
  const weights: bigint[] = [];
  let used = 0n;
  for (const amount of tokenAmounts) {
    const count = row[amount];
    if (count === null || count === 0) continue;
    const tokens = BigInt(count);
    // Never rated: it has no cost, whatever the card says.
    const rate = row.cost === null ? undefined : rates?.[amount]?.best;
    used += tokens;
    parts.push({ amount, tokens, cost: 0n, isUnpriced: rate === undefined });
    if (rate !== undefined) weights.push(tokens * rate);
  }
  if (row.cost === null || row.cost === 0n) return parts;
  if (weights.length === 0) {
    return [{ amount: 'all', tokens: used, cost: row.cost, isUnpriced: row.unpricedTokens > 0 }];
  }
  let place = 0;
  const costs = shareOut(row.cost, weights);
  for (const part of parts) {
    if (part.isUnpriced) continue;
    part.cost = costs[place] ?? 0n;
    place += 1;
  }
  return parts;
}

/** A total by weights, to the nano-dollar. */
function shareOut(total: NanoUsd, weights: readonly bigint[]): readonly NanoUsd[] {
  const whole = weights.reduce((sum, one) => sum + one, 0n);
  if (whole === 0n) return weights.map((_, place) => (place === 0 ? total : 0n));
  let weight = 0n;
  let given = 0n;
  return weights.map((own) => {
    weight += own;
    const upTo = (total * weight) / whole;
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
