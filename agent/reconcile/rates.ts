import type { NanoUsd } from '../core/money.ts';
import type { ContextBand, TokenItem } from '../core/price.ts';
import type { RateCard, RateRange } from '../core/rating.ts';
import { quotient } from './decimals.ts';

/** Nano-dollars. `low <= best <= high`. */
export type CostRange = RateRange;

const perTokens = 1_000_000n;
const free: RateRange = { low: 0n, best: 0n, high: 0n };

/**
 * What a million tokens cost by the cards of a day, in the band that the bill names; where it names none, between the
 * bands. Best is the first card's. Undefined: no price.
 */
export function rateOn(
  cards: readonly RateCard[],
  item: TokenItem,
  band: ContextBand,
): RateRange | undefined {
  let all: RateRange | undefined;
  for (const card of cards) {
    const one = rateOf(card, item, band);
    if (one === undefined) return undefined;
    all = all === undefined ? one : hull(all, one);
  }
  return all;
}

function rateOf(card: RateCard, item: TokenItem, band: ContextBand): RateRange | undefined {
  if (!card.perToken) return card.unpriced === undefined ? free : undefined;
  const short = card.short[item];
  const long = card.long?.[item];
  if (band === 'long') return long ?? short;
  if (band === 'short' || short === undefined || long === undefined) return short;
  return hull(short, long);
}

function hull(a: RateRange, b: RateRange): RateRange {
  return {
    low: a.low < b.low ? a.low : b.low,
    best: a.best,
    high: a.high > b.high ? a.high : b.high,
  };
}

export function costAt(rate: RateRange, tokens: number): CostRange {
  const of = (nanoUsd: NanoUsd) => quotient(nanoUsd * BigInt(tokens), perTokens);
  return { low: of(rate.low), best: of(rate.best), high: of(rate.high) };
}

export function addCosts(a: CostRange, b: CostRange): CostRange {
  return { low: a.low + b.low, best: a.best + b.best, high: a.high + b.high };
}

/** The part of a cost that `tokens` of `all` tokens have. */
export function partOf(cost: CostRange, tokens: number, all: number): CostRange {
  if (all <= 0) return free;
  const of = (nano: NanoUsd) => quotient(nano * BigInt(tokens), BigInt(all));
  return { low: of(cost.low), best: of(cost.best), high: of(cost.high) };
}

/** Nano-dollars for a million tokens. */
export function unitPrice(nano: NanoUsd, tokens: number): NanoUsd | null {
  return tokens <= 0 ? null : quotient(nano * perTokens, BigInt(tokens));
}
