import { toUsd } from '../core/money.ts';
/** `auto`: one and a half times the predicted day of the source. */
export type SpendLimit = 'auto' | { readonly nanoUsdPerDay: bigint };

/** What each source may spend on its own calls a day, in nano-dollars. */
export interface SpendLimits {
  /** Undefined: nothing is predicted yet, so nothing is held back. */
  of(source: string): bigint | undefined;
  /** What a whole day is predicted to cost; `auto` follows it. */
  predict(source: string, nanoUsdPerDay: bigint): void;
}

export function createSpendLimits(limit: SpendLimit): SpendLimits {
  const predicted = new Map<string, bigint>();
  return {
    of(source) {
      if (limit !== 'auto') return limit.nanoUsdPerDay;
      const day = predicted.get(source);
      return day === undefined ? undefined : autoLimit(day);
    },
    predict: (source, nanoUsdPerDay) => void predicted.set(source, nanoUsdPerDay),
  };
}

/** Half as much again as the predicted day, so that retries and a first fill find room. */
export function autoLimit(predictedNanoUsdPerDay: bigint): bigint {
  return (predictedNanoUsdPerDay * 3n + 1n) / 2n;
}

/** `$0.0123`: dollars with at least two decimals and as many as a small amount needs to be seen. */
export function usdText(nanoUsd: bigint): string {
  const usd = toUsd(nanoUsd);
  const decimals = usd === 0 || usd >= 1 ? 2 : Math.min(9, 3 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(Math.max(2, decimals))}`;
}
