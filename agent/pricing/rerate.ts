import type { CardSpan, RateCard, Rater, RatingSubject } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';

/** Over `[from, to)` another card holds than did. */
export interface CardChange {
  readonly from: Instant;
  readonly to: Instant;
  readonly before: RateCard;
  readonly after: RateCard;
  /** False where the same rates come from other prices: no cost moves, only where it comes from. */
  readonly ratesDiffer: boolean;
}

/** What the ledger must rate again for a subject when one rater takes the place of another; nothing where they agree. */
export function changesOf(
  before: Pick<Rater, 'cardsOf'>,
  after: Pick<Rater, 'cardsOf'>,
  subject: RatingSubject,
): readonly CardChange[] {
  return changedSpans(before.cardsOf(subject), after.cardsOf(subject));
}

/** Both lists cover the same time, oldest first. */
export function changedSpans(
  before: readonly CardSpan[],
  after: readonly CardSpan[],
): readonly CardChange[] {
  const changes: CardChange[] = [];
  let next = 0;
  for (const old of before) {
    for (let index = next; index < after.length; index += 1) {
      const fresh = after[index];
      if (fresh === undefined || fresh.from >= old.to) break;
      next = index;
      const from = Math.max(old.from, fresh.from);
      const to = Math.min(old.to, fresh.to);
      if (from >= to || old.card.key === fresh.card.key) continue;
      const ratesDiffer = old.card.rateKey !== fresh.card.rateKey;
      changes.push({ from, to, before: old.card, after: fresh.card, ratesDiffer });
    }
  }
  return changes;
}
