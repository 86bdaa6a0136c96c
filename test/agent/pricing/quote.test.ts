import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideHalfUp } from '../../../agent/core/money.ts';
import { tokenItems } from '../../../agent/core/price.ts';
import type { Discount, Price, TokenItem } from '../../../agent/core/price.ts';
import type { BoundReason, RatingSubject } from '../../../agent/core/rating.ts';
import { azureGlobal, cardOf, discountOf, dollarsOf, gpt54, priceOf } from './book-world.ts';

interface Case {
  readonly sentence: string;
  readonly prices: readonly Price[];
  readonly subject?: Partial<RatingSubject>;
  readonly discounts?: readonly Discount[];
  readonly item?: TokenItem;
  /** Dollars for a million tokens, or low, best and high. */
  readonly expected: number | readonly number[] | undefined;
  readonly long?: number | readonly number[];
  readonly reasons?: readonly BoundReason[];
}

const global = { cloud: 'azure', routing: 'global', tier: 'standard' } as const;
const bedrock = { cloud: 'aws', routing: 'in_region' } as const;
const list = priceOf('input', 2, global);
const claude = { family: 'anthropic' };

const cases: readonly Case[] = [
  { sentence: 'a price of its own is no range', prices: [list], expected: 2 },
  {
    sentence: 'an unknown tier is standard where the book knows no other',
    prices: [list],
    subject: { tier: 'unknown' },
    expected: 2,
  },
  {
    sentence: 'an unknown tier may be any that has a price, but not batch where the SKU is known',
    prices: [
      list,
      priceOf('input', 1.5, { ...global, tier: 'flex' }),
      priceOf('input', 3.5, { ...global, tier: 'priority' }),
      priceOf('input', 1, { ...global, tier: 'batch' }),
    ],
    subject: { tier: 'unknown' },
    expected: [1.5, 2, 3.5],
    reasons: ['tier_unknown'],
  },
  {
    sentence: 'nothing known of an Azure deployment: batch too, and every routing',
    prices: [list, priceOf('input', 1, { ...global, tier: 'batch' })],
    subject: { tier: 'unknown', routing: 'unknown' },
    expected: [1, 2, 2.4],
    reasons: ['routing_unknown', 'tier_unknown'],
  },
  {
    sentence: 'a price for every tier leaves no doubt of an unknown one',
    prices: [priceOf('input', 2)],
    subject: { tier: 'unknown' },
    expected: 2,
  },
  {
    sentence: 'batch costs half where it has no price',
    prices: [list],
    subject: { tier: 'batch' },
    expected: 1,
  },
  {
    sentence: 'batch costs its price where it has one',
    prices: [list, priceOf('input', 1.2, { ...global, tier: 'batch' })],
    subject: { tier: 'batch' },
    expected: 1.2,
  },
  {
    sentence: 'flex without a price is no dearer than standard, and may be half of it',
    prices: [list],
    subject: { tier: 'flex' },
    expected: [1, 2, 2],
    reasons: ['tier_price_unknown'],
  },
  {
    sentence: 'priority without a price is no cheaper than standard, and may be 2.51 times it',
    prices: [list],
    subject: { tier: 'priority' },
    expected: [2, 2, 5.02],
    reasons: ['tier_price_unknown'],
  },
  {
    sentence: 'a Data Zone without a price costs up to a fifth more than global',
    prices: [list],
    subject: { routing: 'data_zone' },
    expected: [2, 2.2, 2.4],
    reasons: ['routing_price_unknown'],
  },
  {
    sentence: 'so does a regional deployment',
    prices: [list],
    subject: { routing: 'in_region' },
    expected: [2, 2.2, 2.4],
    reasons: ['routing_price_unknown'],
  },
  {
    sentence: 'a Data Zone with a price costs it',
    prices: [list, priceOf('input', 2.3, { ...global, routing: 'data_zone' })],
    subject: { routing: 'data_zone' },
    expected: 2.3,
  },
  {
    sentence: 'batch in a Data Zone, neither priced: both factors',
    prices: [list],
    subject: { routing: 'data_zone', tier: 'batch' },
    expected: [1, 1.1, 1.2],
    reasons: ['routing_price_unknown'],
  },
  {
    sentence: 'of two stand-ins the one that leaves the narrower range: half of the same routing',
    prices: [
      list,
      priceOf('input', 2.3, { ...global, routing: 'data_zone' }),
      priceOf('input', 0.9, { ...global, tier: 'batch' }),
    ],
    subject: { routing: 'data_zone', tier: 'batch' },
    expected: 1.15,
  },
  {
    sentence: 'of two stand-ins the one that leaves the narrower range: the same tier of global',
    prices: [
      list,
      priceOf('input', 2.3, { ...global, routing: 'data_zone' }),
      priceOf('input', 1, { ...global, tier: 'flex' }),
    ],
    subject: { routing: 'data_zone', tier: 'flex' },
    expected: [1, 1.1, 1.2],
    reasons: ['routing_price_unknown'],
  },
  {
    sentence: 'an unknown routing on Azure is global at best, and may be dearer',
    prices: [list, priceOf('input', 2.9, { ...global, routing: 'in_region' })],
    subject: { routing: 'unknown' },
    expected: [2, 2, 2.9],
    reasons: ['routing_unknown'],
  },
  {
    sentence: 'on Bedrock a geography costs what its region does',
    prices: [priceOf('input', 2.2, bedrock)],
    subject: { cloud: 'aws', routing: 'geo' },
    expected: 2.2,
  },
  {
    sentence: 'on Bedrock global is about a tenth below a regional price',
    prices: [priceOf('input', 2.2, bedrock)],
    subject: { cloud: 'aws', routing: 'global' },
    expected: [1.98, 2.002, 2.2],
    reasons: ['routing_price_unknown'],
  },
  {
    sentence: 'on Bedrock a region is about a tenth above a global price',
    prices: [priceOf('input', 2, { cloud: 'aws', routing: 'global' })],
    subject: { cloud: 'aws', routing: 'in_region' },
    expected: [2, 2.2, 2.4],
    reasons: ['routing_price_unknown'],
  },
  {
    sentence: 'an unknown routing on Bedrock is the region at best',
    prices: [
      priceOf('input', 2.2, bedrock),
      priceOf('input', 2, { ...bedrock, routing: 'global' }),
    ],
    subject: { cloud: 'aws', routing: 'unknown' },
    expected: [2, 2.2, 2.2],
    reasons: ['routing_unknown'],
  },
  {
    sentence: 'a cache write is the shortest one at best',
    prices: [
      priceOf('cache_write', 3.75, { cacheTtl: '5m' }),
      priceOf('cache_write', 6, { cacheTtl: '1h' }),
    ],
    item: 'cache_write',
    expected: [3.75, 3.75, 6],
    reasons: ['cache_ttl'],
  },
  {
    sentence: 'an unknown tier is no reason where only the cache TTL makes a difference',
    prices: [
      priceOf('cache_write', 3.75, { cacheTtl: '5m' }),
      priceOf('cache_write', 6, { cacheTtl: '1h' }),
    ],
    subject: { tier: 'unknown' },
    item: 'cache_write',
    expected: [3.75, 3.75, 6],
    reasons: ['cache_ttl'],
  },
  {
    sentence: 'cache TTLs of one price are no range',
    prices: [
      priceOf('cache_write', 3, { cacheTtl: '5m' }),
      priceOf('cache_write', 3, { cacheTtl: '1h' }),
    ],
    item: 'cache_write',
    expected: 3,
  },
  {
    sentence:
      'a write to the cache of an OpenAI model costs what input costs where it has no price',
    prices: [list],
    item: 'cache_write',
    expected: 2,
  },
  {
    sentence: 'a write to the cache of Claude has no price where the book has none',
    prices: [list],
    subject: claude,
    item: 'cache_write',
    expected: undefined,
  },
  {
    sentence: 'a read from a cache is never taken as anything else',
    prices: [list],
    item: 'cache_read',
    expected: undefined,
  },
  {
    sentence: 'a discount is taken off',
    prices: [list],
    discounts: [discountOf(15, { model: 'openai/*' })],
    expected: 1.7,
  },
  {
    sentence: 'of discounts the most specific one, not both',
    prices: [list],
    discounts: [discountOf(15, { model: 'openai/*' }), discountOf(50, { model: 'openai/gpt-5*' })],
    expected: 1,
  },
  {
    sentence: "a discount leaves the user's own price alone",
    prices: [priceOf('input', 1.9, { source: 'file' })],
    discounts: [discountOf(15)],
    expected: 1.9,
  },
  {
    sentence: 'a discount is that of the traffic, not of the tier whose price stands in',
    prices: [list],
    subject: { tier: 'batch' },
    discounts: [discountOf(10, { tier: 'batch' }), discountOf(50, { tier: 'standard' })],
    expected: 0.9,
  },
  {
    sentence: 'a discount of one possible tier widens the range',
    prices: [priceOf('input', 2)],
    subject: { tier: 'unknown' },
    discounts: [discountOf(50, { tier: 'flex' })],
    expected: [1, 2, 2],
    reasons: ['tier_unknown'],
  },
  {
    sentence: 'all of it off is free, and that is a price',
    prices: [list],
    discounts: [discountOf(100)],
    expected: 0,
  },
  {
    sentence: 'both bands have their rates',
    prices: gpt54,
    expected: 2.5,
    long: 5,
  },
  {
    sentence: 'both bands take the stand-in',
    prices: gpt54,
    subject: { routing: 'data_zone' },
    item: 'output',
    expected: [15, 16.5, 18],
    long: [22.5, 24.75, 27],
    reasons: ['routing_price_unknown'],
  },
];

describe('a card', () => {
  it.each(cases)('$sentence', ({ prices, subject, discounts, item = 'input', ...rest }) => {
    const card = cardOf(prices, subject, discounts);
    expect(dollarsOf(card.short[item])).toEqual(rest.expected);
    expect(dollarsOf(card.long?.[item])).toEqual(rest.long);
    expect(card.reasons[item] ?? []).toEqual(rest.reasons ?? []);
    expect(card.perToken).toBe(true);
  });

  it('has the lowest threshold, and a long rate for every item', () => {
    const prices = [
      ...gpt54,
      priceOf('cache_write', 3, { band: 'short', thresholdTokens: 200_000 }),
      priceOf('cache_write', 6, { band: 'long', thresholdTokens: 200_000 }),
    ];
    expect(cardOf(gpt54).thresholdTokens).toBe(272_000);
    const card = cardOf(prices);
    expect(card.thresholdTokens).toBe(200_000);
    expect(Object.keys(card.long ?? {}).toSorted()).toEqual(tokenItems.toSorted());
  });

  it('has one rate for both bands where an item costs the same in them', () => {
    const prices = [...gpt54.filter(({ item }) => item !== 'output'), priceOf('output', 15)];
    expect(dollarsOf(cardOf(prices).long?.output)).toBe(15);
  });

  it('names its prices and discounts, the best ones first, and what it takes of them', () => {
    const prices = [
      { ...list, reference: 'azure:gpt-5.4' },
      priceOf('input', 1.5, { ...global, tier: 'flex', reference: 'meter-7' }),
    ];
    const discounts = [discountOf(15, { reference: 'prices.yaml:4' })];
    const { origins } = cardOf(prices, { tier: 'unknown', routing: 'data_zone' }, discounts);
    expect(
      origins.input?.map(({ source, reference, nanoUsd, factorPpm }) => [
        source,
        reference,
        nanoUsd,
        factorPpm,
      ]),
    ).toEqual([
      ['genai_prices', 'azure:gpt-5.4', 2_000_000_000n, 1_100_000],
      ['discount', 'prices.yaml:4', null, 850_000],
      ['genai_prices', 'meter-7', 1_500_000_000n, 1_100_000],
    ]);
    expect(origins.cache_write?.[0]?.item).toBe('input');
  });

  it('rounds once: factors and discount together, a half up', () => {
    const cent = priceOf('input', 0, { ...global, nanoUsd: 5n });
    const rate = (percent: number) =>
      cardOf([cent], { routing: 'data_zone', tier: 'batch' }, [discountOf(percent)]).short.input;
    // 5 x 1.1 x 0.5 = 2.75, and 10 % of it off: 2.475
    expect(rate(0)).toEqual({ low: 3n, best: 3n, high: 3n });
    expect(rate(10)).toEqual({ low: 2n, best: 2n, high: 3n });
  });
});

it('the best rate of any subject is what its first origins come to, multiplied by hand', () => {
  const anySubject = fc.record({
    routing: fc.constantFrom('global' as const, 'data_zone' as const, 'unknown' as const),
    tier: fc.constantFrom('standard' as const, 'batch' as const, 'flex' as const),
  });
  const anyNano = fc.bigInt({ min: 0n, max: 10n ** 12n });
  const anyOff = fc.nat({ max: 1_000_000 });
  const source = fc.constantFrom('file' as const, 'genai_prices' as const);
  fc.assert(
    fc.property(anySubject, anyNano, anyOff, source, (subject, nanoUsd, offPpm, from) => {
      const price = { ...list, nanoUsd, source: from };
      const card = cardOf([price], { ...azureGlobal, ...subject }, [{ ...discountOf(0), offPpm }]);
      const origins = card.origins.input ?? [];
      const discount = origins.find((one) => one.source === 'discount');
      const kept = BigInt(discount?.factorPpm ?? 1_000_000);
      const first = (origins[0]?.nanoUsd ?? 0n) * BigInt(origins[0]?.factorPpm ?? 0) * kept;
      expect(card.short.input?.best).toBe(divideHalfUp(first, 10n ** 12n));
      expect(discount === undefined).toBe(from === 'file');
    }),
  );
});
