import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianOf } from '../../../../agent/alerts/budgets/robust.ts';

test.each([
  ['of nothing there is none', [], Number.NaN],
  ['of one it is that', [7], 7],
  ['of an odd number it is the one in the middle', [9, 1, 5], 5],
  ['of an even number it is half way between the two', [9, 1, 5, 3], 4],
])('%s', (_, values, expected) => {
  expect(medianOf(values)).toBe(expected);
});

test('as many lie below it as above, few values or many, and they keep their order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 40 }), (values) => {
      const before = [...values];
      const median = medianOf(values);
      const below = values.filter((value) => value < median).length;
      const above = values.filter((value) => value > median).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
      expect(values).toEqual(before);
    }),
  );
});
