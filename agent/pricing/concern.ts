import type { Discount, Price } from '../core/price.ts';
import type { RatingSubject } from '../core/rating.ts';
import type { PriceBook } from './book.ts';
import { mayHold } from './scope.ts';

/** The part of a book that a subject's cards are made of. */
export interface Concern {
  /** What may hold for the subject, whatever its routing and tier: of the subject it says what the whole book says. */
  readonly book: PriceBook;
  /** Whether any price of the whole book is for the model by name, for whatever traffic. */
  readonly isNamed: boolean;
  /** Subjects of one name have the same cards, whatever else tells them apart. */
  readonly name: string;
}

/**
 * Accounts and regions have mostly one price, and what no price speaks of cannot tell two subjects apart: cards are made once
 * for all whom the same entries may concern.
 */
export function openConcerns(book: PriceBook): (subject: RatingSubject) => Concern {
  /** Of the entries that concerned anybody. */
  const numbers = new Map<Price | Discount, number>();

  function numberOf(entry: Price | Discount): number {
    const number = numbers.get(entry) ?? numbers.size;
    numbers.set(entry, number);
    return number;
  }

  return (subject) => {
    const named = book.pricesOf(subject.model);
    const prices = named.filter((one) => mayHold(one, subject));
    const discounts = book.discountsOf(subject.model).filter((one) => mayHold(one, subject));
    const isNamed = named.some(({ model }) => model !== '' && model !== '*');
    const { cloud, routing, tier, family } = subject;
    const words = [cloud, routing, tier, family, subject.unlisted === true, isNamed];
    const entries = [...prices.map(numberOf), ...discounts.map(numberOf)];
    return {
      book: { prices, discounts, pricesOf: () => prices, discountsOf: () => discounts },
      isNamed,
      name: `${words.join('\n')}\n${entries.join()}`,
    };
  };
}
