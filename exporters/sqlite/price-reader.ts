import type { PriceBookReader } from '../../agent/core/price-store.ts';
import { spanFrom, storedSpans } from './cards.ts';
import type { StoredSpan } from './cards.ts';
import type { Db } from './database.ts';
import type { Prices } from './prices.ts';

export function createPriceReader(db: Db, prices: Prices): PriceBookReader {
  return {
    prices: () => Promise.resolve(prices.all()),
    editions: () => Promise.resolve(prices.editions()),
    offers: () => Promise.resolve(prices.offers()),
    cardsOf(identityId) {
      const spans = db.prepare<[number], StoredSpan>(storedSpans).all(identityId);
      return Promise.resolve(spans.length === 0 ? undefined : spans.map(spanFrom));
    },
  };
}
