import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../agent/core/price.ts';
import { PriceTieError, createBook } from '../../../agent/pricing/book.ts';
import { azureGlobal, discountOf, priceOf } from './book-world.ts';
import { lookUp } from '../../../agent/pricing/lookup.ts';

const day = Date.UTC(2026, 10, 1);
const dayMs = 86_400_000;

interface Tie {
  readonly sentence: string;
  readonly a: Partial<Price>;
  readonly b: Partial<Price>;
}

const apart: readonly Tie[] = [
  { sentence: 'layers', a: { source: 'file' }, b: { source: 'azure_retail_prices' } },
  { sentence: 'models', a: { model: 'openai/*' }, b: { model: 'openai/gpt*' } },
  { sentence: 'no model and any model', a: { model: '' }, b: { model: '*' } },
  { sentence: 'accounts', a: { account: 'sub-1' }, b: { account: 'sub-2' } },
  { sentence: 'tiers', a: { tier: 'batch' }, b: { tier: 'standard' } },
  { sentence: 'items', a: { item: 'input' }, b: { item: 'output' } },
  { sentence: 'bands', a: { band: 'short' }, b: { band: 'long' } },
  { sentence: 'cache TTLs', a: { cacheTtl: '5m' }, b: { cacheTtl: '1h' } },
  { sentence: 'dates', a: { from: day }, b: { from: day + dayMs } },
  { sentence: 'prices of which one never holds', a: { from: day, to: day }, b: { from: day } },
];

describe('a tie', () => {
  it('names both references, what they hold for and what to do', () => {
    const scope = { model: 'openai/*', cloud: 'azure', tier: 'batch', from: day } as const;
    const make = () =>
      createBook(
        [
          priceOf('input', 2, { ...scope, reference: 'prices.yaml:3' }),
          priceOf('input', 3, { ...scope, reference: 'prices.yaml:9' }),
        ],
        [],
      );
    expect(make).toThrow(PriceTieError);
    expect(make).toThrow(
      'two prices of input hold for openai/*, batch, azure from 2026-11-01: prices.yaml:3 says ' +
        '2000000000 nano-dollars, prices.yaml:9 says 3000000000 nano-dollars; delete one, narrow ' +
        'its scope or give it another date',
    );
  });

  it('of two cloud lists is one, for they are one layer', () => {
    const lists = [
      priceOf('input', 2, { source: 'aws_price_list' }),
      priceOf('input', 3, { source: 'azure_retail_prices' }),
    ];
    expect(() => createBook(lists, [])).toThrow(PriceTieError);
  });

  it('of thresholds is one too', () => {
    const banded = { band: 'long', reference: 'a' } as const;
    const make = () =>
      createBook(
        [
          priceOf('input', 2, { ...banded, thresholdTokens: 200_000 }),
          priceOf('input', 2, { ...banded, thresholdTokens: 272_000 }),
        ],
        [],
      );
    expect(make).toThrow('with the threshold 272000');
  });

  it('of discounts names both', () => {
    const make = () => createBook([], [discountOf(10), discountOf(15)]);
    expect(make).toThrow(/two discounts hold for everything .*prices.yaml:10 .*prices.yaml:15/);
  });

  it.each(apart)('is none between different $sentence', ({ a, b }) => {
    const prices = [priceOf('input', 2, a), priceOf('input', 3, b)];
    expect(createBook(prices, []).prices.length).toBeGreaterThan(0);
  });

  it('is none where both say the same', () => {
    const prices = [
      priceOf('input', 2, { reference: 'b' }),
      priceOf('input', 2, { reference: 'a' }),
    ];
    expect(createBook(prices, []).prices.map(({ reference }) => reference)).toEqual(['a', 'b']);
  });
});

/** Below, which of two that both hold for the subject is used: always the first. */
const contests: readonly (readonly [
  sentence: string,
  winner: Partial<Price>,
  loser: Partial<Price>,
])[] = [
  [
    'the user before a cloud, however vague',
    { source: 'file', model: '*' },
    { source: 'azure_retail_prices', tier: 'standard', account: 'sub-1' },
  ],
  [
    'a cloud before the package, however vague',
    { source: 'azure_retail_prices', model: 'openai/*' },
    { source: 'genai_prices', region: 'eastus', tier: 'standard' },
  ],
  ['the exact model before a glob', {}, { model: 'openai/gpt-5*', account: 'sub-1' }],
  ['a longer glob before a shorter', { model: 'openai/gpt*' }, { model: 'openai/*' }],
  ['a glob of anything before no word', { model: '*' }, { model: '' }],
  ['a version before an account', { modelVersion: 'v1' }, { account: 'sub-1' }],
  ['an account before a region', { account: 'sub-*' }, { region: 'eastus' }],
  ['an account before a glob of it', { account: 'sub-1' }, { account: 'sub-*', region: 'eastus' }],
  ['a region before a routing', { region: 'east*' }, { routing: 'global' }],
  ['a routing before a tier', { routing: 'global' }, { tier: 'standard' }],
  ['a tier before a cloud', { tier: 'standard' }, { cloud: 'azure' }],
  ['a cloud before a date', { cloud: 'azure' }, { from: day }],
  ['a later date before an earlier', { from: day + dayMs }, { from: day }],
  ['a date before a band', { from: day }, { band: 'short' }],
  ['a band of its own before any', { band: 'short' }, {}],
];

describe('of two prices that hold', () => {
  it.each(contests)('%s', (_, winner, loser) => {
    const prices = [
      priceOf('input', 1, { reference: 'z', ...winner }),
      priceOf('input', 2, { reference: 'a', ...loser }),
    ];
    for (const all of [prices, prices.toReversed()]) {
      const subject = { ...azureGlobal, modelVersion: 'v1' };
      const [found] = lookUp(createBook(all, []), 'input', subject, day + 2 * dayMs);
      expect(found?.short.reference).toBe('z');
    }
  });
});

it('the order in which prices come changes nothing', () => {
  const all = contests.flatMap(([, a, b], index) => [
    priceOf('input', 3, { ...a, reference: `a${index}` }),
    priceOf('input', 3, { ...b, reference: `b${index}` }),
  ]);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      expect(createBook(shuffled, []).prices).toEqual(createBook(all, []).prices);
    }),
  );
});
