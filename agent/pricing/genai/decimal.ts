import { scaled } from '../../core/decimal.ts';
import type { NanoUsd } from '../../core/money.ts';

/** Nano-dollars of a decimal text of dollars, exact. Throws on what is none, is negative or has a part below a nano-dollar. */
export function nanoOfDecimal(text: string): NanoUsd {
  const nanoUsd = text.startsWith('-') ? undefined : scaled(text, 9);
  if (nanoUsd === undefined) throw new Error(`not a price in whole nano-dollars: ${text}`);
  return nanoUsd;
}
