import { ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';

/** Dollars with nine decimals: `0.057500000`. */
export function usdText(nanoUsd: NanoUsd): string {
  return decimalText(nanoUsd, 9, 9);
}

/** Dollars as short as they are exact, two decimals at least: `2.50`, `0.0425`. */
export function rateText(nanoUsd: NanoUsd): string {
  return decimalText(nanoUsd, 9, 2);
}

/** Tokens at a rate for a million of them, exact: up to fifteen decimals, two at least. */
export function productText(tokens: number, nanoUsdPerMillion: NanoUsd): string {
  return decimalText(BigInt(tokens) * nanoUsdPerMillion, 15, 2);
}

/** Millionths as a factor: `1.1`. */
export function factorText(ppm: number): string {
  return String(ppm / ppmOfWhole);
}

/** A whole number of `10^-digits`, with `least` decimals or as many more as it takes. */
function decimalText(units: bigint, digits: number, least: number): string {
  const sign = units < 0n ? '-' : '';
  const text = String(units < 0n ? -units : units).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '').padEnd(least, '0');
  return `${sign}${text.slice(0, -digits)}.${fraction}`;
}
