import type { PriceBookReader } from '../../agent/core/price-store.ts';
import type { CardSpan, RateCard } from '../../agent/core/rating.ts';
import { spanFrom, storedSpans } from './cards.ts';
import type { Cards, StoredSpan } from './cards.ts';
import type { Db } from './database.ts';
import type { Prices } from './prices.ts';

/** Texts whose cards are kept: one holds for all traffic that is priced alike. */
const mostCards = 1_000;
const keptMs = 300_000;

/** @param written who writes the spans; undefined where another process does, so that nothing of them is kept */
export function createPriceReader(
  db: Db,
  prices: Prices,
  written?: () => Pick<Cards, 'version'>,
): PriceBookReader {
  const find = db.prepare<[number], StoredSpan>(storedSpans);
  const cards = new Map<string, RateCard>();
  /** By identity: a short list each, of cards that many share. */
  const spans = new Map<number, readonly CardSpan[]>();
  let of: Pick<Cards, 'version'> | undefined;
  let version = 0;
  /** Of all that is kept. */
  let mark = {};
  let drop: NodeJS.Timeout | undefined;

  function forget(): void {
    drop = undefined;
    cards.clear();
    spans.clear();
    mark = {};
  }

  /** @returns whether anything may be kept */
  function refresh(): boolean {
    const by = written?.();
    if (by !== of || by?.version !== version) {
      spans.clear();
      mark = {};
    }
    of = by;
    version = by?.version ?? 0;
    return by !== undefined;
  }

  function cardFrom(stored: StoredSpan) {
    const { from, to, card } = spanFrom(stored);
    if (cards.size >= mostCards) cards.clear();
    cards.set(stored.card, card);
    return { from, to, card };
  }

  function spansOf(identityId: number): readonly CardSpan[] {
    drop ??= setTimeout(forget, keptMs).unref();
    return find.all(identityId).map((stored) => {
      const card = cards.get(stored.card);
      const { from_at: from, to_at: to } = stored;
      return card === undefined ? cardFrom(stored) : { from, to, card };
    });
  }

  return {
    prices: () => Promise.resolve(prices.all()),
    editions: () => Promise.resolve(prices.editions()),
    offers: () => Promise.resolve(prices.offers()),
    cardsOf(identityId) {
      const isKept = refresh();
      const found = (isKept ? spans.get(identityId) : undefined) ?? spansOf(identityId);
      if (isKept) spans.set(identityId, found);
      return Promise.resolve(found.length === 0 ? undefined : found);
    },
    cardsMark: () => (refresh() ? mark : undefined),
  };
}
