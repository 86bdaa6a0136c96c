import type { Calibration } from '../../../agent/core/calibration.ts';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import type { ContextBand, Price, TokenItem } from '../../../agent/core/price.ts';
import { tokenItems } from '../../../agent/core/price.ts';
import type { Rated, Rater, RatingSubject } from '../../../agent/core/rating.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import type { MeteredDay, ReconcileInput } from '../../../agent/reconcile/inputs.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';
import { billLine, inputOf, meaningOf, meteredDay, october1, sol } from './days.ts';
import type { Dollars } from './days.ts';

/** What the meters do not show, as the requests really were. Each 0 to 1. */
export interface TrueShares {
  /** Of all input. */
  readonly read: number;
  /** Of the rest of it. */
  readonly write: number;
  /** Of all tokens, in requests above the threshold. */
  readonly long: number;
  /** Of all tokens, served by the priority tier. */
  readonly priority: number;
}

export interface WorldDay {
  /** Of every hour: input, cached tokens in it, and output. */
  readonly hours: readonly { readonly input: number; readonly output: number }[];
  readonly shares: TrueShares;
}

const listDollars: Dollars = {
  input: 2.5,
  cache_read: 0.25,
  cache_write: 3.125,
  output: 15,
};

/** Standard and priority, short and long; long requests and priority ones cost twice as much. */
export function shareBook(times = 1, from?: number): readonly Price[] {
  return (['short', 'long'] as const).flatMap((band) =>
    (['standard', 'priority'] as const).flatMap((tier) =>
      tokenItems.map((item) =>
        smallPrice({
          model: sol,
          item,
          tier,
          band,
          thresholdTokens: 272_000,
          nanoUsd: perMillion(dollarsOf(item, band, tier) * times),
          reference: `${item} ${tier} ${band} ${times}`,
          ...(from === undefined ? {} : { from }),
        }),
      ),
    ),
  );
}

function dollarsOf(item: TokenItem, band: ContextBand, tier: string): number {
  const plain = listDollars[item] ?? 0;
  return plain * (band === 'long' ? 2 : 1) * (tier === 'priority' ? 2 : 1);
}

const subject: RatingSubject = {
  cloud: 'azure',
  account: 'sub-1',
  region: 'eastus',
  model: sol,
  modelVersion: '2026-07-01',
  routing: 'global',
  tier: 'unknown',
  family: 'openai',
};

export const dayAt = (index: number) => october1 + index * dayMs;

/** What the meters say of an hour: input of every kind in one. */
function amountsOf({ input, output }: WorldDay['hours'][number]): Amounts {
  const silent = { requests: null, errors: null, throttles: null };
  return { input: null, cacheRead: null, cacheWrite: null, output, unsplitInput: input, ...silent };
}

/** Costs of each hour of a day by a rater, added up. */
export function ratedDay(
  rater: Rater,
  day: WorldDay,
  index: number,
): Record<keyof CostsOf, bigint> {
  const sum = { cost: 0n, low: 0n, high: 0n };
  for (const [hour, one] of day.hours.entries()) {
    const at = dayAt(index) + hour * hourMs;
    const card = rater.cardsOf(subject).findLast(({ from }) => from <= at)?.card;
    if (card === undefined) throw new Error('spans cover all time');
    const rated = rater.rate(card, amountsOf(one), { mostInputTokens: null });
    sum.cost += rated.cost ?? 0n;
    sum.low += rated.low ?? 0n;
    sum.high += rated.high ?? 0n;
  }
  return sum;
}
type CostsOf = Pick<Rated, 'cost' | 'low' | 'high'>;

function totalOf(day: WorldDay, name: 'input' | 'output'): number {
  return day.hours.reduce((sum, one) => sum + one[name], 0);
}

/** Lines by item, tier and band, of the tokens that each really had. */
export function billOf(day: WorldDay, index: number, times = 1): readonly StoredBillLine[] {
  const { read, write, long, priority } = day.shares;
  const input = totalOf(day, 'input');
  const byItem: Record<TokenItem, number> = {
    cache_read: input * read,
    cache_write: input * (1 - read) * write,
    input: input * (1 - read) * (1 - write),
    output: totalOf(day, 'output'),
  };
  return tokenItems.flatMap((item) =>
    (['short', 'long'] as const).flatMap((band) =>
      (['standard', 'priority'] as const).flatMap((tier) => {
        const part =
          (band === 'long' ? long : 1 - long) * (tier === 'priority' ? priority : 1 - priority);
        const tokens = Math.round(byItem[item] * part);
        if (tokens === 0) return [];
        const nano = Math.round(tokens * dollarsOf(item, band, tier) * times * 1_000);
        return [
          billLine({
            day: dayAt(index),
            meter: `${item} ${band} ${tier}`,
            meaning: meaningOf({ item, band, tier }),
            quantity: String(tokens / 1e6),
            cost: (nano / 1e9).toFixed(9),
          }),
        ];
      }),
    ),
  );
}

export function nanoOf(lines: readonly StoredBillLine[]): number {
  return lines.reduce((sum, { cost }) => sum + Number(cost) * 1e9, 0);
}

/** What the meters say of a day, and what the ledger rated it at. */
export function meteredOf(rater: Rater, day: WorldDay, index: number): MeteredDay {
  const start = dayAt(index);
  const spans = rater.cardsOf(subject).filter(({ from, to }) => from < start + dayMs && to > start);
  return meteredDay({
    day: start,
    tier: 'unknown',
    unsplitInput: totalOf(day, 'input'),
    output: totalOf(day, 'output'),
    contract: { kind: 'unsplit', cachedTakenOut: false, basis: 'assumed' },
    cards: spans.map(({ card }) => card),
    ratedHigh: ratedDay(rater, day, index).high,
  });
}

/** The audit's input of these days, the first day of October being number 0. */
export function inputOfDays(
  days: readonly WorldDay[],
  prices: readonly Price[] = shareBook(),
  change: (lines: readonly StoredBillLine[], index: number) => readonly StoredBillLine[] = (
    lines,
  ) => lines,
  calibrations: readonly Calibration[] = [],
): ReconcileInput {
  const rater = createRater(prices, [], calibrations);
  return inputOf({
    metered: days.map((day, index) => meteredOf(rater, day, index)),
    billed: days.flatMap((day, index) => change(billOf(day, index), index)),
  });
}

/** A day of hours that each may have had requests above the threshold. */
export function worldDay(shares: TrueShares, scale = 1): WorldDay {
  const hours = Array.from({ length: 6 }, (_, hour) => ({
    input: Math.round((1_000_000 + hour * 300_000) * scale),
    output: Math.round((100_000 + hour * 20_000) * scale),
  }));
  return { hours, shares };
}
