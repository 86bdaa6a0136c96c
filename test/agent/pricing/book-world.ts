import { endOfTime, startOfTime } from '../../../agent/core/price.ts';
import type { Discount, Price, PriceItem } from '../../../agent/core/price.ts';
import { divideHalfUp } from '../../../agent/core/money.ts';
import type { RateCard, RateRange, RatingSubject } from '../../../agent/core/rating.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { createRater } from '../../../agent/pricing/rater.ts';

const everywhere = {
  cloud: '',
  model: '',
  modelVersion: '',
  account: '',
  region: '',
  routing: '',
  tier: '',
} as const;

/** `2.5` dollars. */
export function usd(dollars: number): bigint {
  return BigInt(Math.round(dollars * 1e9));
}

export function priceOf(item: PriceItem, dollars: number, more: Partial<Price> = {}): Price {
  return {
    ...everywhere,
    model: 'openai/gpt-5.4',
    item,
    band: 'any',
    thresholdTokens: null,
    cacheTtl: '',
    nanoUsd: usd(dollars),
    from: startOfTime,
    to: endOfTime,
    source: 'genai_prices',
    sourceVersion: '1',
    reference: `${more.source ?? 'genai_prices'}:${item}:${dollars}`,
    fetchedAt: 0,
    ...more,
  };
}

export function discountOf(percent: number, more: Partial<Discount> = {}): Discount {
  return {
    ...everywhere,
    offPpm: percent * 10_000,
    from: startOfTime,
    to: endOfTime,
    reference: `prices.yaml:${percent}`,
    ...more,
  };
}

export const azureGlobal: RatingSubject = {
  cloud: 'azure',
  account: 'sub-1',
  region: 'eastus',
  model: 'openai/gpt-5.4',
  modelVersion: '',
  routing: 'global',
  tier: 'standard',
  family: 'openai',
};

/** What the packaged list says of gpt-5.4 on Azure. */
export const gpt54: readonly Price[] = (
  [
    ['input', 2.5, 5],
    ['cache_read', 0.25, 0.5],
    ['output', 15, 22.5],
  ] as const
).flatMap(([item, short, long]) => {
  const scope = { cloud: 'azure', routing: 'global', tier: 'standard' } as const;
  const band = { ...scope, thresholdTokens: 272_000 };
  return [
    priceOf(item, short, { ...band, band: 'short' }),
    priceOf(item, long, { ...band, band: 'long' }),
  ];
});

const noAmounts: Amounts = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: null,
  unsplitInput: null,
  requests: null,
  errors: null,
  throttles: null,
};

export function amountsOf(told: Partial<Amounts>): Amounts {
  return { ...noAmounts, ...told };
}

export const noEvidence = { mostInputTokens: null };

/** `[2.5, 2.75, 3]` dollars, or `2.5` where they are one. */
export function dollarsOf(range: RateRange | undefined): readonly number[] | number | undefined {
  if (range === undefined) return undefined;
  const [low, best, high] = [range.low, range.best, range.high].map((nano) => Number(nano) / 1e9);
  return low === high ? best : [low ?? NaN, best ?? NaN, high ?? NaN];
}

/** Whole nano-dollars of tokens times nano-dollars for a million, the plain way. */
export function plainCost(parts: readonly (readonly [tokens: number, rate: bigint])[]): bigint {
  const sum = parts.reduce((all, [tokens, rate]) => all + BigInt(tokens) * rate, 0n);
  return divideHalfUp(sum, 1_000_000n);
}

/** The card of a subject whose prices never change. */
export function cardOf(
  prices: readonly Price[],
  subject: Partial<RatingSubject> = {},
  discounts: readonly Discount[] = [],
): RateCard {
  const [span, ...more] = createRater(prices, discounts).cardsOf({ ...azureGlobal, ...subject });
  if (span === undefined || more.length > 0) throw new Error('not one card for all time');
  return span.card;
}
