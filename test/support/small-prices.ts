import { endOfTime, startOfTime } from '../../agent/core/price.ts';
import type { Price } from '../../agent/core/price.ts';

/** A price of a book that is made up: what is left out holds everywhere and always. */
export function smallPrice(
  change: Pick<Price, 'model' | 'item' | 'nanoUsd'> & Partial<Price>,
): Price {
  return {
    cloud: '',
    modelVersion: '',
    account: '',
    region: '',
    routing: '',
    tier: '',
    band: 'any',
    thresholdTokens: null,
    cacheTtl: '',
    from: startOfTime,
    to: endOfTime,
    source: 'genai_prices',
    sourceVersion: '1',
    reference: `made-up:${change.model}:${change.item}`,
    fetchedAt: startOfTime,
    ...change,
  };
}

/** Dollars for a million tokens. */
export function perMillion(usd: number): bigint {
  return BigInt(Math.round(usd * 1e9));
}
