import type { Discount, Price } from '../core/price.ts';
import type { CardSpan, Rater } from '../core/rating.ts';
import { createBook } from './book.ts';
import type { PriceBook } from './book.ts';
import { cardSpansOf } from './cards.ts';
import { fingerprint } from './fingerprint.ts';
import { createRate } from './rate.ts';

/** Raise with every change of what prices mean or how they are multiplied: ledgers made before look for cards that differ. */
const ratingRules = 1;

/** All of the pricing's judgement as one value. Throws a `PriceTieError` as `createBook` does. */
export function createRater(prices: readonly Price[], discounts: readonly Discount[]): Rater {
  return raterOf(createBook(prices, discounts));
}

function raterOf(book: PriceBook): Rater {
  const known = new Map<string, readonly CardSpan[]>();
  return {
    version: fingerprint([ratingRules, book.prices.map(withoutFetch), book.discounts]),
    cardsOf(subject) {
      const { cloud, model, modelVersion, account, region, routing, tier, family } = subject;
      const id = [cloud, model, modelVersion, account, region, routing, tier, family].join('\n');
      const spans = known.get(id) ?? cardSpansOf(book, subject);
      known.set(id, spans);
      return spans;
    },
    rate: createRate(),
  };
}

function withoutFetch({ fetchedAt: _fetchedAt, ...price }: Price): Omit<Price, 'fetchedAt'> {
  return price;
}
