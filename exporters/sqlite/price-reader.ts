import type { PriceBookReader } from '../../agent/core/price-store.ts';
import type { RateCard } from '../../agent/core/rating.ts';
import { spanFrom, storedSpans } from './cards.ts';
import type { StoredSpan } from './cards.ts';
import type { Db } from './database.ts';
import type { Prices } from './prices.ts';

/** Texts whose cards are kept: one holds for all traffic that is priced alike. */
const mostCards = 1_000;
const keptMs = 300_000;

export function createPriceReader(db: Db, prices: Prices): PriceBookReader {
  const find = db.prepare<[number], StoredSpan>(storedSpans);
  const cards = new Map<string, RateCard>();
  let drop: NodeJS.Timeout | undefined;

  function forget(): void {
    drop = undefined;
    cards.clear();
  }

  function cardFrom(stored: StoredSpan) {
    const { from, to, card } = spanFrom(stored);
    if (cards.size >= mostCards) cards.clear();
    cards.set(stored.card, card);
    drop ??= setTimeout(forget, keptMs).unref();
    return { from, to, card };
  }

  return {
    prices: () => Promise.resolve(prices.all()),
    editions: () => Promise.resolve(prices.editions()),
    offers: () => Promise.resolve(prices.offers()),
    cardsOf(identityId) {
      const spans = find.all(identityId);
      if (spans.length === 0) return Promise.resolve(undefined);
      return Promise.resolve(
        spans.map((stored) => {
          const card = cards.get(stored.card);
          const { from_at: from, to_at: to } = stored;
          return card === undefined ? cardFrom(stored) : { from, to, card };
        }),
      );
    },
  };
}
