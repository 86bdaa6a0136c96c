import type { NanoUsd } from '../../core/money.ts';

/**
 * Nano-dollars of a decimal text of dollars, `0.0028` or `2.5e-7`, exact. Throws on what is none, is negative or has a part
 * below a nano-dollar.
 */
export function nanoOfDecimal(text: string): NanoUsd {
  const [, whole, fraction = '', exponent = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,2}))?$/i.exec(text) ?? [];
  if (whole === undefined) throw new Error(`not a price: ${text}`);
  const shift = 9 + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  if (digits % divisor !== 0n) throw new Error(`a price below a nano-dollar: ${text}`);
  return digits / divisor;
}
