import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  addExact,
  decimalText,
  exactOf,
  exactZero,
  negated,
  roundedTo,
  sumOfDecimals,
} from '../../../agent/core/decimal-sum.ts';

const exact = fc.record({
  digits: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
  scale: fc.integer({ min: 0, max: 30 }),
});

describe('exactOf', () => {
  const texts: readonly (readonly [text: string, expected: string | undefined])[] = [
    ['0', '0'],
    ['-0.00', '0'],
    ['+1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1.25E-7', '0.000000125'],
    ['1e3', '1000'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['', undefined],
    ['.', undefined],
    ['1,5', undefined],
    ['1.5.1', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['0x10', undefined],
    ['1e999', undefined],
    [' 1', undefined],
  ];
  test.each(texts)('%j is %s', (text, expected) => {
    const found = exactOf(text);
    expect(found === undefined ? undefined : decimalText(found)).toBe(expected);
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(exact, (number) => {
        const text = decimalText(number);
        const again = exactOf(text);
        expect(again && decimalText(again)).toBe(text);
      }),
    );
  });

  it('reads every double as JavaScript writes it, to the same double', () => {
    const doubles = fc.double({ noNaN: true, min: -1e30, max: 1e30 });
    fc.assert(
      fc.property(
        doubles.filter((number) => number === 0 || Math.abs(number) > 1e-90),
        (number) => {
          const found = exactOf(String(number));
          // Adding zero makes no difference of -0.
          expect(Number(found && decimalText(found)) + 0).toBe(number + 0);
        },
      ),
    );
  });
});

describe('a sum', () => {
  it('is exact where doubles are not', () => {
    expect(sumOfDecimals(['0.1', '0.2'])).toBe('0.3');
    expect(sumOfDecimals(['1e20', '1e-20', '-1e20'])).toBe('0.00000000000000000001');
    expect(sumOfDecimals([])).toBe('0');
    expect(sumOfDecimals(['1', 'x'])).toBeUndefined();
  });

  it('does not depend on order or grouping, and what is taken back is gone', () => {
    fc.assert(
      fc.property(exact, exact, exact, (a, b, c) => {
        const left = decimalText(addExact(addExact(a, b), c));
        expect(decimalText(addExact(c, addExact(b, a)))).toBe(left);
        expect(decimalText(addExact(addExact(a, b), negated(b)))).toBe(decimalText(a));
        expect(decimalText(addExact(a, exactZero))).toBe(decimalText(a));
      }),
    );
  });
});

describe('roundedTo', () => {
  const cases: readonly (readonly [text: string, scale: number, expected: string])[] = [
    ['1.25', 1, '1.3'],
    ['-1.25', 1, '-1.3'],
    ['1.24', 1, '1.2'],
    ['1.2', 5, '1.2'],
    ['0.4', 0, '0'],
    ['-0.5', 0, '-1'],
  ];
  test.each(cases)('%s to %i digits is %s', (text, scale, expected) => {
    expect(decimalText(roundedTo(exactOf(text) ?? exactZero, scale))).toBe(expected);
  });
});
