import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanOf, medianOf } from '../../../../agent/alerts/budgets/robust.ts';
import { weekdayOf, weekRhythm } from '../../../../agent/alerts/budgets/weekdays.ts';
import { dayMs } from '../../../../agent/core/time.ts';

/** The same, said plainly: every week sorted anew. */
function plainRhythm(days: readonly (number | null)[], firstDay: number) {
  const even = { factors: [1, 1, 1, 1, 1, 1, 1], weeks: 0 };
  const means = days.slice(0, Math.max(days.length - 6, 0)).map((_, start) => {
    const week = days.slice(start, start + 7).filter((value) => value !== null);
    if (week.length < 7) return Number.NaN;
    const most = 3 * medianOf(week);
    return meanOf(week.map((value) => (most > 0 ? Math.min(value, most) : value)));
  });
  const ratios = Array.from({ length: 7 }, (): number[] => []);
  for (const [index, value] of days.entries()) {
    const around = means[Math.min(Math.max(index - 3, 0), means.length - 1)] ?? Number.NaN;
    if (value === null || !(around > 0)) continue;
    ratios[weekdayOf(firstDay + index * dayMs)]?.push(value / around);
  }
  if (ratios.flat().length < 7) return even;
  const own = ratios.map((all) =>
    all.length < 4 ? medianOf(all) : meanOf(all.toSorted((a, b) => a - b).slice(1, -1)),
  );
  const factors = own.map((factor, weekday) => {
    const like = weekday % 6 === 0 ? [0, 6] : [1, 2, 3, 4, 5];
    const known = like.filter((other) => ratios[other]?.length !== 0);
    const group = known.length === 0 ? 1 : meanOf(known.map((other) => own[other] ?? 1));
    const count = ratios[weekday]?.length ?? 0;
    return ((count === 0 ? 0 : count * factor) + 2 * group) / (count + 2);
  });
  const mean = meanOf(factors);
  if (!(mean > 0)) return even;
  const weeks = Math.min(...ratios.map(({ length }) => length));
  return { factors: factors.map((factor) => factor / mean), weeks };
}

test('the rhythm of the week is what sorting every week anew finds', () => {
  const value = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 9 }) },
    { weight: 6, arbitrary: fc.double({ min: 0, max: 1e12, noNaN: true }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 60 }),
      fc.integer({ min: 0, max: 6 }),
      (days, first) => {
        const firstDay = Date.UTC(2026, 10, 1 + first);
        expect(weekRhythm(days, firstDay)).toEqual(plainRhythm(days, firstDay));
      },
    ),
    { numRuns: 500 },
  );
});
