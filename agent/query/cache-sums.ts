import { divideHalfUp } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Amounts } from '../core/usage.ts';
import type { Share } from './cache-reach.ts';
import type { ChargeRates } from './charge-rates.ts';

type InputAmount = 'input' | 'cacheRead' | 'cacheWrite' | 'unsplitInput';

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
  add(row: Pick<Amounts, InputAmount>, rates: ChargeRates | undefined, more: Share): void;
  /** Undefined where no row tells it. */
  readonly tokens: Readonly<Partial<Record<InputAmount, number>>>;
  readonly uncountedTokens: number;
  /** Whether any of it is in the sums of money. */
  readonly hasPrices: boolean;
  /** Each rounded once, to the nearest nano-dollar. */
  money(): CacheMoney;
}

interface Pending {
  read: number;
  write: number;
}

/** Rates are nano-dollars for so many tokens. */
const perTokens = 1_000_000n;

export function cacheSums(): CacheSums {
  const tokens: Partial<Record<InputAmount, number>> = {};
  let [saved, premium, couldSave] = [0n, 0n, 0n];
  let uncountedTokens = 0;
  let hasPrices = false;

  function addTokens(name: InputAmount, more: number | null): void {
    if (more !== null) tokens[name] = (tokens[name] ?? 0) + more;
  }

  /** Tokens that have all the prices it takes, by their rates: they are worth as much together as one by one. */
  const pending = new Map<ChargeRates, Pending>();

  function pendingOf(rates: ChargeRates): Pending {
    const known = pending.get(rates) ?? { read: 0, write: 0 };
    pending.set(rates, known);
    return known;
  }

  function settle(rates: ChargeRates, own: Pending): void {
    const input = rates.input?.best ?? 0n;
    saved += BigInt(own.read) * (input - (rates.cacheRead?.best ?? 0n));
    premium += BigInt(own.write) * ((rates.cacheWrite?.best ?? 0n) - input);
    own.read = 0;
    own.write = 0;
  }

  /** Whether there are tokens that have all the prices that it takes; counts those that do not. */
  function isPriced(count: number, hasAll: boolean): boolean {
    if (count === 0) return false;
    if (hasAll) hasPrices = true;
    else uncountedTokens += count;
    return hasAll;
  }

  return {
    add(row, rates, more) {
      addTokens('input', row.input);
      addTokens('cacheRead', row.cacheRead);
      addTokens('cacheWrite', row.cacheWrite);
      addTokens('unsplitInput', row.unsplitInput);
      const input = rates?.input?.best;
      const read = rates?.cacheRead?.best;
      const hasInput = input !== undefined;
      const cacheRead = row.cacheRead ?? 0;
      const cacheWrite = row.cacheWrite ?? 0;
      const isRead = isPriced(cacheRead, hasInput && read !== undefined);
      const isWritten = isPriced(cacheWrite, hasInput && rates?.cacheWrite !== undefined);
      if (rates !== undefined && (isRead || isWritten)) {
        const own = pendingOf(rates);
        if (Math.max(own.read + cacheRead, own.write + cacheWrite) > Number.MAX_SAFE_INTEGER) {
          settle(rates, own);
        }
        if (isRead) own.read += cacheRead;
        if (isWritten) own.write += cacheWrite;
      }
      isPriced(row.input ?? 0, hasInput);
      isPriced(row.unsplitInput ?? 0, rates?.unsplitInput !== undefined);
      // A model without a price for it has no cache to read from.
      if (input !== undefined && read !== undefined && read < input && more.part > 0n) {
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
    money() {
      for (const [rates, own] of pending) settle(rates, own);
      return {
        saved: rounded(saved),
        premium: rounded(premium),
        couldSave: rounded(couldSave),
      };
    },
  };
}

/** A price of a cache may be above that of input, or below. */
function rounded(sum: bigint): NanoUsd {
  return sum < 0n ? -divideHalfUp(-sum, perTokens) : divideHalfUp(sum, perTokens);
}
