import type { BoundReason, RateCard, RateRange, RatingEvidence } from '../core/rating.ts';
import type { TokenItem } from '../core/price.ts';
import type { Amounts } from '../core/usage.ts';

/** The amounts that money is for. */
export const tokenAmounts = ['input', 'cacheRead', 'cacheWrite', 'output', 'unsplitInput'] as const;
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
 * a row's tokens of any item lie in either band in any share: the range is that of both, and the best is short.
 */
export function ratesOf(card: RateCard): CardRates {
  if (!card.perToken) {
    const rates = card.unpriced === undefined ? allFree() : {};
    return { short: rates, either: rates };
  }
  const short = withUnsplit(card.short);
  return { short, either: card.long === undefined ? short : join(short, withUnsplit(card.long)) };
}

function allFree(): AmountRates {
  return { input: free, cacheRead: free, cacheWrite: free, output: free, unsplitInput: free };
}

function withUnsplit(items: Readonly<Partial<Record<TokenItem, RateRange>>>): AmountRates {
  const { input, cache_read: cacheRead, cache_write: cacheWrite, output } = items;
  return {
    ...(input && { input, unsplitInput: unsplit(input, cacheRead, cacheWrite) }),
    ...(cacheRead && { cacheRead }),
    ...(cacheWrite && { cacheWrite }),
    ...(output && { output }),
  };
}

function unsplit(input: RateRange, read = input, write = input): RateRange {
  const all = [input, read, write];
  return {
    low: all.reduce((low, one) => (one.low < low ? one.low : low), input.low),
    best: input.best,
    high: all.reduce((high, one) => (one.high > high ? one.high : high), input.high),
  };
}

function join(short: AmountRates, long: AmountRates): AmountRates {
  const rates: Partial<Record<TokenAmount, RateRange>> = {};
  for (const name of tokenAmounts) {
    const a = short[name];
    if (a === undefined) continue;
    const b = long[name] ?? a;
    rates[name] = {
      low: b.low < a.low ? b.low : a.low,
      best: a.best,
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
