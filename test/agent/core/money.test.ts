import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideHalfUp } from '../../../agent/core/money.ts';

describe('a quotient rounded half up', () => {
  it.each([
    ['nothing', 0n, 7n, 0n],
    ['whole', 14n, 7n, 2n],
    ['below a half', 3n, 7n, 0n],
    ['a half', 5n, 10n, 1n],
    ['one and a half', 15n, 10n, 2n],
    ['two and a half', 25n, 10n, 3n],
    ['above a half', 4n, 7n, 1n],
  ] as const)('%s', (_, dividend, divisor, expected) => {
    expect(divideHalfUp(dividend, divisor)).toBe(expected);
  });

  it('is within a half of the quotient, and never below it at a half', () => {
    const any = fc.bigInt({ min: 0n, max: 10n ** 30n });
    fc.assert(
      fc.property(any, any, (dividend, less) => {
        const divisor = less + 1n;
        const twiceOff = 2n * (divideHalfUp(dividend, divisor) * divisor - dividend);
        expect(-divisor < twiceOff && twiceOff <= divisor).toBe(true);
      }),
    );
  });
});
