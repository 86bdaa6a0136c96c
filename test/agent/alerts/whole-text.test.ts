import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wholeText } from '../../../agent/alerts/whole-text.ts';

const intl = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

it.each([
  ['three digits have no group', 999, '999'],
  ['four have two', 1_000, '1,000'],
  ['every three are one', 12_345_678.4, '12,345,678'],
  ['a half goes up', 1_999.5, '2,000'],
  ['what is below nothing keeps its sign', -12_345, '-12,345'],
])('%s', (_, value, expected) => {
  expect(wholeText(value)).toBe(expected);
});

it('says what Intl says', () => {
  const any = fc.oneof(
    fc.double({ noNaN: true }),
    fc.double({ min: 0, max: 1e16, noNaN: true }),
    fc.integer({ min: 0, max: 1e9 }).map((halves) => halves / 2),
    fc.integer({ min: 0, max: 1e9 }),
  );
  fc.assert(
    fc.property(
      any.filter((value) => !Object.is(value, -0)),
      (value) => {
        expect(wholeText(value)).toBe(intl.format(value));
      },
    ),
    { numRuns: 1_000 },
  );
});
