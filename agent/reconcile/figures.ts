import type { NanoUsd } from '../core/money.ts';
import { quotient } from './decimals.ts';

/** `1,234,567`. Quicker than the locale's, for there is one for each figure of each row. */
export function tokensText(tokens: number): string {
  return grouped(String(Math.abs(Math.round(tokens))), tokens < 0);
}

/** `$1,234.56`, and `$0.0012` below a cent. */
export function usdText(nano: NanoUsd): string {
  const positive = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? '-' : '';
  if (positive !== 0n && positive < 10_000_000n) {
    return `${sign}$0.${String(quotient(positive, 100_000n)).padStart(4, '0')}`;
  }
  return `${sign}$${hundredths(positive)}`;
}

/** `1,234.56 EUR`, and dollars as {@link usdText} has them. */
export function moneyText(nano: bigint, currency: string): string {
  if (currency === 'USD') return usdText(nano);
  const positive = nano < 0n ? -nano : nano;
  return `${nano < 0n ? '-' : ''}${hundredths(positive)} ${currency}`;
}

/** `$14,019`, with cents below a hundred dollars. */
export function roundUsd(nano: NanoUsd): string {
  const positive = nano < 0n ? -nano : nano;
  if (positive !== 0n && positive < 100_000_000_000n) return usdText(nano);
  return `${nano < 0n ? '-' : ''}$${grouped(String(quotient(positive, 1_000_000_000n)), false)}`;
}

function hundredths(nano: bigint): string {
  const cents = String(quotient(nano, 10_000_000n)).padStart(3, '0');
  return `${grouped(cents.slice(0, -2), false)}.${cents.slice(-2)}`;
}

function grouped(digits: string, isNegative: boolean): string {
  let text = digits.slice(-3);
  for (let end = digits.length - 3; end > 0; end -= 3) {
    text = `${digits.slice(Math.max(0, end - 3), end)},${text}`;
  }
  return isNegative ? `-${text}` : text;
}
