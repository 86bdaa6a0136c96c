import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonAnswer } from '../../../../collectors/emulator/http.ts';
import type { Call } from '../../../../collectors/emulator/faults.ts';
import {
  azureLane,
  east,
  minutesBeforeNoon,
  serveAzure,
  subscription,
  sweden,
} from './azure-world.ts';
import type { Answered } from './azure-world.ts';

let served: Awaited<ReturnType<typeof serveAzure>> | undefined;
afterEach(() => served?.close());
const serve = async (...args: Parameters<typeof serveAzure>) =>
  (served = await serveAzure(...args));

const chat = azureLane('aoai-east/chat');
const accounts = `/subscriptions/${subscription}/providers/Microsoft.CognitiveServices/accounts`;
const listing = z.object({
  value: z.array(z.looseObject({ name: z.unknown().optional() })),
  nextLink: z.string().optional(),
});

function pageOf(answered: Answered): z.infer<typeof listing> {
  return listing.parse(answered.json);
}

describe('resources', () => {
  it('lists the subscriptions of the traffic', async () => {
    const { call } = await serve([]);
    const { value } = pageOf(await call('/subscriptions?api-version=2022-12-01'));
    expect(value.map((one) => one['subscriptionId'])).toEqual([
      subscription,
      '00000000-0000-0000-0000-000000000002',
    ]);
  });

  it('lists accounts in pages, one that runs no models among them', async () => {
    const { call, url } = await serve([]);
    const first = pageOf(await call(`${accounts}?api-version=2025-09-01`));
    expect(first.value.map(({ name }) => name)).toEqual(['aoai-east', 'foundry-sweden']);
    expect(first.nextLink?.startsWith(`${url}${accounts}`)).toBe(true);
    const second = pageOf(await call(first.nextLink?.slice(url.length) ?? ''));
    expect(second.value.map(({ name, kind }) => [name, kind])).toEqual([
      ['speech', 'SpeechServices'],
    ]);
    expect(second.nextLink).toBeUndefined();
  });

  it('lists deployments in pages, with SKU, capacity, limits and spillover', async () => {
    const { call, url } = await serve([]);
    const first = pageOf(await call(`${east}/deployments?api-version=2025-09-01`));
    const second = pageOf(await call(first.nextLink?.slice(url.length) ?? ''));
    expect([first.value.length, second.value.length]).toEqual([5, 2]);
    const all = [...first.value, ...second.value];
    expect(all.find(({ name }) => name === 'gpt-4o-ptu')).toMatchObject({
      sku: { name: 'ProvisionedManaged', capacity: 50 },
      properties: {
        model: { format: 'OpenAI', name: 'gpt-4o', version: '2024-08-06' },
        spilloverDeploymentName: 'gpt-4o-spill',
      },
    });
    expect(all.find(({ name }) => name === 'gpt-4o')).toMatchObject({
      properties: { rateLimits: [{}, { key: 'token', renewalPeriod: 60, count: 120_000 }] },
    });
  });

  it('finds them by id in any case and with slashes doubled', async () => {
    const { call } = await serve([]);
    const plain = await call(`${east}/deployments`);
    expect((await call(`${east.toLowerCase()}/deployments`)).status).toBe(200);
    expect((await call(`/${east.toUpperCase()}/deployments`)).status).toBe(200);
    expect(plain.status).toBe(200);
  });

  it.each([
    [`${east}-not/deployments`, 404],
    ['/subscriptions/none/providers/Microsoft.CognitiveServices/accounts', 404],
    ['/elsewhere', 404],
  ])('%s is %i', async (path, status) => {
    const { call } = await serve([]);
    expect((await call(path)).status).toBe(status);
  });
});

describe('metric definitions', () => {
  it('come with or without the later dimensions, and queries follow', async () => {
    let later = false;
    const { call, query } = await serve([{ lane: chat, start: minutesBeforeNoon(5) }], {
      offersTiers: () => later,
    });
    const filter = { $filter: "ServiceTierResponse eq '*'" };
    const look = async () => {
      const { value } = pageOf(
        await call(`${east}/providers/Microsoft.Insights/metricDefinitions`),
      );
      const found = value.find(({ name }) => JSON.stringify(name).includes('"GeneratedTokens"'));
      const offered = JSON.stringify(found?.['dimensions']).includes('ServiceTierResponse');
      return [offered, (await query('GeneratedTokens', filter)).status];
    };
    expect(await look()).toEqual([false, 400]);
    later = true;
    expect(await look()).toEqual([true, 200]);
  });

  it('come with or without the Models family, and queries follow', async () => {
    let families: 'both' | 'openai' = 'openai';
    const { call, query } = await serve([{ lane: chat, start: minutesBeforeNoon(5) }], {
      families: () => families,
    });
    const pairs = [
      ['ProcessedPromptTokens', 'InputTokens'],
      ['AzureOpenAITTLTInMS', 'TimeToLastByte'],
      ['AzureOpenAIProvisionedManagedUtilizationV2', 'ProvisionedUtilization'],
    ];
    const look = async () => {
      const { value } = pageOf(
        await call(`${east}/providers/Microsoft.Insights/metricDefinitions`),
      );
      const defined = JSON.stringify(value.map(({ name }) => name));
      return Promise.all(
        pairs.map(async ([older = '', newer = '']) => [
          defined.includes(`"${older}"`),
          (await query(older)).status,
          defined.includes(`"${newer}"`),
          (await query(newer)).status,
        ]),
      );
    };
    expect(await look()).toEqual(pairs.map(() => [true, 200, false, 400]));
    families = 'both';
    expect(await look()).toEqual(pairs.map(() => [true, 200, true, 200]));
  });
});

const names = (count: number) => Array.from({ length: count }, () => 'InputTokens').join();
const refused: readonly [string, string, Readonly<Record<string, string>>, RegExp][] = [
  [
    'a dimension the metric lacks',
    'InputTokens',
    { $filter: "StatusCode eq '*'" },
    /^Metric: InputTokens does not support requested dimension combination: statuscode, supported ones are: ApiName,/,
  ],
  ['a metric there is none of', 'Nonsense', {}, /^Failed to find metric configuration/],
  ['more than twenty names', names(21), {}, /20 metrics/],
  ['no name', '', {}, /At least one/],
  [
    'a span older than the retention',
    'InputTokens',
    { timespan: '2026-01-01T00:00:00Z/2026-01-02T00:00:00Z' },
    /Max metrics retention period: 93/,
  ],
  [
    'an offset in the span',
    'InputTokens',
    { timespan: '2026-11-20T11:50:00+01:00/2026-11-20T12:00:00+01:00' },
    /UTC/,
  ],
  [
    'a span that ends before it starts',
    'InputTokens',
    { timespan: '2026-11-20T12:00:00Z/2026-11-20T11:00:00Z' },
    /UTC/,
  ],
  ['a grain there is none of', 'InputTokens', { interval: 'PT2M' }, /time grain: PT2M/],
  ['a filter it cannot read', 'InputTokens', { $filter: "A ne 'x'" }, /Invalid filter/],
  ['an aggregation there is none of', 'InputTokens', { aggregation: 'Median' }, /aggregation/],
  ['a top that is no number', 'InputTokens', { top: 'all' }, /Invalid top/],
  ['another namespace', 'InputTokens', { metricnamespace: 'Microsoft.Other' }, /namespace/],
];

describe('a question that Azure refuses', () => {
  it.each(refused)(
    'for %s is a 400 with a flat body',
    async (_name, metrics, parameters, message) => {
      const { query } = await serve([]);
      const { status, json } = await query(metrics, parameters);
      expect(status).toBe(400);
      expect(json).toEqual({ code: 'BadRequest', message: expect.stringMatching(message) });
    },
  );

  it('of twenty names is none', async () => {
    const { query } = await serve([]);
    expect((await query(names(20))).status).toBe(200);
  });

  it('without a token is a 401', async () => {
    const { call } = await serve([]);
    const answered = await call('/subscriptions', { headers: { authorization: '' } });
    expect(answered).toMatchObject({
      status: 401,
      json: { error: { code: 'AuthenticationFailed' } },
    });
  });
});

const ask = (body: unknown, parameters: Readonly<Record<string, string>> = {}) => {
  const query = new URLSearchParams({
    starttime: '2026-11-20T11:50:00.000Z',
    endtime: '2026-11-20T12:00:00.000Z',
    interval: 'PT1M',
    metricnames: 'InputTokens',
    aggregation: 'total',
    filter: "ModelDeploymentName eq '*'",
    ...parameters,
  });
  return served?.call(`/subscriptions/${subscription}/metrics:getBatch?${query.toString()}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
};

describe('the batch form', () => {
  it('answers for several resources, each as the single form does', async () => {
    const { query } = await serve([{ lane: chat, start: minutesBeforeNoon(5) }]);
    const answered = await ask({ resourceids: [east, sweden] });
    const single = z.looseObject({ value: z.unknown() }).parse((await query('InputTokens')).json);
    expect(answered?.json).toMatchObject({
      values: [
        { resourceid: east, starttime: '2026-11-20T11:50:00Z', value: single.value },
        { resourceid: sweden, value: [{ timeseries: [] }] },
      ],
    });
  });

  it.each([
    ['a wrong question', { resourceids: [east] }, { interval: 'PT2M' }, 400],
    ['no resources', { resourceids: [] }, {}, 400],
    ['a body of something else', 'text', {}, 400],
    ['too many resources', { resourceids: Array.from({ length: 51 }, () => east) }, {}, 400],
    ['a resource there is none of', { resourceids: [`${east}-not`] }, {}, 404],
  ])('refuses %s with a wrapped body', async (_name, body, parameters, status) => {
    await serve([]);
    const answered = await ask(body, parameters);
    expect(answered?.status).toBe(status);
    expect(answered?.json).toMatchObject({ error: { message: expect.any(String) } });
  });
});

describe('trouble', () => {
  it('is made by the script, which sees what is asked of what', async () => {
    const seen: Pick<Call, 'operation' | 'account' | 'region'>[] = [];
    const { call, query } = await serve([], {
      faults: {
        intercept: ({ operation, account, region, cloud }) => {
          seen.push({ operation, account, region });
          return operation === 'metrics' ? jsonAnswer(529, { cloud }) : undefined;
        },
      },
    });
    expect((await query('InputTokens')).status).toBe(529);
    expect((await call('/subscriptions')).status).toBe(200);
    expect(seen).toEqual([
      { operation: 'metrics', account: subscription, region: 'eastus' },
      { operation: 'subscriptions', account: '', region: '' },
    ]);
  });
});
