import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ApiToken } from '../../../agent/api/auth.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { apiNow, apiWorld } from '../../support/api-world.ts';
import { coveredSpan, identityRow } from '../../support/memory-reader.ts';
import { pricedWorld } from '../../support/priced-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const model = 'openai/gpt-5.4-mini';
const read = { start: apiNow - 30 * dayMs, end: apiNow };
const { ledger, readers } = pricedWorld(
  [
    smallPrice({ model, item: 'input', nanoUsd: perMillion(1) }),
    smallPrice({ model, item: 'cache_read', nanoUsd: perMillion(0.25) }),
  ],
  [
    identityRow({ id: 1, model, family: 'openai', region: 'us-east-1', tags: { team: 'search' } }),
    identityRow({ id: 2, model, family: 'openai', region: 'us-west-2', tags: { team: 'support' } }),
  ],
  [
    { identityId: 1, start: Date.UTC(2026, 10, 10), amounts: { input: 1e6 } },
    { identityId: 2, start: Date.UTC(2026, 10, 10), amounts: { input: 1e6 } },
    { identityId: 1, start: Date.UTC(2026, 10, 17), amounts: { input: 3e6 } },
    { identityId: 2, start: Date.UTC(2026, 10, 17), amounts: { input: 1e6, cacheRead: 3e6 } },
    { identityId: 1, start: apiNow - hourMs, amounts: { input: 4e6 } },
  ],
  { coverage: [1, 2].map((id) => coveredSpan(id, read)) },
);
const search: ApiToken = {
  name: 'search',
  token: { reveal: () => 's3cret' },
  scope: 'read',
  match: { team: ['search'] },
};

async function ask(path: string, tokens: readonly ApiToken[] = []) {
  const { api } = apiWorld({ ledger, tokens, evidence: { ...noEvidence, ...readers.cards } });
  const headers = { Authorization: 'Bearer s3cret' };
  return api.request(path, tokens.length === 0 ? {} : { headers });
}

const noEvidence = {
  evidence: () => Promise.reject(new Error('rows in memory have no readings')),
  nearestUsage: async () => ({ minute: null, hour: null }),
};

async function rowsOf(path: string, tokens: readonly ApiToken[] = []) {
  const response = await ask(path, tokens);
  expect(response.status).toBe(200);
  return z.array(z.looseObject({})).parse(await response.json());
}

describe('GET /api/v1/changes', () => {
  it('compares the last two weeks of whole days by model, and says which', async () => {
    const response = await ask('/api/v1/changes');
    expect(response.headers.get('Crossbill-Spans')).toBe(
      '2026-11-09T00:00:00.000Z/2026-11-16T00:00:00.000Z 2026-11-16T00:00:00.000Z/2026-11-23T00:00:00.000Z',
    );
    expect(await response.json()).toMatchObject([
      { model, cost_usd: 4.75, cost_before_usd: 2, change_usd: 2.75, why: 'volume' },
    ]);
  });

  it.each([
    ['from alone runs to now', 'from=2026-11-23', '2026-11-23T00:00', '2026-11-22T12:00'],
    ['to alone has seven days', 'to=2026-11-20', '2026-11-13T00:00', '2026-11-06T00:00'],
    [
      'against names another span before',
      'from=2026-11-17&to=2026-11-18&against=2026-11-10',
      '2026-11-17T00:00',
      '2026-11-10T00:00',
    ],
  ])('takes spans: %s', async (_name, query, from, before) => {
    const spans = (await ask(`/api/v1/changes?${query}`)).headers.get('Crossbill-Spans') ?? '';
    const [earlier, later] = spans.split(' ').map((span) => span.slice(0, 16));
    expect([earlier, later]).toEqual([before, from]);
  });

  it.each([
    ['against=2026-11-12&from=2026-11-16&to=2026-11-23', 422, 'against', '2026-11-09'],
    ['from=2026-12-24', 422, 'from', 'must lie before now'],
    ['step=1h', 400, 'step', 'unknown parameter'],
    ['group_by=modle', 400, 'group_by', 'model'],
  ])('refuses %s with %i and says why', async (query, status, parameter, words) => {
    const response = await ask(`/api/v1/changes?${query}`);
    expect(response.status).toBe(status);
    const problem = await response.json();
    expect(JSON.stringify(problem)).toContain(words);
    expect(problem).toMatchObject({ parameter });
  });

  it('answers one row where nothing tells rows apart', async () => {
    expect(await rowsOf('/api/v1/changes?group_by=')).toMatchObject([{ change_usd: 2.75 }]);
  });

  it('shows a token its own part', async () => {
    const rows = await rowsOf('/api/v1/changes?group_by=team', [search]);
    expect(rows).toMatchObject([{ team: 'search', change_usd: 2 }]);
    expect(rows).toHaveLength(1);
    expect(await rowsOf('/api/v1/changes?group_by=team&team=support', [search])).toEqual([]);
  });
});

describe('GET /api/v1/caching', () => {
  const week = 'from=2026-11-16&to=2026-11-23&group_by=team';

  it('says what caching saved, and what it could at most', async () => {
    expect(await rowsOf(`/api/v1/caching?${week}`)).toMatchObject([
      { team: 'search', saved_usd: 0, could_save_usd: 1.6875, best_cache_read_share: 0.75 },
      { team: 'support', saved_usd: 2.25, net_saved_usd: 2.25, could_save_usd: 0 },
    ]);
  });

  it('is one bucket unless said, and says which step', async () => {
    const response = await ask('/api/v1/caching?from=2026-11-20&to=2026-11-23');
    expect(response.headers.get('Crossbill-Step')).toBe('total');
    expect(await response.json()).toHaveLength(1);
    expect(await rowsOf('/api/v1/caching?from=2026-11-20&to=2026-11-23&step=1d')).toHaveLength(3);
  });

  it('shows a token its own part, and takes no example from what it does not show', async () => {
    const rows = await rowsOf(`/api/v1/caching?${week}`, [search]);
    expect(rows).toMatchObject([{ team: 'search', could_save_usd: 0, best_cache_read_share: 0 }]);
    expect(rows).toHaveLength(1);
  });
});
