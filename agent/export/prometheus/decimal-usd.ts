import type { NanoUsd } from '../../core/money.ts';
import { nanoPerUsd } from '../../core/money.ts';

/** Dollars in decimals, exact: what a float would round stands as it is, and whoever reads it rounds once. */
export function decimalUsd(nanoUsd: NanoUsd): string {
  const sign = nanoUsd < 0n ? '-' : '';
  const size = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const rest = (size % nanoPerUsd).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${size / nanoPerUsd}${rest === '' ? '' : `.${rest}`}`;
}
