import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanoPerMillion } from '../../../../collectors/aws/prices/units.ts';

describe('a price of the list', () => {
  it.each([
    ['1K tokens', '$0.00800 per 1K tokens', '0.0080000000', 8_000_000_000n],
    ['1K tokens', '', '0.0000000150', 15_000n],
    ['1M tokens', '', '3.0', 3_000_000_000n],
    ['1M tokens', '$3.00 per Million Input Tokens', '3', 3_000_000_000n],
    ['Units', '$3.00 per Million Input Tokens Regional', '3.0000000000', 3_000_000_000n],
    ['Units', '$0.003 per 1K tokens', '0.003', 3_000_000_000n],
    ['Units', '', '3.0', 'unknown_unit'],
    ['Units', 'per 1K tokens, that is per million', '3.0', 'unknown_unit'],
    ['1k tokens', '', '3.0', 'unknown_unit'],
    ['1K characters', '', '3.0', 'unknown_unit'],
    ['1K TPM Hour', '', '3.0', 'unknown_unit'],
    ['', '', '3.0', 'unknown_unit'],
    ['1K tokens', '$3.00 per Million Input Tokens', '3.0', 'unit_disagrees'],
    ['1M tokens', '$0.003 per 1,000 tokens', '0.003', 'unit_disagrees'],
    ['1K tokens', '', '0.0000000000', 'zero'],
    ['1K tokens', '', '-0.1', 'no_amount'],
    ['1K tokens', '', 'about 3', 'no_amount'],
    ['1M tokens', '', '0.0000000001', 'no_amount'],
  ])('in %s, "%s", of %s is %s', (unit, description, usd, expected) => {
    expect(nanoPerMillion(unit, description, usd)).toBe(expected);
  });

  it('is a thousand times as much by the thousand as by the million, exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 15n), (nano) => {
        const digits = nano.toString().padStart(10, '0');
        const usd = `${digits.slice(0, -9)}.${digits.slice(-9)}`;
        expect(nanoPerMillion('1M tokens', '', usd)).toBe(nano);
        expect(nanoPerMillion('1K tokens', '', usd)).toBe(nano * 1_000n);
      }),
    );
  });
});
