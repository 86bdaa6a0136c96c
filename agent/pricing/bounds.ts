import { divideHalfUp, ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { LearntShares } from '../core/calibration.ts';
import type { BoundReason, RateCard, RateRange, RatingEvidence } from '../core/rating.ts';
import type { TokenItem } from '../core/price.ts';
import { tokenAmounts } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';

export type TokenAmount = (typeof tokenAmounts)[number];

/** Nano-dollars for a million tokens of each amount; absent where it has no price. */
export type AmountRates = Readonly<Partial<Record<TokenAmount, RateRange>>>;

/** `short`: no request passed the threshold. `either`: any of them may have. */
export interface CardRates {
  readonly short: AmountRates;
  readonly either: AmountRates;
}

const free: RateRange = { low: 0n, best: 0n, high: 0n };

/**
 * Rates of a row's amounts. Input that the meter does not split is taken as input: at the least all of it was read from a
 * cache, at the most it was written to one, whichever are priced. Requests above the threshold cost the other band whole, so
 * a row's tokens of any item lie in either band in any share: the range is that of both, and the best is short. What bills
 * taught moves the best, never the bounds.
 */
export function ratesOf(card: RateCard): CardRates {
  if (!card.perToken) {
    const rates = card.unpriced === undefined ? allFree() : {};
    return { short: rates, either: rates };
  }
  const { calibration } = card;
  const short = withUnsplit(card.short, calibration);
  if (card.long === undefined) return { short, either: short };
  return { short, either: join(short, withUnsplit(card.long, calibration), calibration?.longPpm) };
}

function allFree(): AmountRates {
  return { input: free, cacheRead: free, cacheWrite: free, output: free, unsplitInput: free };
}

/** In one band. */
export function withUnsplit(
  items: Readonly<Partial<Record<TokenItem, RateRange>>>,
  learnt?: LearntShares,
): AmountRates {
  const rateOf = (item: TokenItem) => learntRate(items[item], learnt?.positions[item]);
  const input = rateOf('input');
  const cacheRead = rateOf('cache_read');
  const cacheWrite = rateOf('cache_write');
  const output = rateOf('output');
  return {
    ...(input && { input, unsplitInput: unsplit(input, cacheRead, cacheWrite, learnt?.unsplit) }),
    ...(cacheRead && { cacheRead }),
    ...(cacheWrite && { cacheWrite }),
    ...(output && { output }),
  };
}

/** `ppm` of the way from `from` to `to`, to the nearest nano-dollar: never beyond either. */
function between(from: NanoUsd, to: NanoUsd, ppm: number): NanoUsd {
  if (to < from) return between(to, from, ppmOfWhole - ppm);
  return from + divideHalfUp((to - from) * BigInt(ppm), BigInt(ppmOfWhole));
}

function learntRate(
  range: RateRange | undefined,
  position: number | undefined,
): RateRange | undefined {
  if (range === undefined || position === undefined || range.low === range.high) return range;
  return { ...range, best: between(range.low, range.high, position) };
}

/** The mean of the three rates by the shares that bills taught; without them all of it is input. */
function unsplit(
  input: RateRange,
  read = input,
  write = input,
  shares: LearntShares['unsplit'] = { readPpm: 0, writePpm: 0 },
): RateRange {
  const { readPpm, writePpm } = shares;
  const inputPpm = ppmOfWhole - readPpm - writePpm;
  const mean =
    input.best * BigInt(inputPpm) + read.best * BigInt(readPpm) + write.best * BigInt(writePpm);
  const all = [input, read, write];
  return {
    low: all.reduce((low, one) => (one.low < low ? one.low : low), input.low),
    best: divideHalfUp(mean, BigInt(ppmOfWhole)),
    high: all.reduce((high, one) => (one.high > high ? one.high : high), input.high),
  };
}

function join(short: AmountRates, long: AmountRates, longPpm = 0): AmountRates {
  const rates: Partial<Record<TokenAmount, RateRange>> = {};
  for (const name of tokenAmounts) {
    const a = short[name];
    if (a === undefined) continue;
    const b = long[name] ?? a;
    rates[name] = {
      low: b.low < a.low ? b.low : a.low,
      best: between(a.best, b.best, longPpm),
      high: b.high > a.high ? b.high : a.high,
    };
  }
  return rates;
}

/**
 * Whether no request of the row can have passed the threshold: the largest did not, or all input together does not. A row
 * whose input is not told at all shows nothing by its total.
 */
export function isShort(
  thresholdTokens: number | null,
  { input, cacheRead, cacheWrite, unsplitInput }: Amounts,
  evidence: RatingEvidence,
): boolean {
  if (thresholdTokens === null) return true;
  const total = (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0) + (unsplitInput ?? 0);
  if ((input !== null || unsplitInput !== null) && total <= thresholdTokens) return true;
  // Asked for last: whoever rates may have to look for it.
  const { mostInputTokens } = evidence;
  return mostInputTokens !== null && mostInputTokens <= thresholdTokens;
}

export const itemOf = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  output: 'output',
  unsplitInput: 'input',
} as const satisfies Readonly<Record<TokenAmount, TokenItem>>;

/** Why this row's cost is a range: none where low and high are the same for any count of tokens. */
export function reasonsOf(
  card: RateCard,
  amounts: Amounts,
  evidence: RatingEvidence,
): readonly BoundReason[] {
  const { short, either } = ratesOf(card);
  const rates = isShort(card.thresholdTokens, amounts, evidence) ? short : either;
  const reasons = new Set<BoundReason>();
  for (const name of tokenAmounts) {
    const used = rates[name];
    if (used === undefined || used.low === used.high || (amounts[name] ?? 0) === 0) continue;
    const inShort = short[name];
    if (inShort?.low !== used.low || inShort.high !== used.high) reasons.add('long_context');
    const item = card.short[itemOf[name]];
    if (name === 'unsplitInput' && (inShort?.low !== item?.low || inShort?.high !== item?.high)) {
      reasons.add('unsplit_input');
    }
    for (const reason of card.reasons[itemOf[name]] ?? []) reasons.add(reason);
  }
  return [...reasons].toSorted();
}
