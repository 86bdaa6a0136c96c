import { statSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPricesFile, parsePricesFile } from '../../../agent/config/prices-file.ts';
import type { PricesFile } from '../../../agent/config/prices-file.ts';
import { ConfigError, problemText } from '../../../agent/config/problems.ts';
import type { Problem } from '../../../agent/config/problems.ts';
import { endOfTime, startOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import { canonicalOf } from '../../../agent/normalize/canonical-of.ts';
import { defaultPrices } from '../../../agent/pricing/genai/default-prices.ts';
import { expectations } from './expectations.ts';
import { env, fixtures } from './read-fixtures.ts';

const november = Date.UTC(2026, 10, 1);
const december = Date.UTC(2026, 11, 1);
const currencies = [
  { currency: 'EUR', nanoUsd: 1_105_000_000n, from: december },
  { currency: 'EUR', nanoUsd: 1_090_000_000n, from: november },
];

let known: readonly Price[] = [];
beforeAll(async () => {
  known = await defaultPrices(canonicalOf);
});

function load(path: string): PricesFile {
  return loadPricesFile(path, { env, currencies, known });
}

function parse(text: string): PricesFile {
  return parsePricesFile(text, { file: 'agreed.yaml', fetchedAt: 7, env, currencies, known });
}

function problemsOf(path: string): readonly Problem[] {
  try {
    load(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const bad = fixtures('bad', 'prices');

describe('a bad prices file', () => {
  it('is tried in at least forty ways', () => {
    expect(bad.length).toBeGreaterThanOrEqual(40);
  });

  it.each(bad)('$name: says where, what and how to mend it, and nothing else', (fixture) => {
    const expected = expectations(fixture.text);
    const found = problemsOf(fixture.path);
    expect(expected.length).toBeGreaterThan(0);
    expect(found.map(({ line, path }) => ({ line, path }))).toEqual(
      expected.map(({ line, path }) => ({ line, path })),
    );
    expected.forEach(({ fragment }, index) => {
      expect(found[index]?.message).toContain(fragment);
    });
    expect(found.map(problemText).join('\n')).not.toContain('sesame');
  });

  it('that is not there names itself and the key that led to it', () => {
    expect(() => load('/nowhere/prices.yaml')).toThrow(
      '/nowhere/prices.yaml: cannot be read: there is no such file; write one as the README shows it, or correct prices.file',
    );
  });
});

describe('a prices file', () => {
  const path = fixtures('good', 'prices').find(({ name }) => name === 'everything')?.path ?? '';
  const rowsAt = (line: number) =>
    load(path).prices.filter(({ reference }) => reference === `everything.yaml:${line}`);

  it('prices everything by the file, its checksum, the line and when it was written', () => {
    const { prices, version } = load(path);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(new Set(prices.map(({ source }) => source))).toEqual(new Set(['file']));
    expect(new Set(prices.map(({ sourceVersion }) => sourceVersion))).toEqual(new Set([version]));
    expect(prices[0]?.fetchedAt).toBe(Math.floor(statSync(path).mtimeMs));
  });

  it('holds everywhere and always but for what it says', () => {
    expect(rowsAt(3)[0]).toMatchObject({
      model: 'openai/gpt-4.1',
      modelVersion: '',
      cloud: 'azure',
      account: '',
      region: '',
      routing: '',
      tier: '',
      item: 'input',
      band: 'any',
      thresholdTokens: null,
      cacheTtl: '',
      nanoUsd: 2_000_000_000n,
      from: startOfTime,
      to: Date.UTC(2026, 6, 1),
    });
    expect(rowsAt(4).map(({ item, from, to }) => [item, from, to])).toEqual([
      ['input', Date.UTC(2026, 6, 1), endOfTime],
      ['output', Date.UTC(2026, 6, 1), endOfTime],
    ]);
  });

  it('converts another currency by the rate of the day, so a new rate is a new price', () => {
    const scope = {
      model: 'openai/gpt-5*',
      modelVersion: '2026-03-05',
      account: '00000000-0000-0000-0000-00000000000a',
      region: 'swedencentral',
      routing: 'data_zone',
      tier: 'standard',
    };
    const input = rowsAt(5).filter(({ item, band }) => item === 'input' && band === 'short');
    expect(input).toMatchObject([
      { ...scope, nanoUsd: 2_725_000_000n, from: Date.UTC(2026, 10, 15), to: december },
      { ...scope, nanoUsd: 2_762_500_000n, from: december, to: Date.UTC(2026, 11, 15) },
    ]);
  });

  it('splits by the threshold what has a price above it, and nothing else', () => {
    const bands = rowsAt(5)
      .filter(({ from }) => from === december)
      .map(({ item, band, thresholdTokens }) => [item, band, thresholdTokens]);
    expect(bands).toEqual([
      ['input', 'short', 272_000],
      ['cache_read', 'any', null],
      ['output', 'short', 272_000],
      ['input', 'long', 272_000],
      ['output', 'long', 272_000],
    ]);
  });

  it('has a plain cache write mean five minutes beside one of an hour', () => {
    expect(rowsAt(16).map(({ item, cacheTtl, nanoUsd }) => [item, cacheTtl, nanoUsd])).toEqual([
      ['cache_write', '5m', 6_000_000_000n],
      ['cache_write', '1h', 9_500_000_000n],
    ]);
  });

  it('takes zero, and what looks like a slip, where the row says that it is meant', () => {
    expect(rowsAt(17).map(({ item, nanoUsd }) => [item, nanoUsd])).toEqual([
      ['input', 0n],
      ['cache_read', 0n],
      ['cache_write', 0n],
      ['output', 0n],
    ]);
    expect(rowsAt(18).map(({ nanoUsd }) => nanoUsd)).toEqual([0n, 600_000_000n]);
    expect(rowsAt(19).map(({ nanoUsd }) => nanoUsd)).toEqual([2_500_000n]);
  });

  it('takes percentages in millionths', () => {
    expect(load(path).discounts).toMatchObject([
      { model: 'openai/*', cloud: 'azure', offPpm: 150_000, reference: 'everything.yaml:21' },
      { model: '', account: '111122223333', offPpm: 125_000, from: Date.UTC(2026, 0, 1) },
    ]);
  });

  it('prices a unit-hour of any model, or of one', () => {
    expect(load(path).prices.filter(({ item }) => item === 'unit_hour')).toMatchObject([
      { model: '', tier: 'provisioned', routing: 'global', nanoUsd: 1_000_000_000n },
      { model: 'openai/gpt-5.4', tier: 'provisioned', nanoUsd: 1_090_000_000n, to: december },
      { model: 'openai/gpt-5.4', tier: 'provisioned', nanoUsd: 1_105_000_000n, from: december },
    ]);
  });

  it('reads every amount of up to nine decimals exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 999_999_999_999n }), (nano) => {
        const digits = nano.toString().padStart(10, '0');
        const text = `${digits.slice(0, -9)}.${digits.slice(-9)}`;
        const row = `{ model: acme/x, confirm: true, usd_per_million: { input: ${text} } }`;
        expect(parse(`prices: [${row}]`).prices[0]?.nanoUsd).toBe(nano);
      }),
    );
  });

  it('never throws anything but a list of problems', () => {
    const word = fc.constantFrom('', '*', '-1', '2.5', 'openai/*', 'azure', '15%', '[]', '{}', '~');
    const key = fc.constantFrom('model', 'usd_per_million', 'eur_per_million', 'off', 'from', 'to');
    fc.assert(
      fc.property(
        fc.constantFrom('prices', 'discounts', 'provisioned'),
        fc.array(fc.tuple(key, word), { maxLength: 5 }),
        (list, pairs) => {
          const row = pairs.map(([name, value]) => `${name}: ${value === '*' ? '"*"' : value}`);
          const problem = thrownBy(() => parse(`${list}: [{ ${row.join(', ')} }]`));
          expect(problem === undefined || problem instanceof ConfigError).toBe(true);
        },
      ),
    );
  });

  it('changes its version with its text, and with nothing else', () => {
    const text = 'discounts: [{ model: "*", off: 5% }]';
    expect(parse(text).version).toBe(parse(text).version);
    expect(parse(`${text} `).version).not.toBe(parse(text).version);
  });
});
