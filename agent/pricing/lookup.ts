import type { CacheTtl, Discount, Price, PriceItem } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import type { PriceBook } from './book.ts';
import { misfitOf } from './scope.ts';
import type { Traffic } from './scope.ts';

/** What one item may cost within a kind of traffic, where the meter shows neither. */
export interface Variant {
  readonly cacheTtl: CacheTtl;
  readonly short: Price;
  /** Of requests above the threshold; absent where they cost the same. */
  readonly long?: Price;
}

/** Shortest first; a price that names none is that of the plain write. */
const ttlOrder: readonly CacheTtl[] = ['', '5m', '30m', '1h'];

/**
 * The price of one item for one kind of traffic at a time, one for each cache TTL, shortest first; none where it has no
 * price. Each band and each TTL is looked up by itself, so a higher layer that speaks of one of them leaves the others to
 * the layers below, while its price for `any` stands for all. `routing` and `tier` are taken as they are: `unknown` is a word
 * that no price has.
 */
export function lookUp(
  book: PriceBook,
  item: PriceItem,
  traffic: Traffic,
  at: Instant,
): readonly Variant[] {
  const holding = book
    .pricesOf(traffic.model)
    .filter((one) => one.item === item && isAt(one, at) && misfitOf(one, traffic) === undefined);
  return ttlsOf(item, holding).flatMap((cacheTtl) => {
    const fitting = holding.filter(
      (one) => item !== 'cache_write' || one.cacheTtl === '' || one.cacheTtl === cacheTtl,
    );
    const short = fitting.find(({ band }) => band !== 'long');
    const long = fitting.find(({ band }) => band !== 'short');
    if (short === undefined) return [];
    return [{ cacheTtl, short, ...(long === undefined || long === short ? {} : { long }) }];
  });
}

/** The discount of the traffic, the most specific and then the latest one. */
export function discountOf(book: PriceBook, traffic: Traffic, at: Instant): Discount | undefined {
  return book
    .discountsOf(traffic.model)
    .find((one) => isAt(one, at) && misfitOf(one, traffic) === undefined);
}

export function isAt({ from, to }: Price | Discount, at: Instant): boolean {
  return from <= at && at < to;
}

/** A price without TTL beside one for five minutes speaks of the TTLs that have none: there is nothing shorter. */
function ttlsOf(item: PriceItem, holding: readonly Price[]): readonly CacheTtl[] {
  if (item !== 'cache_write') return [''];
  const named = new Set(holding.map(({ cacheTtl }) => cacheTtl));
  if (named.has('5m')) named.delete('');
  return ttlOrder.filter((ttl) => named.has(ttl));
}
