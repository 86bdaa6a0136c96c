import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaled } from '../../../agent/core/decimal.ts';

describe('a decimal text times a power of ten', () => {
  it.each([
    ['0.0080000000', 12, 8_000_000_000n],
    ['2.5', 9, 2_500_000_000n],
    ['1e-7', 9, 100n],
    ['1E+2', 0, 100n],
    ['-0.5', 1, -5n],
    ['000.0', 9, 0n],
    ['0.25', 1, undefined],
    ['1e-10', 9, undefined],
    ['', 9, undefined],
    ['.5', 9, undefined],
    ['5.', 9, undefined],
    ['1,000', 9, undefined],
    ['0x10', 9, undefined],
    ['Infinity', 9, undefined],
    ['1e999', 9, undefined],
    ['9'.repeat(31), 0, undefined],
  ])('%s by 10^%i is %s', (text, power, expected) => {
    expect(scaled(text, power)).toBe(expected);
  });

  it('reads every number as it is printed, up to fifteen digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 15 - 1 }), fc.nat(12), (digits, places) => {
        const number = Number(`${digits}e-${places}`);
        expect(scaled(String(number), 12)).toBe(BigInt(digits) * 10n ** BigInt(12 - places));
      }),
    );
  });
});
