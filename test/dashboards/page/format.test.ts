import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as say from '../../../dashboards/page/format.ts';

describe('numbers as they are read', () => {
  it.each([
    ['money to the cent', say.usd(1_234.5), '$1,234.50'],
    ['below a cent with two digits that say something', say.usd(0.001234), '$0.0012'],
    ['less money', say.usd(-3), '−$3.00'],
    ['no money known', say.usd(null), '–'],
    ['more money', say.usdChange(3), '+$3.00'],
    ['no change', say.usdChange(0), '$0.00'],
    ['a change of less than a cent, in cents', say.centsChange(-0.004), '$0.00'],
    ['thousands', say.short(12_345), '12.3 k'],
    ['what rounds up to the next unit', say.short(999_950), '1.00 M'],
    ['what stays below it', say.short(999), '999'],
    ['a share that is not all', say.share(0.99999), '99.9 %'],
    ['all of it', say.share(1), '100.0 %'],
    ['a little of what should be none', say.ratio(0.00001), '< 0.01 %'],
    ['none of it', say.ratio(0), '0.00 %'],
    ['a growth', say.percentChange(110, 100), '+10 %'],
    ['a fall', say.percentChange(99, 100), '−1 %'],
    ['from nothing to something', say.percentChange(5, 0), '–'],
    ['a wait', say.latency(857.4), '857 ms'],
    ['a long wait', say.latency(32_075), '32.1 s'],
    ['seconds', say.duration(45), '45 s'],
    ['minutes', say.duration(612), '10 min'],
    ['hours', say.duration(3 * 3_600 + 12 * 60), '3 h 12 min'],
    ['days', say.duration(5 * 86_400), '5 d'],
  ])('%s', (_name, told, expected) => {
    expect(told).toBe(expected);
  });
});

describe('periods', () => {
  const at = (text: string) => Date.parse(text);
  it.each([
    ['two days', '2026-11-22T03:00Z', '2026-11-23T02:41Z', '22 Nov 03:00 – 23 Nov 02:41 UTC'],
    ['one day in part', '2026-11-22T03:00Z', '2026-11-22T05:00Z', '22 Nov 03:00 – 05:00 UTC'],
    [
      'whole days, the last one named',
      '2026-11-01T00:00Z',
      '2026-12-01T00:00Z',
      '1 Nov – 30 Nov UTC',
    ],
    ['one whole day', '2026-11-22T00:00Z', '2026-11-23T00:00Z', '22 Nov UTC'],
  ])('%s', (_name, start, end, expected) => {
    expect(say.period({ start: at(start), end: at(end) })).toBe(expected);
  });
});

it('a shortened number is within half a percent of the number, and no longer than 7 characters', () => {
  const scale: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e14 }), (amount) => {
      const [digits = '', unit] = say.short(amount).split(' ');
      const told = Number(digits) * (unit === undefined ? 1 : (scale[unit] ?? Number.NaN));
      expect(Math.abs(told - amount)).toBeLessThanOrEqual(amount * 0.00501);
      expect(digits.length).toBeLessThanOrEqual(5);
    }),
  );
});

it('digits are grouped as a locale does', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9e15, max: 9e15 }), (amount) => {
      expect(say.count(amount).replace('−', '-')).toBe(amount.toLocaleString('en-US'));
    }),
  );
});

it('money is never further off than half of its last digit, and says nothing of what is not there', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-8, max: 1e9, noNaN: true }), (amount) => {
      const told = Number(say.usd(amount).replaceAll(/[$,]/g, ''));
      const tolerance = amount < 0.01 ? Math.max(amount * 0.05, 5.1e-10) : 0.00501;
      expect(Math.abs(told - amount)).toBeLessThanOrEqual(tolerance + amount * 1e-12);
    }),
  );
});
