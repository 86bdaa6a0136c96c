import { ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import type { PriceBook } from './book.ts';
import { lookUp } from './lookup.ts';

/** A share of a price, in millionths, beyond which a person is asked. `0.3` for 30 %. */
export function guardOf(confirmAbove: number): bigint {
  return BigInt(Math.round(confirmAbove * ppmOfWhole));
}

/** Exact: whether two prices are further apart than the guard's share of the first. */
export function isFar(from: NanoUsd, to: NanoUsd, guardPpm: bigint): boolean {
  const distance = to > from ? to - from : from - to;
  return distance * BigInt(ppmOfWhole) > from * guardPpm;
}

/** `to` over `from`, to six places, for a person; undefined where `from` is zero. */
export function ratioOf(from: NanoUsd, to: NanoUsd): number | undefined {
  return from === 0n ? undefined : Number((to * BigInt(ppmOfWhole)) / from) / ppmOfWhole;
}

/** What a book of other sources says for the very same thing on the day a price begins, where that is too far away. */
export function disputeOf(price: Price, others: PriceBook, guardPpm: bigint): Price | undefined {
  const { cloud, routing, tier } = price;
  if (cloud === '' || price.model.endsWith('*')) return undefined;
  const traffic = {
    ...price,
    cloud,
    routing: routing === '' ? ('unknown' as const) : routing,
    tier: tier === '' ? ('unknown' as const) : tier,
  };
  const variants = lookUp(others, price.item, traffic, price.from);
  // A write that is kept longer costs more: one for an hour says nothing against one for five minutes.
  const variant =
    price.cacheTtl === ''
      ? variants[0]
      : variants.find(({ cacheTtl }) => cacheTtl === price.cacheTtl || cacheTtl === '');
  const other = price.band === 'long' ? variant?.long : variant?.short;
  return other !== undefined && isFar(other.nanoUsd, price.nanoUsd, guardPpm) ? other : undefined;
}
