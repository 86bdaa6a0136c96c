import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../agent/core/price.ts';
import { createBook } from '../../../agent/pricing/book.ts';
import { discountOf as findDiscount, lookUp } from '../../../agent/pricing/lookup.ts';
import { azureGlobal, discountOf, gpt54, priceOf, usd } from './book-world.ts';

const now = Date.UTC(2026, 10, 25);

/** TTL, dollars short and dollars long of what is found. */
function found(prices: readonly Price[], item: Price['item'], subject = azureGlobal, at = now) {
  return lookUp(createBook(prices, []), item, subject, at).map(({ cacheTtl, short, long }) => [
    cacheTtl,
    Number(short.nanoUsd) / 1e9,
    long === undefined ? null : Number(long.nanoUsd) / 1e9,
  ]);
}

describe('a look-up', () => {
  it('finds nothing in an empty book', () => {
    expect(found([], 'input')).toEqual([]);
  });

  it('collects both context bands', () => {
    expect(found(gpt54, 'input')).toEqual([['', 2.5, 5]]);
  });

  it('lets a price for any band of a higher layer stand for both', () => {
    expect(found([...gpt54, priceOf('input', 2, { source: 'file' })], 'input')).toEqual([
      ['', 2, null],
    ]);
  });

  it('takes the long band from the layer below where the higher one speaks of the short alone', () => {
    const short = priceOf('input', 2, { source: 'file', band: 'short', thresholdTokens: 272_000 });
    expect(found([...gpt54, short], 'input')).toEqual([['', 2, 5]]);
  });

  it('takes a price for any as that of the long band where the short one has its own', () => {
    const short = priceOf('input', 2, { source: 'file', band: 'short', thresholdTokens: 9 });
    expect(found([priceOf('input', 3), short], 'input')).toEqual([['', 2, 3]]);
  });

  it('finds nothing where the long band alone is priced', () => {
    const long = gpt54.filter(({ band }) => band === 'long');
    expect(found(long, 'input')).toEqual([]);
  });

  it('collects cache TTLs, shortest first', () => {
    const prices = [
      priceOf('cache_write', 6, { cacheTtl: '1h' }),
      priceOf('cache_write', 4, { cacheTtl: '30m' }),
      priceOf('cache_write', 3.75, { cacheTtl: '5m' }),
    ];
    expect(found(prices, 'cache_write').map(([ttl]) => ttl)).toEqual(['5m', '30m', '1h']);
  });

  it('lets a price for any TTL of a higher layer stand for all', () => {
    const prices = [
      priceOf('cache_write', 3, { source: 'file' }),
      priceOf('cache_write', 6, { cacheTtl: '1h' }),
      priceOf('cache_write', 3.75, { cacheTtl: '5m' }),
    ];
    expect(found(prices, 'cache_write')).toEqual([
      ['5m', 3, null],
      ['1h', 3, null],
    ]);
  });

  it('takes a price without TTL beside one for an hour as that of the plain write', () => {
    const prices = [priceOf('cache_write', 6, { cacheTtl: '1h' }), priceOf('cache_write', 3.75)];
    expect(found(prices, 'cache_write')).toEqual([
      ['', 3.75, null],
      ['1h', 6, null],
    ]);
  });

  it.each([
    ['the day before', -1, 3],
    ['the first moment', 0, 2],
    ['the last moment', 9, 2],
    ['the moment after', 10, 3],
  ] as const)('keeps to dates: %s', (_, offset, dollars) => {
    const prices = [
      priceOf('input', 3),
      priceOf('input', 2, { from: now, to: now + 10, tier: 'standard' }),
    ];
    expect(found(prices, 'input', azureGlobal, now + offset)).toEqual([['', dollars, null]]);
  });

  it.each([
    ['cloud', { cloud: 'aws' }],
    ['model', { model: 'openai/gpt-5' }],
    ['a glob of another model', { model: 'anthropic/*' }],
    ['model version', { modelVersion: '2026-03-05' }],
    ['account', { account: 'sub-2' }],
    ['region', { region: 'westus' }],
    ['routing', { routing: 'data_zone' }],
    ['tier', { tier: 'batch' }],
  ] as const)('passes over a price of another %s', (_, scope) => {
    expect(found([priceOf('input', 2, scope)], 'input')).toEqual([]);
  });

  it('takes a star literally where only whole words stand', () => {
    expect(found([priceOf('input', 2, { modelVersion: '*' })], 'input')).toEqual([]);
  });
});

describe('a discount', () => {
  it('is the most specific one that holds', () => {
    const book = createBook(
      [],
      [
        discountOf(5),
        discountOf(10, { model: 'openai/*' }),
        discountOf(20, { model: 'openai/*', from: now + 1 }),
        discountOf(30, { model: 'openai/*', tier: 'batch' }),
      ],
    );
    const percent = (tier: 'standard' | 'batch', at: number) =>
      (findDiscount(book, { ...azureGlobal, tier }, at)?.offPpm ?? 0) / 10_000;
    expect([percent('standard', now), percent('standard', now + 1)]).toEqual([10, 20]);
    expect([percent('batch', now), percent('batch', now + 1)]).toEqual([30, 30]);
    expect(findDiscount(book, { ...azureGlobal, model: 'anthropic/x' }, now)?.offPpm).toBe(50_000);
  });
});

describe('of any prices', () => {
  const anyScope = fc.record({
    model: fc.constantFrom('', '*', 'openai/*', 'openai/gpt*', 'openai/gpt-5.4', 'x/*'),
    account: fc.constantFrom('', 'sub-*', 'sub-1', 'sub-2'),
    region: fc.constantFrom('', 'east*', 'eastus', 'west*'),
    tier: fc.constantFrom('' as const, 'standard' as const, 'batch' as const),
    source: fc.constantFrom(
      'file' as const,
      'azure_retail_prices' as const,
      'genai_prices' as const,
    ),
    from: fc.constantFrom(0, now - 5, now, now + 5),
  });
  const anyPrices = fc.uniqueArray(anyScope, {
    selector: ({ model, account, region, tier, source, from }) =>
      JSON.stringify([model, account, region, tier, source, from]),
    maxLength: 12,
  });

  /** Field by field, by hand: who is left after each word has spoken. */
  function champion(prices: readonly Price[]): Price | undefined {
    const fits = (word: string, value: string) =>
      word === '' || (word.endsWith('*') ? value.startsWith(word.slice(0, -1)) : word === value);
    let left = prices.filter(
      (one) =>
        fits(one.model, 'openai/gpt-5.4') &&
        fits(one.account, 'sub-1') &&
        fits(one.region, 'eastus') &&
        (one.tier === '' || one.tier === 'standard') &&
        one.from <= now,
    );
    const keep = (score: (one: Price) => number) => {
      const most = Math.max(...left.map(score));
      left = left.filter((one) => score(one) === most);
    };
    const said = (word: string) => (word.endsWith('*') ? word.length : word === '' ? 0 : 1_000);
    keep(({ source }) => ['genai_prices', 'azure_retail_prices', 'file'].indexOf(source));
    keep(({ model }) => said(model));
    keep(({ account }) => said(account));
    keep(({ region }) => said(region));
    keep(({ tier }) => said(tier));
    keep(({ from }) => from);
    expect(left.length).toBeLessThanOrEqual(1);
    return left[0];
  }

  it('the one found is the one that plain elimination leaves', () => {
    fc.assert(
      fc.property(anyPrices, (scopes) => {
        const prices = scopes.map((scope, index) =>
          priceOf('input', index + 1, { ...scope, reference: `${index}` }),
        );
        const [variant] = lookUp(createBook(prices, []), 'input', azureGlobal, now);
        expect(variant?.short).toEqual(champion(prices));
      }),
      { numRuns: 500 },
    );
  });

  it('a price in the book is found by the traffic it names', () => {
    fc.assert(
      fc.property(fc.constantFrom('input', 'output', 'cache_read'), fc.nat(), (item, cents) => {
        const [variant] = lookUp(
          createBook([priceOf(item, cents / 100)], []),
          item,
          azureGlobal,
          now,
        );
        expect(variant?.short.nanoUsd).toBe(usd(cents / 100));
      }),
    );
  });
});
