import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import { queryPrices } from '../../../agent/query/prices.ts';
import type { PriceFilters } from '../../../agent/query/prices.ts';
import { TooManyRowsError } from '../../../agent/query/too-many-rows.ts';
import { holds } from '../../../agent/pricing/scope.ts';
import { listedRow } from '../pricing/price-rows.ts';

const book = (...prices: readonly Price[]) => ({ prices: async () => prices });

async function found(prices: readonly Price[], filters: PriceFilters, scope: PriceFilters = {}) {
  const rows = await queryPrices(book(), prices, { filters, scope });
  return rows.map(({ model, region }) => `${model} ${region}`.trim());
}

describe('a price as a row', () => {
  it('has its words, its dates and its dollars', async () => {
    const price = listedRow({
      band: 'long',
      thresholdTokens: 272_000,
      to: Date.UTC(2026, 10, 1),
      modelVersion: '2026-03-05',
    });
    expect(await queryPrices(book(price), [], { filters: {} })).toEqual([
      {
        model: 'openai/gpt-5.4',
        cloud: 'azure',
        region: 'eastus',
        routing: 'global',
        tier: 'standard',
        token_type: 'input',
        context_band: 'long',
        cache_ttl: '',
        usd_per_million: 2.5,
        source: 'azure_retail_prices',
        source_version: 'v1',
        effective_from: '2026-03-01T00:00:00.000Z',
        effective_to: '2026-11-01T00:00:00.000Z',
        usd_per_unit_hour: null,
        model_version: '2026-03-05',
        account: '',
        threshold_tokens: 272_000,
      },
    ]);
  });

  it('has no dates where it has none, and hours beside tokens', async () => {
    const price = listedRow({ item: 'unit_hour', from: startOfTime, nanoUsd: 1_100_000_000n });
    expect(await queryPrices(book(), [price], { filters: {} })).toMatchObject([
      {
        token_type: 'unit_hour',
        usd_per_million: null,
        usd_per_unit_hour: 1.1,
        effective_from: null,
        effective_to: null,
      },
    ]);
  });

  it('is left out where it never held', async () => {
    const price = listedRow({ to: listedRow().from });
    expect(await queryPrices(book(price), [], { filters: {} })).toEqual([]);
  });
});

describe('what a filter lets through', () => {
  const prices = [
    listedRow(),
    listedRow({ region: '' }),
    listedRow({ region: 'west*' }),
    listedRow({ model: 'openai/*', region: 'westus' }),
    listedRow({ model: 'anthropic/claude-opus-4.8', region: 'westeurope' }),
  ];

  it.each<[string, PriceFilters, readonly string[]]>([
    [
      'a region: prices of it, of more than it, and of everywhere',
      { region: ['westus'] },
      ['openai/* westus', 'openai/gpt-5.4', 'openai/gpt-5.4 west*'],
    ],
    [
      'a model, in any case: rows of many models too',
      { model: ['OpenAI/gpt-5.4'] },
      ['openai/* westus', 'openai/gpt-5.4', 'openai/gpt-5.4 eastus', 'openai/gpt-5.4 west*'],
    ],
    ['a start', { model: ['anth*'] }, ['anthropic/claude-opus-4.8 westeurope']],
    ['a start under a start', { model: ['openai/gpt-4*'] }, ['openai/* westus']],
    ['two columns', { model: ['anthropic/*'], region: ['westus'] }, []],
    [
      'a list',
      { region: ['nowhere', 'westeurope'], model: ['anth*'] },
      ['anthropic/claude-opus-4.8 westeurope'],
    ],
    ['a word that must be the very word', { token_type: ['output'] }, []],
    ['nothing', { source: [] }, prices.map(({ model, region }) => `${model} ${region}`.trim())],
  ])('%s', async (_, filters, expected) => {
    expect(await found(prices, filters)).toEqual(expected.toSorted());
  });

  it('holds beside what the asker may see', async () => {
    expect(await found(prices, { region: ['west*'] }, { model: ['openai/gpt-5.4'] })).toEqual([
      'openai/* westus',
      'openai/gpt-5.4',
      'openai/gpt-5.4 west*',
    ]);
  });

  it('never hides a price that holds for the value asked for', async () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 });
    const word = fc.tuple(letters, fc.boolean()).map(([text, star]) => (star ? `${text}*` : text));
    await fc.assert(
      fc.asyncProperty(
        word,
        letters.filter((text) => text !== ''),
        async (own, value) => {
          const [row] = await found([listedRow({ region: own })], { region: [value] });
          expect(row !== undefined).toBe(holds('region', own, value));
        },
      ),
    );
  });

  it('lets a start through exactly where some value fits both', async () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 });
    const word = fc.tuple(letters, fc.boolean()).map(([text, star]) => (star ? `${text}*` : text));
    const values = ['', 'a', 'b'].flatMap((x) =>
      ['', 'a', 'b'].flatMap((y) =>
        ['', 'a', 'b'].flatMap((z) => ['', 'a', 'b'].map((w) => x + y + z + w)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(word, letters, async (own, start) => {
        const [row] = await found([listedRow({ region: own })], { region: [`${start}*`] });
        const fits = values.some((value) => value.startsWith(start) && holds('region', own, value));
        expect(row !== undefined).toBe(fits);
      }),
    );
  });
});

it('refuses what is too long, and says what to filter by', async () => {
  const prices = Array.from({ length: 4 }, (_, day) => listedRow({ from: day }));
  const asked = queryPrices(book(...prices), [], { filters: {}, maxRows: 3 });
  await expect(asked).rejects.toThrow(TooManyRowsError);
  await expect(asked).rejects.toThrow('4 prices, the most is 3: filter by model');
});

it('answers in one order, whatever order the book has', async () => {
  const rows = [
    listedRow(),
    listedRow({ from: 5 }),
    listedRow({ item: 'output' }),
    listedRow({ band: 'short' }),
    listedRow({ region: 'westus' }),
    listedRow({ source: 'file' }),
  ];
  const ordered = await queryPrices(book(...rows), [], { filters: {} });
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), async (shuffled) => {
      expect(await queryPrices(book(...shuffled), [], { filters: {} })).toEqual(ordered);
    }),
  );
});
