/** Nano-US-dollars, exact: one dollar is 1,000,000,000 of them. */
export type NanoUsd = bigint;

export const nanoPerUsd = 1_000_000_000n;
