import { nanoPerUsd } from '../core/money.ts';

/** Up to here two figures are one: clouds round, and days are cut by clocks that are not ours. */
export const tolerance = {
  /** Of the larger one. */
  ratio: 0.005,
  ppm: 5_000n,
  /** A bill that counts in thousands rounds a meter's day by fewer than this. */
  tokens: 100,
  /** Half a cent: bills round lines to the cent. */
  nanoUsd: nanoPerUsd / 200n,
} as const;

export function nearTokens(a: number, b: number): boolean {
  const distance = Math.abs(a - b);
  return (
    distance <= tolerance.tokens || distance <= tolerance.ratio * Math.max(Math.abs(a), Math.abs(b))
  );
}

/** Whether an amount is within a range, or near its edge. */
export function nearRange(nano: bigint, low: bigint, high: bigint): boolean {
  return atLeast(nano, low) && atLeast(high, nano);
}

function atLeast(a: bigint, b: bigint): boolean {
  if (a >= b || b - a <= tolerance.nanoUsd) return true;
  const larger = abs(a) > abs(b) ? abs(a) : abs(b);
  return (b - a) * 1_000_000n <= larger * tolerance.ppm;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
