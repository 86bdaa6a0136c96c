import type { Discount, Price, PriceSource } from '../core/price.ts';
import { compareRanks, holds, rankOf, scopeFields, wordsOf } from './scope.ts';

/** Prices and discounts in the order in which they are asked: of those that hold, the first one wins. */
export interface PriceBook {
  readonly prices: readonly Price[];
  readonly discounts: readonly Discount[];
  /** Those whose word for the model holds for this one, in order. */
  pricesOf(model: string): readonly Price[];
  discountsOf(model: string): readonly Discount[];
}

/** Both cloud lists are one layer: neither speaks of the other's cloud. */
const layers: Readonly<Record<PriceSource, number>> = {
  file: 0,
  aws_price_list: 1,
  azure_retail_prices: 1,
  genai_prices: 2,
};

/** What decides between two prices of the same item that both hold, first to last. */
export const orderWords = ['layer', ...scopeFields, 'from', 'band', 'cacheTtl'] as const;
export type OrderWord = (typeof orderWords)[number];

/**
 * Place of a price among those of its item, by `orderWords`: the higher layer; the scope that says more; the later date; a
 * context band or cache TTL of its own before a price for any. Compare with `compareRanks`.
 */
export function placeOf(price: Price): readonly number[] {
  const isBanded = price.band === 'any' ? 0 : 1;
  const isTimed = price.cacheTtl === '' ? 0 : 1;
  return [-layers[price.source], ...rankOf(price), price.from, isBanded, isTimed];
}

/** Two entries of a book that hold at once, say different things, and nothing decides between. */
export class PriceTieError extends Error {
  readonly references: readonly [string, string];

  constructor(message: string, references: readonly [string, string]) {
    super(message);
    this.name = 'PriceTieError';
    this.references = references;
  }
}

/**
 * All layers as one book. Of each source pass one edition: what an earlier one said ends (`to`) where the later one begins.
 * Throws a `PriceTieError` that names both entries where two hold from the same day for the same scope and differ.
 */
export function createBook(prices: readonly Price[], discounts: readonly Discount[]): PriceBook {
  refuseTies(prices.filter(everHolds), priceId, priceValue);
  refuseTies(discounts.filter(everHolds), discountId, ({ offPpm }) => `${offPpm} ppm off`);
  const orderedPrices = ordered(prices, placeOf);
  const orderedDiscounts = ordered(discounts, (one) => [...rankOf(one), one.from]);
  return {
    prices: orderedPrices,
    discounts: orderedDiscounts,
    pricesOf: byModel(orderedPrices),
    discountsOf: byModel(orderedDiscounts),
  };
}

function everHolds({ from, to }: Price | Discount): boolean {
  return from < to;
}

function priceId(price: Price): string {
  const { item, band, cacheTtl, from } = price;
  return JSON.stringify([layers[price.source], item, band, cacheTtl, from, scopeOf(price)]);
}

function priceValue({ nanoUsd, thresholdTokens }: Price): string {
  const above = thresholdTokens === null ? '' : ` with the threshold ${thresholdTokens}`;
  return `${nanoUsd} nano-dollars${above}`;
}

function discountId(discount: Discount): string {
  return JSON.stringify([discount.from, scopeOf(discount)]);
}

function scopeOf(scope: Price | Discount): readonly string[] {
  return scopeFields.map((field) => scope[field]);
}

function refuseTies<T extends Price | Discount>(
  entries: readonly T[],
  idOf: (entry: T) => string,
  valueOf: (entry: T) => string,
): void {
  const seen = new Map<string, T>();
  for (const entry of entries) {
    const id = idOf(entry);
    const other = seen.get(id);
    if (other === undefined) seen.set(id, entry);
    else if (valueOf(other) !== valueOf(entry)) {
      const what = 'item' in entry ? `prices of ${entry.item}` : 'discounts';
      const day = new Date(entry.from).toISOString().slice(0, 10);
      throw new PriceTieError(
        `two ${what} hold for ${wordsOf(entry)} from ${day}: ${other.reference} says ` +
          `${valueOf(other)}, ${entry.reference} says ${valueOf(entry)}; delete one, narrow its ` +
          'scope or give it another date',
        [other.reference, entry.reference],
      );
    }
  }
}

/** Entries alike in all that decides stand by reference, so that the order they came in changes nothing. */
function ordered<T extends Price | Discount>(
  entries: readonly T[],
  placed: (entry: T) => readonly number[],
): readonly T[] {
  return entries
    .filter(everHolds)
    .map((entry) => ({ entry, place: placed(entry) }))
    .toSorted(
      (a, b) =>
        compareRanks(a.place, b.place) ||
        compareWords(a.entry.reference, b.entry.reference) ||
        b.entry.to - a.entry.to,
    )
    .map(({ entry }) => entry);
}

function compareWords(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function byModel<T extends Price | Discount>(
  entries: readonly T[],
): (model: string) => readonly T[] {
  const known = new Map<string, readonly T[]>();
  return (model) => {
    const found = known.get(model) ?? entries.filter((one) => holds('model', one.model, model));
    known.set(model, found);
    return found;
  };
}
