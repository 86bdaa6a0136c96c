import type { Routing, Tier } from '../core/dimension.ts';
import { divideHalfUp, ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Discount, Price, PriceItem } from '../core/price.ts';
import type { RateRange, RatingSubject } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import type { PriceBook } from './book.ts';
import { discountOf, lookUp } from './lookup.ts';
import type { Variant } from './lookup.ts';
import { routingsOf, standInsOf, tiersOf } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

/** What one item costs if the traffic had this routing and this tier. */
export interface Offer {
  readonly routing: Routing;
  readonly tier: Tier;
  readonly standIn: StandIn;
  readonly variants: readonly Variant[];
  readonly discount?: Discount;
}

/** Every routing and tier that the subject's traffic may have had and that has a price, the likeliest first. */
export function offersOf(
  book: PriceBook,
  item: PriceItem,
  subject: RatingSubject,
  at: Instant,
): readonly Offer[] {
  return possibilitiesOf(item, subject).flatMap(({ routing, tier, standIns }) => {
    const { standIn, variants } = firstPriced(book, item, subject, at, standIns);
    if (standIn === undefined) return [];
    const discount = discountOf(book, { ...subject, routing, tier }, at);
    const offer = { routing, tier, standIn, variants };
    return [discount === undefined ? offer : { ...offer, discount }];
  });
}

export interface Possibility {
  readonly routing: Routing;
  readonly tier: Tier;
  /** Asked in this order; the first one that has a price is taken. */
  readonly standIns: readonly StandIn[];
}

/**
 * Where the tier is unknown, those beside standard count only by a price of their own: that a model has a flex tier at all is
 * known from the book alone.
 */
export function possibilitiesOf(item: PriceItem, subject: RatingSubject): readonly Possibility[] {
  const isUnknown = subject.tier === 'unknown';
  return routingsOf(subject).flatMap((routing) =>
    tiersOf(subject).map((tier) => {
      const standIns = standInsOf(item, { cloud: subject.cloud, routing, tier });
      return {
        routing,
        tier,
        standIns: isUnknown ? standIns.filter((one) => one.tier === tier) : standIns,
      };
    }),
  );
}

function firstPriced(
  book: PriceBook,
  item: PriceItem,
  subject: RatingSubject,
  at: Instant,
  standIns: readonly StandIn[],
): { readonly standIn?: StandIn; readonly variants: readonly Variant[] } {
  for (const standIn of standIns) {
    const { routing, tier } = standIn;
    const variants = lookUp(book, item, { ...subject, routing, tier }, at);
    if (variants.length > 0) return { standIn, variants };
  }
  return { variants: [] };
}

/**
 * A price under an offer: times the factors of routing and tier, less the discount unless it is of the user's own file;
 * rounded once, to the nearest nano-dollar for a million tokens, a half up.
 */
export function rateOf(price: Price, { standIn, discount }: Offer): RateRange {
  const { routingFactor, tierFactor } = standIn;
  const kept = price.source === 'file' ? ppmOfWhole : keptPpm(discount);
  const times = (word: 'low' | 'best' | 'high'): NanoUsd =>
    divideHalfUp(
      price.nanoUsd * BigInt(routingFactor[word]) * BigInt(tierFactor[word]) * BigInt(kept),
      BigInt(ppmOfWhole) ** 3n,
    );
  return { low: times('low'), best: times('best'), high: times('high') };
}

/** Millionths that are left to pay. */
export function keptPpm(discount: Discount | undefined): number {
  return ppmOfWhole - (discount?.offPpm ?? 0);
}
