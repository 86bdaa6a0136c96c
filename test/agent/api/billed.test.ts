import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ApiDeps } from '../../../agent/api/api.ts';
import type { ApiToken } from '../../../agent/api/auth.ts';
import { apiWorld } from '../../support/api-world.ts';
import {
  billLine,
  billStatement,
  memoryBills,
  november,
  novemberDays,
} from '../../support/bill-world.ts';

const rows = z.array(z.record(z.string(), z.unknown()));
const sol = billLine({ day: november(10), cost: '1.0000000005', quantity: '2.5' });
const image = billLine({
  day: november(11),
  account: '444455556666',
  meter: 'USE1-Images',
  meaning: 'not_tokens',
  quantity: null,
  cost: '-0.00',
  recordType: 'credit',
});
const chat = billLine({
  day: november(12),
  account: '00000000-0000-0000-0000-000000000001',
  resource: 'aoai-east',
  region: 'eastus',
  service: 'Foundry Models',
  meter: 'gpt 4.1 mini Outp glbl Tokens',
  cost: '3e-10',
  amortizedCost: '0.125',
  currency: 'EUR',
});
const whole = { days: novemberDays(1, 20), finalUntil: november(11) };
const bills = memoryBills([
  billStatement({ ...whole, lines: [sol, image] }),
  billStatement({ ...whole, source: 'aws_cur', scope: 'cur', lines: [{ ...sol, cost: '9' }] }),
  billStatement({
    ...whole,
    source: 'azure_cost_management',
    cloud: 'azure',
    scope: 'prod-azure',
    lines: [chat],
  }),
]);

async function ask(query: string, change: Partial<ApiDeps> = {}, headers = {}) {
  const { api } = apiWorld({ bills, ...change });
  const response = await api.request(`/api/v1/billed?${query}`, { headers });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

/** Day and cost of every row. */
async function costs(query: string, change: Partial<ApiDeps> = {}, headers = {}) {
  const { status, body } = await ask(query, change, headers);
  expect(status).toBe(200);
  return rows.parse(body).map(({ day, cost }) => `${String(day).slice(8)} ${String(cost)}`);
}

describe('GET /api/v1/billed', () => {
  it('tells the bill in the columns it declares', async () => {
    const { body } = await ask('from=2026-11-10&to=2026-11-12');
    expect(body).toEqual([
      {
        day: '2026-11-10',
        cloud: 'aws',
        account: '111122223333',
        resource: '',
        region: 'us-east-1',
        service: 'Amazon Bedrock',
        meter: 'USE1-gpt-5.6-sol-input-tokens',
        model: 'openai/gpt-5.6-sol',
        token_type: 'input',
        quantity: 2.5,
        unit: '1M tokens',
        cost: 9,
        amortized_cost: null,
        currency: 'USD',
        record_type: 'usage',
        final: true,
        source: 'aws_cur',
      },
      expect.objectContaining({
        model: null,
        token_type: null,
        quantity: null,
        cost: 0,
        record_type: 'credit',
        final: false,
        source: 'aws_cost_explorer',
      }),
    ]);
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['the last 30 days where no range is given', '', ['10 9', '11 0', '12 0']],
    [
      'whole days that start in the range',
      'from=2026-11-10T00:00:01Z&to=2026-11-11T00:00:01Z',
      ['11 0'],
    ],
    ['nothing where no day starts in it', 'from=2026-11-10T01:00Z&to=2026-11-10T02:00Z', []],
    ['one cloud', 'cloud=azure', ['12 0']],
    ['some accounts', 'account=1111*,4444*', ['10 9', '11 0']],
    ['a region and a resource', 'region=eastus&resource=aoai-*', ['12 0']],
    ['a service', 'service=foundry*', ['12 0']],
    ['a meter', 'meter=USE1-Images', ['11 0']],
    ['models, and nothing that is none of them', 'model=openai/*&cloud=aws', ['10 9']],
    ['a token type', 'token_type=output', []],
    ['a currency', 'currency=EUR', ['12 0']],
    ['a record type', 'record_type=credit,refund', ['11 0']],
    [
      'what a source says, though another one is the bill',
      'source=aws_cost_explorer',
      ['10 1.000000001', '11 0'],
    ],
    ['what each of two says, day by day', 'source=aws_*&account=1111*', ['10 9', '10 1.000000001']],
  ])('tells %s', async (_what, query, expected) => {
    expect(await costs(query)).toEqual(expected);
  });

  it('has nine decimals at most', async () => {
    const { body } = await ask('cloud=azure');
    expect(body).toMatchObject([{ cost: 0, amortized_cost: 0.125 }]);
  });

  it.each<readonly [string, string, number, RegExp]>([
    ['a source that is none', 'source=aws_bill', 400, /did you mean|aws_cur/],
    ['a record type that is none', 'record_type=usages', 400, /usage/],
    ['a parameter that is none', 'group_by=model', 400, /unknown parameter/],
    ['a range that is empty', 'from=2026-11-10&to=2026-11-10', 422, /must lie before/],
  ])('refuses %s', async (_what, query, expected, message) => {
    const { status, body } = await ask(query);
    expect(status).toBe(expected);
    expect(JSON.stringify(body)).toMatch(message);
  });

  it('refuses more than 10,000 rows, and tells 10,000', async () => {
    const lines = Array.from({ length: 10_001 }, (_, index) =>
      billLine({ day: november(10), meter: String(index) }),
    );
    const many = memoryBills([billStatement({ ...whole, lines })]);
    const { status, body } = await ask('', { bills: many });
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toMatch(/more than 10,000 rows.*record_type/);
    const fewer = memoryBills([billStatement({ ...whole, lines: lines.slice(1) })]);
    expect(await costs('', { bills: fewer })).toHaveLength(10_000);
  });

  describe('for a token with a match', () => {
    const asked = (match: ApiToken['match']) => {
      const token = {
        name: 'grafana',
        token: { reveal: () => 'read' },
        scope: 'read' as const,
        match,
      };
      return ask('', { tokens: [token] }, { Authorization: 'Bearer read' });
    };

    it('shows what of the bill matches', async () => {
      const { body } = await asked({ account: ['444455556666'] });
      expect(body).toMatchObject([{ day: '2026-11-11' }]);
    });

    it('shows nothing where the bill does not tell what it is limited by', async () => {
      const { status, body } = await asked({ team: ['search'] });
      expect(status).toBe(403);
      expect(JSON.stringify(body)).toMatch(/limited by team, which no bill tells/);
    });
  });
});
