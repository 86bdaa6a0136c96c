import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createAudit } from '../../../agent/cli/audit-of.ts';
import { auditColumns } from '../../../agent/core/audit.ts';
import type { Audit, Audited } from '../../../agent/core/audit.ts';
import { apiWorld, rowsIn } from '../../support/api-world.ts';
import { auditNow, auditWorld, auditedAccount } from '../../support/audit-world.ts';

const contracts = {
  openaiInputIncludesCached: true,
  openaiInputConfirmed: true,
  bedrockInvocations: 'accepted',
} as const;
const problem = z.looseObject({ status: z.number(), detail: z.string() });

function world(match: Readonly<Record<string, readonly string[]>> = {}, instead?: Audit) {
  const ledger = auditWorld().openLedger();
  onTestFinished(() => ledger.close());
  const { api } = apiWorld({
    audit: instead ?? createAudit(ledger, { contracts, currencies: [], filePrices: [] }),
    clock: { now: () => auditNow, sleep: async () => {} },
    tokens: [{ name: 'grafana', token: { reveal: () => 'secret' }, scope: 'read', match }],
  });
  return (query: string) =>
    api.request(`/api/v1/audit${query}`, { headers: { Authorization: 'Bearer secret' } });
}

describe('/api/v1/audit', () => {
  it('answers with a row a billed meter, in the promised columns', async () => {
    const rows = await rowsIn(await world()('?from=2026-11-10&to=2026-11-11'));
    expect(Object.keys(rows[0] ?? {})).toEqual(auditColumns);
    expect(rows.map((row) => [row['token_type'], row['class'], row['drift_quantity']])).toEqual([
      ['cache_read', 'in_line', 0],
      ['cache_write', 'in_line', 0],
      ['input', 'cached_rated_twice', 20_766],
      ['output', 'in_line', 0],
    ]);
  });

  it.each([
    ['?class=cached_*', 1],
    ['?model=openai/*&region=us-east-1', 4],
    [`?account=${auditedAccount}&cloud=azure`, 0],
    ['?from=2026-11-11', 0],
    ['?meter=USE1-gpt-5.6-sol-output', 1],
  ])('filters by %s', async (query, count) => {
    expect(await rowsIn(await world()(query))).toHaveLength(count);
  });

  it.each([
    ['?class=cached_twice', 400, 'no value is "cached_twice"'],
    ['?modle=x', 400, 'did you mean "model"?'],
    ['?from=2026-11-11&to=2026-11-10', 422, 'must lie before'],
  ])('refuses %s', async (query, status, detail) => {
    const answer = problem.parse(await (await world()(query)).json());
    expect(answer.status).toBe(status);
    expect(answer.detail).toContain(detail);
  });

  it('is a 422 where it is too long, never a part', async () => {
    const many: Audited = {
      count: 10_001,
      rows: async () => [],
      summary: () => {
        throw new Error('nobody asked for it');
      },
    };
    const answer = problem.parse(await (await world({}, async () => many)('')).json());
    expect(answer.status).toBe(422);
    expect(answer.detail).toContain('10,001 rows, the most is 10,000');
  });

  it('shows a limited token what it may see', async () => {
    expect(await rowsIn(await world({ account: ['999'] })(''))).toEqual([]);
    expect(await rowsIn(await world({ model: ['openai/*'] })(''))).toHaveLength(4);
    const answer = problem.parse(await (await world({ team: ['search'] })('')).json());
    expect(answer).toMatchObject({ status: 403 });
  });
});

describe('/api/v1/audit/summary', () => {
  it('answers with the headline, classes and a state for each model', async () => {
    const answer: unknown = await (await world()('/summary?from=2026-11-01&to=2026-12-01')).json();
    expect(answer).toMatchObject({
      from: '2026-11-01',
      headline: 'November 2026: $0.24 billed, 53.1 % explained, $0.11 not',
      total: { unexplained_usd: 0.114213, pending_usd: 0 },
      models: [{ model: 'openai/gpt-5.6-sol', cloud: 'aws', class: 'cached_rated_twice', days: 1 }],
    });
  });

  it('adds up the same rows', async () => {
    const answer = z
      .looseObject({
        largest: z.array(z.unknown()),
        total: z.looseObject({ billed_usd: z.number() }),
      })
      .parse(await (await world()('/summary?class=in_line')).json());
    expect(answer.largest).toEqual([]);
    expect(answer.total.billed_usd).toBeCloseTo(0.12951, 4);
  });
});
