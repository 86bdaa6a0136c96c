import { tokenItems } from '../core/price.ts';
import type { TokenItem } from '../core/price.ts';
import { allocate } from './allocate.ts';
import type { BilledMeter } from './billed-meters.ts';
import { isTokens } from './billed-meters.ts';
import { quotient } from './decimals.ts';
import type { MeteredDay } from './inputs.ts';
import { nearTokens } from './tolerance.ts';
import { trafficFit } from './traffic-fit.ts';

/** Tokens by item, of one model in one place on one day. */
export type ItemTokens = Readonly<Record<TokenItem, number>>;

/**
 * What the billed input of a model-day says beside its cached tokens. `net`: cached tokens are not in it. `twice`: they are,
 * beside their own meters, though the input meter counts them once. `ambiguous`: the same, if the input meter counts them.
 */
export interface CachedReading {
  readonly kind: 'net' | 'twice' | 'ambiguous';
  readonly cachedTokens: number;
  readonly rawInputTokens: number;
  readonly billedInputTokens: number;
}

/**
 * Reads the day's totals over all tiers and context bands, so that how they are split does not matter. Undefined: no cached
 * tokens are billed, or the totals are neither reading.
 */
export function readCached(
  metered: readonly MeteredDay[],
  billed: ItemTokens,
): CachedReading | undefined {
  const cachedTokens = billed.cache_read + billed.cache_write;
  const billedInputTokens = billed.input;
  if (cachedTokens <= 0 || billedInputTokens <= 0 || metered.length === 0) return undefined;
  const rawInputTokens = metered.reduce((sum, one) => sum + rawInputOf(one), 0);
  const read = (kind: CachedReading['kind']) => ({
    kind,
    cachedTokens,
    rawInputTokens,
    billedInputTokens,
  });
  const holdsCached = metered.every(({ contract }) => contract.kind !== 'exclusive');
  if (holdsCached) {
    if (nearTokens(billedInputTokens, rawInputTokens - cachedTokens)) return read('net');
    if (!nearTokens(billedInputTokens, rawInputTokens)) return undefined;
    const isSure = metered.every(({ contract }) => contract.basis !== 'assumed');
    return read(isSure ? 'twice' : 'ambiguous');
  }
  if (metered.some(({ contract }) => contract.kind !== 'exclusive')) return undefined;
  if (nearTokens(billedInputTokens, rawInputTokens)) return read('net');
  return nearTokens(billedInputTokens, rawInputTokens + cachedTokens) ? read('twice') : undefined;
}

type RawInput = Pick<MeteredDay, 'input' | 'unsplitInput' | 'cacheRead' | 'cacheWrite'> & {
  readonly contract: Pick<MeteredDay['contract'], 'cachedTakenOut'>;
};

/** What the input meter itself said. */
export function rawInputOf(one: RawInput): number {
  const apart = (one.input ?? 0) + (one.unsplitInput ?? 0);
  return one.contract.cachedTakenOut ? apart + (one.cacheRead ?? 0) + (one.cacheWrite ?? 0) : apart;
}

/**
 * The part of one billed input meter's amount that is for tokens which their own meters count too: what is billed beyond
 * the metered, at the price it was billed at. Over the meters of a model-day these are the cached tokens. Billionths.
 */
export function excessOf(billedNano: bigint, billed: number, metered: number): bigint {
  return quotient(billedNano * BigInt(billed - metered), BigInt(billed));
}

export function meteredTokens(one: MeteredDay, item: TokenItem): number | null {
  if (item === 'cache_read') return one.cacheRead;
  if (item === 'cache_write') return one.cacheWrite;
  if (item === 'output') return one.output;
  return one.input === null && one.unsplitInput === null
    ? null
    : (one.input ?? 0) + (one.unsplitInput ?? 0);
}

export function billedTokens(meters: readonly BilledMeter[]): ItemTokens {
  const tokens = { input: 0, cache_read: 0, cache_write: 0, output: 0 };
  for (const { meaning, recordType, tokens: own } of meters) {
    if (recordType !== 'usage' || !isTokens(meaning) || own === null) continue;
    for (const item of tokenItems) if (meaning.item === item) tokens[item] += own;
  }
  return tokens;
}

/**
 * Where input meters hold cached tokens that no meter tells apart, and the bill's own split adds up to what they say: the
 * cached tokens of the bill, taken out of the traffics that each billed meter is for. Undefined where there is nothing to
 * take, or it does not add up.
 */
export function splitByBill(
  metered: readonly MeteredDay[],
  meters: readonly BilledMeter[],
  billed: ItemTokens,
): readonly MeteredDay[] | undefined {
  if (!metered.some(({ unsplitInput }) => (unsplitInput ?? 0) > 0)) return undefined;
  const taken = metered.map(() => ({ cache_read: 0, cache_write: 0 }));
  const raw = metered.reduce((sum, one) => sum + rawInputOf(one), 0);
  const cached = billed.cache_read + billed.cache_write;
  if (!nearTokens(billed.input, raw - cached) && !nearTokens(billed.input, raw)) return undefined;
  for (const item of ['cache_read', 'cache_write'] as const) {
    if (metered.some((one) => (meteredTokens(one, item) ?? 0) > 0)) continue;
    const own = meters.filter(({ meaning }) => isTokens(meaning) && meaning.item === item);
    const fits = trafficFit(own, metered);
    for (const meter of own) {
      const weights = metered.map((one) => (fits(meter, one) ? (one.unsplitInput ?? 0) : 0));
      if (weights.every((weight) => weight === 0)) return undefined;
      for (const [at, part] of allocate(Math.max(0, meter.tokens ?? 0), weights).entries()) {
        const sums = taken[at];
        if (sums !== undefined) sums[item] += part;
      }
    }
  }
  const isPossible = metered.every((one, at) => {
    const { cache_read: reads, cache_write: writes } = taken[at] ?? noCached;
    const isApart = one.contract.cachedTakenOut || (one.cacheWrite ?? 0) === 0;
    return reads + writes <= (one.unsplitInput ?? 0) && isApart;
  });
  const isAny = taken.some(({ cache_read: reads, cache_write: writes }) => reads + writes > 0);
  if (!isPossible || !isAny) return undefined;
  return metered.map((one, at) => {
    const { cache_read: reads, cache_write: writes } = taken[at] ?? noCached;
    if (one.unsplitInput === null || reads + writes === 0) return one;
    return {
      ...one,
      unsplitInput: one.unsplitInput - reads - writes,
      cacheRead: reads === 0 ? one.cacheRead : reads,
      cacheWrite: writes === 0 ? one.cacheWrite : writes,
      contract: { ...one.contract, cachedTakenOut: true },
    };
  });
}

const noCached = { cache_read: 0, cache_write: 0 } as const;
