import { ppmOfWhole } from '../core/money.ts';
import type { Discount, Price, PriceItem } from '../core/price.ts';
import type { BoundReason, PriceOrigin, RateRange, RatingSubject } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import type { PriceBook } from './book.ts';
import { keptPpm, offersOf, rateOf } from './offers.ts';
import type { Offer } from './offers.ts';
import type { Variant } from './lookup.ts';

/** What one item of a subject's traffic costs at a time. */
export interface Quote {
  readonly short: RateRange;
  /** As `short` where the item costs the same in both bands. */
  readonly long: RateRange;
  /** The lowest threshold above which a request may cost `long`; null where there is no such band. */
  readonly thresholdTokens: number | null;
  /** Why `short` or `long` is a range. */
  readonly reasons: readonly BoundReason[];
  readonly origins: readonly PriceOrigin[];
}

/** Undefined where the item has no price. */
export function quoteOf(
  book: PriceBook,
  item: PriceItem,
  subject: RatingSubject,
  at: Instant,
): Quote | undefined {
  const offers = offersOf(book, item, subject, at);
  const [best] = offers;
  const rates = offers.flatMap((offer) => offer.variants.map((variant) => ratesOf(offer, variant)));
  if (best === undefined || rates.length === 0) return undefined;
  const thresholds = rates.flatMap(({ variant }) => thresholdOf(variant) ?? []);
  const short = spread(rates.map((one) => one.short));
  const long = spread(rates.map((one) => one.long));
  return {
    short,
    long,
    thresholdTokens: thresholds.length === 0 ? null : Math.min(...thresholds),
    reasons: isRange(short) || isRange(long) ? reasonsOf(subject, rates) : [],
    origins: originsOf(offers),
  };
}

interface Rates {
  readonly offer: Offer;
  readonly variant: Variant;
  readonly short: RateRange;
  readonly long: RateRange;
}

function ratesOf(offer: Offer, variant: Variant): Rates {
  const short = rateOf(variant.short, offer);
  const { long } = variant;
  return { offer, variant, short, long: long === undefined ? short : rateOf(long, offer) };
}

function thresholdOf({ short, long }: Variant): number | null {
  return long === undefined ? null : (long.thresholdTokens ?? short.thresholdTokens);
}

/** The first one's best, and the lowest and highest of all. */
function spread(ranges: readonly RateRange[]): RateRange {
  return ranges.reduce((all, { low, high }) => ({
    low: low < all.low ? low : all.low,
    best: all.best,
    high: high > all.high ? high : all.high,
  }));
}

/**
 * Two rates that differ in one thing alone tell that it is a reason. Where the book has no such pair, all they differ in is.
 */
function reasonsOf(subject: RatingSubject, rates: readonly Rates[]): readonly BoundReason[] {
  const reasons = new Set<BoundReason>();
  for (const { offer } of rates) {
    const { routingFactor, tierFactor } = offer.standIn;
    if (isRange(routingFactor)) {
      reasons.add(subject.routing === 'unknown' ? 'routing_unknown' : 'routing_price_unknown');
    }
    if (isRange(tierFactor)) reasons.add('tier_price_unknown');
  }
  const pairs = rates.flatMap((a) => rates.filter((b) => !isAlike(a, b)).map((b) => apart(a, b)));
  for (const [only, ...more] of pairs) {
    if (only !== undefined && more.length === 0) reasons.add(only);
  }
  for (const pair of pairs) {
    if (!pair.some((reason) => reasons.has(reason))) pair.forEach((reason) => reasons.add(reason));
  }
  return [...reasons].toSorted();
}

function isAlike(a: Rates, b: Rates): boolean {
  return isSame(a.short, b.short) && isSame(a.long, b.long);
}

/** What tells two rates apart. */
function apart(a: Rates, b: Rates): readonly BoundReason[] {
  const reasons: BoundReason[] = [];
  if (a.offer.routing !== b.offer.routing) reasons.push('routing_unknown');
  if (a.offer.tier !== b.offer.tier) reasons.push('tier_unknown');
  if (a.variant.cacheTtl !== b.variant.cacheTtl) reasons.push('cache_ttl');
  return reasons;
}

function isRange<T extends number | bigint>({ low, high }: { readonly low: T; readonly high: T }) {
  return low !== high;
}

function isSame(a: RateRange, b: RateRange): boolean {
  return a.low === b.low && a.best === b.best && a.high === b.high;
}

function originsOf(offers: readonly Offer[]): readonly PriceOrigin[] {
  const origins = new Map<string, PriceOrigin>();
  const add = (origin: PriceOrigin) => {
    const { source, reference, from, band, cacheTtl, factorPpm } = origin;
    const id = JSON.stringify([source, reference, from, band, cacheTtl, factorPpm]);
    if (!origins.has(id)) origins.set(id, origin);
  };
  for (const { standIn, variants, discount } of offers) {
    const factorPpm = (standIn.routingFactor.best * standIn.tierFactor.best) / ppmOfWhole;
    const prices = variants.flatMap(({ short, long }) => (long ? [short, long] : [short]));
    for (const price of prices) add(originOfPrice(price, factorPpm));
    const isUsed = prices.some(({ source }) => source !== 'file');
    if (discount !== undefined && isUsed) add(originOfDiscount(discount));
  }
  return [...origins.values()];
}

function originOfPrice(price: Price, factorPpm: number): PriceOrigin {
  const { thresholdTokens: _threshold, to: _to, fetchedAt: _fetched, ...rest } = price;
  return { ...rest, factorPpm };
}

function originOfDiscount(discount: Discount): PriceOrigin {
  const { offPpm: _off, to: _to, ...rest } = discount;
  return {
    ...rest,
    source: 'discount',
    sourceVersion: '',
    item: null,
    band: 'any',
    cacheTtl: '',
    nanoUsd: null,
    factorPpm: keptPpm(discount),
  };
}
