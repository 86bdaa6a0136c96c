import { readFileSync } from 'node:fs';
import { calcPrice } from '@pydantic/genai-prices';
import type { ModelInfo } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { endOfTime, startOfTime } from '../../../agent/core/price.ts';
import { canonicalOf } from '../../../agent/normalize/canonical-of.ts';
import { createBook } from '../../../agent/pricing/book.ts';
import { bookOf } from '../../../agent/pricing/genai/book.ts';
import type { DefaultBook } from '../../../agent/pricing/genai/book.ts';
import { nanoOfDecimal } from '../../../agent/pricing/genai/decimal.ts';
import { defaultBook } from '../../../agent/pricing/genai/default-prices.ts';
import { packagedEdition } from '../../../agent/pricing/genai/edition.ts';
import { packagedProviders } from '../../../agent/pricing/genai/packaged.ts';
import { termsOf } from '../../../agent/pricing/genai/terms.ts';
import type { TermsFault } from '../../../agent/pricing/genai/terms.ts';
import { lookUp } from '../../../agent/pricing/lookup.ts';

let book: DefaultBook = { prices: [], leftOut: [] };
beforeAll(async () => {
  book = await defaultBook(canonicalOf);
});

const cut = Date.UTC(2026, 7, 21);

function rowsOf(model: string, cloud: string) {
  return book.prices.filter((price) => price.model === model && price.cloud === cloud);
}

describe('the default prices', () => {
  it('carry the version that is installed', () => {
    const path = new URL(
      '../../../node_modules/@pydantic/genai-prices/package.json',
      import.meta.url,
    );
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
    expect(packagedEdition.version).toBe(version);
    expect(new Set(book.prices.map(({ sourceVersion }) => sourceVersion))).toEqual(
      new Set([version]),
    );
  });

  it('hold a dated cut as two rows that meet on its day', () => {
    const input = rowsOf('openai/gpt-5.6-sol', 'aws').filter(
      ({ item, band, routing }) => item === 'input' && band === 'short' && routing === 'in_region',
    );
    expect(input).toMatchObject([
      { nanoUsd: 5_500_000_000n, from: startOfTime, to: cut },
      { nanoUsd: 4_400_000_000n, from: cut, to: endOfTime },
    ]);
    expect(input[0]).toMatchObject({
      reference: 'aws:regional.openai.gpt-5.6-sol',
      thresholdTokens: 271_999,
      tier: 'standard',
      source: 'genai_prices',
    });
  });

  it('have the regional rate for the bare id and a geography, and the global one for global', () => {
    const input = rowsOf('anthropic/claude-sonnet-4-6', 'aws').filter(
      ({ item }) => item === 'input',
    );
    expect(input.map(({ routing, nanoUsd }) => [routing, nanoUsd])).toEqual([
      ['global', 3_000_000_000n],
      ['in_region', 3_300_000_000n],
      ['geo', 3_300_000_000n],
    ]);
  });

  it("have Azure's for Global deployments alone", () => {
    const routings = book.prices.filter(({ cloud }) => cloud === 'azure').map((one) => one.routing);
    expect(new Set(routings)).toEqual(new Set(['global']));
  });

  it('have a version only where another one costs something else', () => {
    const input = rowsOf('openai/gpt-4o', 'azure').filter(({ item }) => item === 'input');
    expect(input.map(({ modelVersion, nanoUsd }) => [modelVersion, nanoUsd])).toEqual([
      ['', 2_500_000_000n],
      ['2024-05-13', 5_000_000_000n],
    ]);
    expect(
      new Set(rowsOf('anthropic/claude-3-5-sonnet', 'aws').map((one) => one.modelVersion)),
    ).toEqual(new Set(['']));
  });

  it('keep an hour of cache apart from five minutes, where the package does', () => {
    const writes = rowsOf('anthropic/claude-opus-5-5', 'aws').filter(
      ({ item, routing }) => item === 'cache_write' && routing === 'global',
    );
    expect(writes.map(({ cacheTtl, nanoUsd }) => [cacheTtl, nanoUsd])).toEqual([
      ['5m', 5_000_000_000n],
      ['1h', 8_000_000_000n],
    ]);
  });

  it('make one book without a tie', () => {
    expect(() => createBook(book.prices, [])).not.toThrow();
    expect(book.prices.length).toBeGreaterThan(800);
  });

  it('say of every entry that prices nothing why', () => {
    const entries = [
      ...packagedProviders(['aws']),
      ...packagedProviders(['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai']),
    ].flatMap(({ id, models }) => models.map((model) => `${id}:${model.id}`));
    const pricing = new Set(book.prices.map(({ reference }) => reference));
    const told = [...pricing, ...book.leftOut.map(({ reference }) => reference)];
    expect(told.toSorted()).toEqual(entries.toSorted());
  });
});

/** The package's own arithmetic, which is right for one request: ours must agree with it there. */
describe('one request, priced by the package and by the book', () => {
  const cases = [
    ['aws', 'openai.gpt-5.6-sol', Date.UTC(2026, 10, 1), 271_999],
    ['aws', 'openai.gpt-5.6-sol', Date.UTC(2026, 10, 1), 272_000],
    ['aws', 'global.openai.gpt-5.6-sol', cut - 1, 1000],
    ['aws', 'global.openai.gpt-5.6-sol', cut, 1000],
    ['aws', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', cut, 1000],
    ['aws', 'amazon.nova-micro-v1:0', cut, 3],
    ['azure', 'gpt-5.4', cut, 271_999],
    ['azure', 'gpt-5.4', cut, 272_000],
    ['azure', 'gpt-6-sol', cut, 272_000],
    ['azure', 'gpt-6-sol', cut, 272_001],
    ['azure', 'claude-sonnet-4-5', cut, 200_001],
    ['azure', 'o4-mini', cut, 1000],
    ['azure', 'gpt-3.5-turbo-0613', cut, 1000],
  ] as const;

  it.each(cases)('%s %s at %d of %d tokens', (cloud, id, at, tokens) => {
    const canonical = canonicalOf(cloud, id);
    const result = calcPrice({ input_tokens: tokens, output_tokens: 7 }, id, {
      providerId: cloud,
      timestamp: new Date(at),
    });
    const traffic = {
      model: canonical?.model ?? '',
      modelVersion: canonical?.modelVersion ?? '',
      cloud,
      account: '',
      region: '',
      routing: cloud === 'azure' ? 'global' : (canonical?.routing ?? 'unknown'),
      tier: 'standard',
    } as const;
    const prices = createBook(book.prices, []);
    const total = (
      [
        ['input', tokens],
        ['output', 7],
      ] as const
    ).reduce((sum, [item, count]) => {
      const [found] = lookUp(prices, item, traffic, at);
      const isLong = tokens > (found?.short.thresholdTokens ?? Infinity);
      const price = isLong ? found?.long : found?.short;
      return sum + Number((price?.nanoUsd ?? 0n) * BigInt(count)) / 1e15;
    }, 0);
    expect(result?.total_price).toBeGreaterThan(0);
    expect(total).toBeCloseTo(result?.total_price ?? 0, 12);
  });
});

describe('an entry of the package', () => {
  const cases: readonly (readonly [string, ModelInfo['prices'], TermsFault])[] = [
    ['audio beside text', { input_mtok: 1, input_audio_mtok: 9 }, 'mixed_modalities'],
    ['nothing for tokens', { audio_hours: 3 }, 'no_token_price'],
    [
      'two thresholds',
      {
        input_mtok: {
          base: 1,
          tiers: [
            { start: 1, price: 2 },
            { start: 2, price: 3 },
          ],
        },
      },
      'several_thresholds',
    ],
    [
      'a price by the time of day',
      [
        { prices: { input_mtok: 1 } },
        {
          constraint: { type: 'time_of_date', start_time: '00:30:00Z', end_time: '16:30:00Z' },
          prices: { input_mtok: 2 },
        },
      ],
      'time_of_day',
    ],
    [
      'two prices without a date',
      [{ prices: { input_mtok: 1 } }, { prices: {} }],
      'undated_change',
    ],
  ];

  it.each(cases)('with %s is left out', (_, prices, reason) => {
    expect(termsOf({ prices }, '')).toBe(reason);
  });

  it('of a nearer provider speaks for the whole model, its versions included', () => {
    const provider = (id: string, price: number, match: string) => ({
      id,
      name: id,
      api_pattern: '',
      models: [{ id: match, match: { equals: match }, prices: { input_mtok: price } }],
    });
    const { prices, leftOut } = bookOf(
      'azure',
      [provider('azure', 1, 'gpt-4o'), provider('openai', 2, 'gpt-4o-2024-05-13')],
      canonicalOf,
      { version: '1', at: 0 },
    );
    expect(prices.map(({ nanoUsd, reference }) => [nanoUsd, reference])).toEqual([
      [1_000_000_000n, 'azure:gpt-4o'],
    ]);
    expect(leftOut).toEqual([
      { cloud: 'azure', reference: 'openai:gpt-4o-2024-05-13', reason: 'given_already' },
    ]);
  });
});

describe('a decimal', () => {
  it.each([
    ['0.0028', 2_800_000n],
    ['2.5e-7', 250n],
    ['1e3', 1_000_000_000_000n],
    ['3', 3_000_000_000n],
    ['0', 0n],
  ])('%s is %d nano-dollars', (text, nano) => {
    expect(nanoOfDecimal(text)).toBe(nano);
  });

  it.each(['', '-1', '.5', '1,5', 'NaN', 'Infinity', '0.0000000001'])('%j is none', (text) => {
    expect(() => nanoOfDecimal(text)).toThrow(/price/);
  });

  it('of any number of nano-dollars comes back exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (nano) => {
        expect(nanoOfDecimal(String(nano / 1e9))).toBe(BigInt(nano));
      }),
    );
  });
});
