import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../../agent/api/api.ts';
import type { ChargePage } from '../../../agent/core/charge.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { focusBytes } from '../../../exporters/focus/focus.ts';
import { apiWorld } from '../../support/api-world.ts';
import { csvRows, focusLedger } from '../../support/focus-world.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await focusLedger();
});
afterAll(() => ledger.close());

const path = '/api/v1/export/focus?from=2026-11-10&to=2026-11-11';

function world(change: Partial<ApiDeps> = {}) {
  return apiWorld({
    reader: ledger,
    bills: ledger,
    evidence: ledger,
    focusWriter: async () => focusBytes,
    ...change,
  });
}

describe('GET /api/v1/export/focus', () => {
  it('streams CSV under a name, and counts what has no price', async () => {
    const response = await world().api.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="focus-1.2-2026-11-10-2026-11-11.csv"',
    );
    expect(response.headers.get('Crossbill-Unpriced-Tokens')).toBe('15160');
    expect(csvRows(await response.text()).length).toBeGreaterThan(40);
  });

  it.each([
    ['filters', '&cloud=azure', 'InvoiceIssuerName', ['Microsoft']],
    ['takes a version', '&version=1.4&cloud=aws', 'HostProviderName', ['Amazon Web Services']],
  ])('%s', async (_, query, column, values) => {
    const response = await world().api.request(path + query);
    const rows = csvRows(await response.text());
    expect([...new Set(rows.map((row) => row[column]))]).toEqual(values);
  });

  it('shows a token no more than it may see', async () => {
    const { api } = world({
      tokens: [
        {
          name: 'a',
          token: { reveal: () => 's3cret' },
          scope: 'read',
          match: { cloud: ['azure'] },
        },
      ],
    });
    expect((await api.request(path)).status).toBe(401);
    const response = await api.request(path, { headers: { Authorization: 'Bearer s3cret' } });
    const rows = csvRows(await response.text());
    expect(new Set(rows.map((row) => row['ServiceName']))).toEqual(new Set(['Azure OpenAI']));
  });

  it.each([
    ['a version of nobody', '&version=9', 400],
    ['a step that is no charge period', '&step=1m', 400],
    ['an unknown parameter', '&cluod=aws', 400],
  ])('refuses %s', async (_, query, status) => {
    expect((await world().api.request(path + query)).status).toBe(status);
  });

  it('is not there where the agent writes none', async () => {
    const { api } = apiWorld();
    expect((await api.request('/api/v1/export/focus')).status).toBe(404);
  });

  it('reads no page before the client has taken the last, and none after it went away', async () => {
    const seen: string[] = [];
    const { api } = world({
      focusWriter: async () =>
        async function* (source: AsyncIterable<ChargePage>) {
          try {
            for await (const { until } of source) {
              seen.push('page');
              yield String(until);
              for (;;) yield 'more';
            }
          } finally {
            seen.push('gone');
          }
        },
    });
    const response = await api.request(path);
    const reader = response.body?.getReader();
    await reader?.read();
    expect(seen).toEqual(['page']);
    await reader?.cancel();
    expect(seen).toEqual(['page', 'gone']);
  });

  it('breaks the connection where it fails half-way, and tells the log', async () => {
    const { api, errors } = world({
      focusWriter: async () =>
        async function* () {
          yield 'half';
          throw new Error('the disk is gone');
        },
    });
    const response = await api.request(path);
    await expect(response.text()).rejects.toThrow('the disk is gone');
    expect(errors.map(String)).toEqual(['Error: the disk is gone']);
  });
});
