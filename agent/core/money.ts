/** Nano-US-dollars, exact: one dollar is 1,000,000,000 of them. */
export type NanoUsd = bigint;

export const nanoPerUsd = 1_000_000_000n;

/** Millionths of the whole: 150,000 is 15 %. */
export const ppmOfWhole = 1_000_000;

/** The nearest whole number to a quotient of numbers that are not negative; a half goes up. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}

/** Dollars as the nearest number there is: exact to the nano-dollar below nine million. */
export function toUsd(nanoUsd: NanoUsd): number {
  return Number(nanoUsd) / Number(nanoPerUsd);
}

/** A sum in which null is no amount; null where neither is one. */
export function addKnown(a: NanoUsd | null, b: NanoUsd | null): NanoUsd | null {
  return a === null || b === null ? (a ?? b) : a + b;
}
