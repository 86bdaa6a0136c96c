import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Price } from '../../../agent/core/price.ts';
import { apiWorld, rowsIn } from '../../support/api-world.ts';
import { listedRow } from '../pricing/price-rows.ts';

const problem = z.looseObject({ status: z.number(), detail: z.string() });

function world(prices: readonly Price[], match: Readonly<Record<string, readonly string[]>> = {}) {
  const { api } = apiWorld({
    book: { prices: async () => prices },
    filePrices: [listedRow({ source: 'file', account: 'sub-1', nanoUsd: 2_000_000_000n })],
    tokens: [{ name: 'grafana', token: { reveal: () => 'secret' }, scope: 'read', match }],
  });
  return (query: string) =>
    api.request(`/api/v1/prices${query}`, { headers: { Authorization: 'Bearer secret' } });
}

describe('/api/v1/prices', () => {
  it("answers with the book and the user's own file", async () => {
    const rows = await rowsIn(await world([listedRow()])('?model=openai/*'));
    expect(rows.map((row) => [row['source'], row['usd_per_million']])).toEqual([
      ['azure_retail_prices', 2.5],
      ['file', 2],
    ]);
  });

  it('has the promised columns first, in their order', async () => {
    const [row] = await rowsIn(await world([listedRow()])(''));
    expect(Object.keys(row ?? {}).slice(0, 13)).toEqual([
      'model',
      'cloud',
      'region',
      'routing',
      'tier',
      'token_type',
      'context_band',
      'cache_ttl',
      'usd_per_million',
      'source',
      'source_version',
      'effective_from',
      'effective_to',
    ]);
  });

  it.each([
    ['?cloud=gcp', 400, 'no value is "gcp"; known here: aws, azure'],
    ['?token_type=outptu', 400, 'did you mean "output"?'],
    ['?modle=x', 400, 'did you mean "model"?'],
    ['?model=o*i', 400, '* stands at the end only'],
  ])('refuses %s', async (query, status, detail) => {
    const answer = problem.parse(await (await world([])(query)).json());
    expect(answer.status).toBe(status);
    expect(answer.detail).toContain(detail);
  });

  it('is a 422 where it is too long, never a part', async () => {
    const prices = Array.from({ length: 10_000 }, (_, index) => listedRow({ from: index }));
    const answer = problem.parse(await (await world(prices)('')).json());
    expect(answer).toMatchObject({
      status: 422,
      detail: '10,001 prices, the most is 10,000: filter by model, cloud, region or source',
    });
    expect((await world(prices)('?source=azure*')).status).toBe(200);
  });

  it('shows a bearer what may concern what the token shows', async () => {
    const prices = [listedRow(), listedRow({ cloud: 'aws', model: 'amazon/nova-pro' })];
    const seen = await rowsIn(await world(prices, { account: ['sub-2'], cloud: ['azure'] })(''));
    expect(seen.map((row) => [row['cloud'], row['source']])).toEqual([
      ['azure', 'azure_retail_prices'],
    ]);
  });

  it('shows nothing to a token whose limit no price tells', async () => {
    const answer = problem.parse(await (await world([], { team: ['search'] })('')).json());
    expect(answer).toMatchObject({ status: 403, detail: expect.stringContaining('team') });
  });
});
