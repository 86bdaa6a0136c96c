import type { Routing, Tier } from '../core/dimension.ts';
import { tokenItems } from '../core/price.ts';
import type { Discount, Price, PriceItem } from '../core/price.ts';
import type { RatingSubject } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import { orderWords, placeOf } from './book.ts';
import type { OrderWord, PriceBook } from './book.ts';
import { discountOf, isAt, lookUp } from './lookup.ts';
import type { Variant } from './lookup.ts';
import { possibilitiesOf } from './offers.ts';
import { quoteOf } from './quote.ts';
import type { Quote } from './quote.ts';
import { misfitOf } from './scope.ts';
import type { ScopeField, Traffic } from './scope.ts';
import type { StandIn } from './stand-ins.ts';

/** How one price of the book came out of a look-up. */
export type Outcome =
  | { readonly kind: 'used' }
  /** Holds for other traffic: `field` is the first that differs. */
  | { readonly kind: 'other_traffic'; readonly field: ScopeField }
  | { readonly kind: 'not_yet' }
  | { readonly kind: 'ended' }
  /** Of the long band, and nothing has a price for the short one: the item has none then. */
  | { readonly kind: 'long_alone' }
  /** Holds too, but another stands before it; `by` what decides, undefined where both say the same. */
  | { readonly kind: 'outranked'; readonly winner: Price; readonly by: OrderWord | undefined };

export interface Candidate {
  readonly price: Price;
  readonly outcome: Outcome;
}

/** One look-up: whose price was asked for, and every price of the item whose word for the model holds. */
export interface Attempt extends StandIn {
  readonly candidates: readonly Candidate[];
  readonly variants: readonly Variant[];
}

/** What the traffic may have been, and the look-ups made until one had a price. */
export interface ExplainedOffer {
  readonly routing: Routing;
  readonly tier: Tier;
  readonly attempts: readonly Attempt[];
  readonly discount: Discount | undefined;
}

export interface ExplainedItem {
  readonly item: PriceItem;
  readonly offers: readonly ExplainedOffer[];
  /** Undefined: no price. A card may still take the input's for cache writes. */
  readonly quote: Quote | undefined;
}

/** Every step from the book to the rates of a subject at a time, as data. */
export function explainLookup(
  book: PriceBook,
  subject: RatingSubject,
  at: Instant,
): readonly ExplainedItem[] {
  const items: readonly PriceItem[] = subject.tier === 'provisioned' ? ['unit_hour'] : tokenItems;
  return items.map((item) => ({
    item,
    offers: possibilitiesOf(item, subject).map(({ routing, tier, standIns }) => ({
      routing,
      tier,
      attempts: attemptsOf(book, item, subject, at, standIns),
      discount: discountOf(book, { ...subject, routing, tier }, at),
    })),
    quote: quoteOf(book, item, subject, at),
  }));
}

function attemptsOf(
  book: PriceBook,
  item: PriceItem,
  subject: RatingSubject,
  at: Instant,
  standIns: readonly StandIn[],
): readonly Attempt[] {
  const attempts: Attempt[] = [];
  for (const standIn of standIns) {
    const { routing, tier } = standIn;
    const traffic = { ...subject, routing, tier };
    const variants = lookUp(book, item, traffic, at);
    const candidates = candidatesOf(book, item, traffic, at, variants);
    attempts.push({ ...standIn, candidates, variants });
    if (variants.length > 0) break;
  }
  return attempts;
}

function candidatesOf(
  book: PriceBook,
  item: PriceItem,
  traffic: Traffic,
  at: Instant,
  variants: readonly Variant[],
): readonly Candidate[] {
  const used = variants.flatMap(({ short, long }) => (long ? [short, long] : [short]));
  return book
    .pricesOf(traffic.model)
    .filter((price) => price.item === item)
    .map((price) => ({ price, outcome: outcomeOf(price, traffic, at, used) }));
}

function outcomeOf(price: Price, traffic: Traffic, at: Instant, used: readonly Price[]): Outcome {
  if (used.includes(price)) return { kind: 'used' };
  const field = misfitOf(price, traffic);
  if (field !== undefined) return { kind: 'other_traffic', field };
  if (!isAt(price, at)) return { kind: at < price.from ? 'not_yet' : 'ended' };
  const winner = used.find((one) => competes(one, price));
  if (winner === undefined) return { kind: 'long_alone' };
  return { kind: 'outranked', winner, by: deciderOf(winner, price) };
}

/** Whether one stands where the other could. */
function competes(a: Price, b: Price): boolean {
  const sameBand = a.band === b.band || a.band === 'any' || b.band === 'any';
  const sameTtl = a.cacheTtl === b.cacheTtl || a.cacheTtl === '' || b.cacheTtl === '';
  return sameBand && sameTtl;
}

function deciderOf(a: Price, b: Price): OrderWord | undefined {
  const [placeA, placeB] = [placeOf(a), placeOf(b)];
  return orderWords.find((_, index) => placeA[index] !== placeB[index]);
}
