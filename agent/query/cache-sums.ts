import { divideHalfUp } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Amounts } from '../core/usage.ts';
import type { Share } from './cache-reach.ts';
import type { ChargeRates } from './charge-rates.ts';

const names = ['input', 'cacheRead', 'cacheWrite', 'unsplitInput'] as const;
type InputAmount = (typeof names)[number];

interface CacheMoney {
  readonly saved: NanoUsd;
  readonly premium: NanoUsd;
  readonly couldSave: NanoUsd;
}

/** Adds up what one bucket of one group read from caches, and what that is worth. */
export interface CacheSums {
  /**
   * @param rates undefined: its tokens cost nothing by themselves, or are not rated
   * @param more which share of the uncached input could be read from a cache
   */
  add(row: Amounts, rates: ChargeRates | undefined, more: Share): void;
  /** Undefined where no row tells it. */
  readonly tokens: Readonly<Partial<Record<InputAmount, number>>>;
  readonly uncountedTokens: number;
  /** Whether any of it is in the sums of money. */
  readonly hasPrices: boolean;
  /** Each rounded once, to the nearest nano-dollar. */
  money(): CacheMoney;
}

/** Rates are nano-dollars for so many tokens. */
const perTokens = 1_000_000n;

export function cacheSums(): CacheSums {
  const tokens: Partial<Record<InputAmount, number>> = {};
  let [saved, premium, couldSave] = [0n, 0n, 0n];
  let uncountedTokens = 0;
  let hasPrices = false;

  /** Whether tokens have all the prices that it takes; counts those that do not. */
  function isPriced(count: number, ...prices: readonly (bigint | undefined)[]): boolean {
    if (count === 0) return false;
    const all = prices.every((price) => price !== undefined);
    if (all) hasPrices = true;
    else uncountedTokens += count;
    return all;
  }

  return {
    add(row, rates, more) {
      for (const name of names) {
        const count = row[name];
        if (count !== null) tokens[name] = (tokens[name] ?? 0) + count;
      }
      const [input, read, write] = [rates?.input, rates?.cacheRead, rates?.cacheWrite].map(
        (rate) => rate?.best,
      );
      const [cacheRead, cacheWrite] = [row.cacheRead ?? 0, row.cacheWrite ?? 0];
      if (isPriced(cacheRead, input, read)) {
        saved += BigInt(cacheRead) * ((input ?? 0n) - (read ?? 0n));
      }
      if (isPriced(cacheWrite, input, write)) {
        premium += BigInt(cacheWrite) * ((write ?? 0n) - (input ?? 0n));
      }
      isPriced(row.input ?? 0, input);
      isPriced(row.unsplitInput ?? 0, rates?.unsplitInput?.best);
      // A model without a price for it has no cache to read from.
      if (input !== undefined && read !== undefined && read < input) {
        couldSave += (BigInt(row.input ?? 0) * (input - read) * more.part) / more.whole;
      }
    },
    tokens,
    get uncountedTokens() {
      return uncountedTokens;
    },
    get hasPrices() {
      return hasPrices;
    },
    money: () => ({
      saved: rounded(saved),
      premium: rounded(premium),
      couldSave: rounded(couldSave),
    }),
  };
}

/** A price of a cache may be above that of input, or below. */
function rounded(sum: bigint): NanoUsd {
  return sum < 0n ? -divideHalfUp(-sum, perTokens) : divideHalfUp(sum, perTokens);
}
