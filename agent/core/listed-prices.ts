import type { Price } from './price.ts';
import type { PriceSkip } from './price-list.ts';

/** Tells one thing that has a price from every other, its context band left out. */
export function bandlessKey(price: Price): string {
  const { source, cloud, model, modelVersion, account, region, routing, tier } = price;
  const scope = [source, cloud, model, modelVersion, account, region, routing, tier];
  return [...scope, price.item, price.cacheTtl].join('|');
}

/** Tells one thing that has a price, of one source, from every other. What differs in dates only has one key. */
export function priceKey(price: Price): string {
  return `${bandlessKey(price)}|${price.band}`;
}

/** A row, and what the list calls it. */
export interface ListedPrice {
  readonly price: Price;
  readonly name: string;
}

/**
 * One row for each thing and date. The same row twice is one; two prices for one thing and date are none, and both are
 * skipped. A price without a band beside one for long requests is the one for short requests.
 */
export function settleListed(listed: readonly ListedPrice[]): {
  readonly prices: readonly Price[];
  readonly skipped: readonly PriceSkip[];
} {
  const thresholds = new Map(
    listed
      .filter(({ price }) => price.band === 'long')
      .map(({ price }) => [bandlessKey(price), price.thresholdTokens]),
  );
  const groups = new Map<string, ListedPrice[]>();
  for (const { price, name } of listed) {
    const thresholdTokens = thresholds.get(bandlessKey(price)) ?? null;
    const isShort = price.band === 'any' && thresholdTokens !== null;
    const settled: Price = isShort ? { ...price, band: 'short', thresholdTokens } : price;
    const key = `${priceKey(settled)}@${settled.from}`;
    groups.set(key, [...(groups.get(key) ?? []), { price: settled, name }]);
  }
  const prices: Price[] = [];
  const skipped: PriceSkip[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    if (group.every(({ price }) => price.nanoUsd === first.price.nanoUsd)) {
      prices.push(first.price);
      continue;
    }
    for (const { price, name } of group) {
      skipped.push({ reference: price.reference, name, reason: 'conflict' });
    }
  }
  return { prices, skipped };
}
