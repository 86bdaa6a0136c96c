import type { Calibration } from '../core/calibration.ts';
import type { Discount, Price } from '../core/price.ts';
import type { CardSpan, Rater, RatingSubject } from '../core/rating.ts';
import { createBook } from './book.ts';
import type { PriceBook } from './book.ts';
import { calibratedSpans, calibrationsBySubject } from './calibrated.ts';
import { cardSpansOf } from './cards.ts';
import { openConcerns } from './concern.ts';
import { fingerprint } from './fingerprint.ts';
import { capacityHoursOf, unitHourSpansOf } from './provisioned.ts';
import type { UnitHourSpan } from './provisioned.ts';
import { createRate } from './rate.ts';
import { sharesOf } from './shares.ts';

/** Raise with every change of what prices mean or how they are multiplied: ledgers made before look for cards that differ. */
const ratingRules = 1;

/**
 * All of the pricing's judgement as one value, with what bills taught. Throws a `PriceTieError` as `createBook` does.
 */
export function createRater(
  prices: readonly Price[],
  discounts: readonly Discount[],
  calibrations: readonly Calibration[] = [],
): Rater {
  return raterOf(createBook(prices, discounts), calibrations);
}

function raterOf(book: PriceBook, calibrations: readonly Calibration[]): Rater {
  const calibrationsOf = calibrationsBySubject(calibrations);
  const concernOf = openConcerns(book);
  /** By who is concerned, without what bills taught. */
  const listed = new Map<string, readonly CardSpan[]>();
  const known = new Map<string, readonly CardSpan[]>();
  const knownHours = new Map<string, readonly UnitHourSpan[]>();
  return {
    version: fingerprint([
      ratingRules,
      book.prices.map(withoutFetch),
      book.discounts,
      ...(calibrations.length === 0 ? [] : [calibrations.map(withoutDays)]),
    ]),
    cardsOf(subject) {
      const id = subjectName(subject);
      const asked = known.get(id);
      if (asked !== undefined) return asked;
      const concern = concernOf(subject);
      const list = listed.get(concern.name) ?? cardSpansOf(concern, subject);
      listed.set(concern.name, list);
      const spans = calibratedSpans(list, calibrationsOf(subject));
      known.set(id, spans);
      return spans;
    },
    rate: createRate(),
    capacityHoursOf(subject, capacity, window) {
      const id = subjectName(subject);
      const rates = knownHours.get(id) ?? unitHourSpansOf(book, subject);
      knownHours.set(id, rates);
      return capacityHoursOf(capacity, rates, window);
    },
    sharesOf,
  };
}

function subjectName(subject: RatingSubject): string {
  const { cloud, model, modelVersion, account, region, routing, tier, family } = subject;
  const unlisted = subject.unlisted === true ? 'unlisted' : '';
  return [cloud, model, modelVersion, account, region, routing, tier, family, unlisted].join('\n');
}

/** Days that confirm what was learnt change no rate. */
function withoutDays({
  learntFrom: _from,
  days: _days,
  learntAt: _at,
  ...learnt
}: Calibration): Omit<Calibration, 'learntFrom' | 'days' | 'learntAt'> {
  return learnt;
}

function withoutFetch({ fetchedAt: _fetchedAt, ...price }: Price): Omit<Price, 'fetchedAt'> {
  return price;
}
