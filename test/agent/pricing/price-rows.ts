import { endOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import type { PriceListing } from '../../../agent/core/price-list.ts';

export const seen = Date.UTC(2026, 10, 20);

/** A million input tokens of gpt-5.4 on Azure at $2.50 since March, as its list says it, and whatever is given. */
export function listedRow(more: Partial<Price> = {}): Price {
  return {
    cloud: 'azure',
    model: 'openai/gpt-5.4',
    modelVersion: '',
    account: '',
    region: 'eastus',
    routing: 'global',
    tier: 'standard',
    item: 'input',
    band: 'any',
    thresholdTokens: null,
    cacheTtl: '',
    nanoUsd: 2_500_000_000n,
    from: Date.UTC(2026, 2, 1),
    to: endOfTime,
    source: 'azure_retail_prices',
    sourceVersion: 'v1',
    reference: 'meter-1',
    fetchedAt: seen,
    ...more,
  };
}

export function listingOf(
  prices: readonly Price[],
  more: Partial<PriceListing> = {},
): PriceListing {
  return {
    source: 'azure_retail_prices',
    regions: ['eastus', 'westus'],
    prices,
    skipped: [],
    version: 'v1',
    fetchedAt: seen,
    requests: 1,
    ...more,
  };
}
