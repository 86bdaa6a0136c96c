import { toUsd } from '../core/money.ts';
/** `auto`: one and a half times the predicted day of the source. */
export type SpendLimit = 'auto' | { readonly nanoUsdPerDay: bigint };

/** What is predicted apart, for it is known at another time. */
export type SpendPart = 'usage' | 'bills';

/** What each source may spend on its own calls a day, in nano-dollars. */
export interface SpendLimits {
  /** Undefined: its usage is not predicted yet, so nothing is held back. */
  of(source: string): bigint | undefined;
  /** What a whole day of that part is predicted to cost, of usage if absent; `auto` follows the sum. */
  predict(source: string, nanoUsdPerDay: bigint, part?: SpendPart): void;
}

export function createSpendLimits(limit: SpendLimit): SpendLimits {
  const predicted = { usage: new Map<string, bigint>(), bills: new Map<string, bigint>() };
  return {
    of(source) {
      if (limit !== 'auto') return limit.nanoUsdPerDay;
      const usage = predicted.usage.get(source);
      return usage === undefined
        ? undefined
        : autoLimit(usage + (predicted.bills.get(source) ?? 0n));
    },
    predict: (source, nanoUsdPerDay, part = 'usage') =>
      void predicted[part].set(source, nanoUsdPerDay),
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
