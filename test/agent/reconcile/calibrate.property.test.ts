import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRater } from '../../../agent/pricing/rater.ts';
import { learnCalibrations } from '../../../agent/reconcile/calibrate.ts';
import {
  billOf,
  dayAt,
  inputOfDays,
  nanoOf,
  ratedDay,
  shareBook,
  worldDay,
} from './shares-world.ts';
import type { TrueShares } from './shares-world.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const shares: fc.Arbitrary<TrueShares> = fc.record({
  read: fc.double({ min: 0, max: 0.98, noNaN: true }),
  write: fc.double({ min: 0, max: 0.5, noNaN: true }),
  long: fc.oneof(fc.constant(0), share),
  priority: fc.oneof(fc.constant(0), share),
});
/** How much was used on each day beside an ordinary one. */
const scales = fc.array(fc.double({ min: 0.4, max: 3, noNaN: true }), {
  minLength: 37,
  maxLength: 37,
});

describe('thirty days of bills', () => {
  test('bring the next seven within a percent of their bill, on stable traffic', () => {
    fc.assert(
      fc.property(shares, scales, (hidden, sizes) => {
        const days = sizes.map((scale) => worldDay(hidden, scale));
        const learnt = learnCalibrations(inputOfDays(days.slice(0, 30)), [], dayAt(31));
        const rater = createRater(shareBook(), [], learnt);
        let estimate = 0;
        let billed = 0;
        for (const [index, day] of days.entries()) {
          if (index < 30) continue;
          const { cost, low, high } = ratedDay(rater, day, index);
          expect(low <= cost && cost <= high).toBe(true);
          estimate += Number(cost);
          billed += nanoOf(billOf(day, index));
        }
        expect(Math.abs(estimate - billed) / billed).toBeLessThan(0.01);
      }),
      { numRuns: 50 },
    );
  });

  test('never move an estimate out of its bounds, nor the bounds, whatever the traffic does', () => {
    fc.assert(
      fc.property(fc.array(shares, { minLength: 3, maxLength: 12 }), shares, (hidden, after) => {
        const days = hidden.map((one) => worldDay(one));
        const learnt = learnCalibrations(inputOfDays(days), [], dayAt(31));
        const plain = ratedDay(createRater(shareBook(), []), worldDay(after), 40);
        const rated = ratedDay(createRater(shareBook(), [], learnt), worldDay(after), 40);
        expect([rated.low, rated.high]).toEqual([plain.low, plain.high]);
        expect(rated.low <= rated.cost && rated.cost <= rated.high).toBe(true);
      }),
    );
  });
});
