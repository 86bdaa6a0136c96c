import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';

/** Exact sums of nano-dollars, by place: numbers as long as a number holds them, which is much quicker. */
export interface ExactSums {
  add(index: number, nanoUsd: NanoUsd): void;
  /** @param nanoUsd a safe integer */
  addNumber(index: number, nanoUsd: number): void;
  /** As `toUsd`. */
  usd(index: number): number;
}

const most = Number.MAX_SAFE_INTEGER;
const nanoPerUsd = 1e9;

export function openExact(size: number): ExactSums {
  const small = new Float64Array(size);
  /** What is beyond; the sum of a place is that of both. */
  let large: BigInt64Array | undefined;

  function addLarge(index: number, nanoUsd: NanoUsd): void {
    large ??= new BigInt64Array(size);
    large[index] = (large[index] ?? 0n) + nanoUsd;
  }

  function addNumber(index: number, nanoUsd: number): void {
    const before = small[index] ?? 0;
    const sum = before + nanoUsd;
    if (sum <= most && sum >= -most) {
      small[index] = sum;
      return;
    }
    addLarge(index, BigInt(before));
    small[index] = nanoUsd;
  }

  return {
    add(index, nanoUsd) {
      if (nanoUsd <= most && nanoUsd >= -most) addNumber(index, Number(nanoUsd));
      else addLarge(index, nanoUsd);
    },
    addNumber,
    usd(index) {
      const nanoUsd = small[index] ?? 0;
      if (large === undefined) return nanoUsd / nanoPerUsd;
      return toUsd((large[index] ?? 0n) + BigInt(nanoUsd));
    },
  };
}
