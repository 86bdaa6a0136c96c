import { afterEach, describe, expect, test } from 'vitest';
import type { BillCollector, BillLine } from '../../../../agent/core/bill.ts';
import type { ExternalError } from '../../../../agent/core/errors.ts';
import { dayMs, minuteMs } from '../../../../agent/core/time.ts';
import type { Window } from '../../../../agent/core/time.ts';
import { createAzureBillCollector } from '../../../../collectors/azure/bills/index.ts';
import { chargesOf } from '../../../../collectors/emulator/azure/cost-charges.ts';
import { startAzure } from '../../../../collectors/emulator/azure/server.ts';
import type { AzureOptions } from '../../../../collectors/emulator/azure/server.ts';
import type { BillDefect } from '../../../../collectors/emulator/bill-defects.ts';
import type { Lane, Request, Traffic } from '../../../../collectors/emulator/lane.ts';
import { azureLanes } from '../../../../collectors/emulator/lanes-azure.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { rejection } from '../../../support/azure-source.ts';

const { signal } = new AbortController();
const now = Date.UTC(2026, 10, 18, 12);
const day = Date.UTC(2026, 10, 15);
const [first, second] = [1, 2].map((n) => `00000000-0000-0000-0000-00000000000${n}`);

const request: Omit<Request, 'start' | 'tier'> = {
  input: 1_000,
  cacheRead: 640,
  cacheWrite: 0,
  output: 100,
  status: 200,
  latencyMs: 5,
  firstTokenMs: 1,
};

/** Every lane serves one request at noon. */
const traffic: Traffic = {
  lanes: azureLanes,
  requests: (lane: Lane, minute) =>
    minute % dayMs === dayMs / 2
      ? [{ ...request, start: minute, tier: lane.tiers.provisioned ? 'provisioned' : 'standard' }]
      : [],
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(
  options: AzureOptions = {},
  defects: readonly BillDefect[] = [],
  at = () => now,
) {
  const world = createWorld({ traffic, now: at, defects });
  const azure = await startAzure(world, { limitsCosts: false, ...options });
  const collector = createAzureBillCollector(
    {
      name: 'prod',
      endpoint: azure.url,
      credential: { kind: 'static_token', token: () => 'sesame' },
    },
    {
      now: at,
      canonicalOf: (model, modelVersion) => ({ model: `openai/${model}`, modelVersion }),
    },
  );
  open.push(azure, collector);
  return { world, collector, url: azure.url };
}

async function billOf(collector: BillCollector, account = first, days?: Window) {
  const { scopes } = await collector.scopes(signal);
  const scope = scopes.find((one) => one.account === account);
  if (scope === undefined) throw new Error(`no scope of ${account}`);
  return collector.fetch(scope, days ?? { start: day, end: day + dayMs }, signal);
}

const sum = (lines: readonly BillLine[], key: 'cost' | 'quantity') =>
  lines.reduce((total, line) => total + Number(line[key]), 0);

describe('the bill of the built-in cloud', () => {
  test('lists each subscription once', async () => {
    const { collector } = await start();
    const { scopes, failures } = await collector.scopes(signal);
    expect(scopes.map(({ scope }) => scope)).toEqual([`prod/${first}`, `prod/${second}`]);
    expect(failures).toEqual([]);
  });

  test('is every charge for models, none twice, and nothing else', async () => {
    const { collector, world } = await start();
    const bill = await billOf(collector);
    const charges = chargesOf(world, first ?? '', bill.days).filter(
      ({ of }) => of.ServiceName !== 'Virtual Machines' && !/watcher/i.test(of.Meter),
    );
    expect(charges.length).toBeGreaterThan(15);
    expect(sum(bill.lines, 'cost')).toBeCloseTo(
      charges.reduce((total, { cost }) => total + cost, 0),
      9,
    );
    expect(sum(bill.lines, 'quantity')).toBeCloseTo(
      charges.reduce((total, { quantity }) => total + quantity, 0),
      9,
    );
    expect(new Set(bill.lines.map(({ service }) => service))).toEqual(
      new Set(['Foundry Models', 'Cognitive Services', 'SaaS']),
    );
  });

  test('knows what a meter by the thousand and one by the million count', async () => {
    const { collector } = await start();
    const { lines } = await billOf(collector, second);
    const told = lines.map(({ meter, unit, quantity, cost, meaning }) => [
      meter,
      unit,
      Number(quantity),
      Number(Number(cost).toFixed(9)),
      typeof meaning === 'string' ? meaning : `${meaning.model} ${meaning.item} ${meaning.perUnit}`,
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['gpt-4o-0806-Inp-regnl Tokens', '1K', 1, 0.00275, 'openai/gpt-4o input 1000'],
        [
          'gpt 4o 0806 cached Inp regnl Tokens',
          '1K',
          0.64,
          0.00088,
          'openai/gpt-4o cache_read 1000',
        ],
        [
          '5.6 sol ShortCo opt Std Gl 1M Tokens',
          '1M',
          0.0001,
          0.002,
          'openai/gpt-5.6-sol output 1000000',
        ],
      ]),
    );
  });

  test('has the hours of provisioned units, whose product says whose models they serve', async () => {
    const { collector } = await start();
    const { lines } = await billOf(collector);
    const units = lines.filter(({ meter }) => meter.startsWith('Provisioned'));
    expect(units).toHaveLength(1);
    expect(units[0]).toMatchObject({
      resource: 'aoai-east',
      quantity: '1200',
      cost: '2400',
      amortizedCost: '2400',
      meaning: { model: 'openai/*', item: 'unit_hour', tier: 'provisioned', perUnit: 1 },
    });
  });

  test('has Claude from the marketplace, of no account and no model', async () => {
    const { collector } = await start();
    const { lines } = await billOf(collector);
    const claude = lines.filter(({ service }) => service === 'SaaS');
    expect(claude).toHaveLength(1);
    expect(claude[0]).toMatchObject({
      meter: 'Claude Consumption Units',
      meterId: '',
      resource: '',
      meaning: 'not_tokens',
      account: first,
    });
    expect(Number(claude[0]?.cost)).toBeCloseTo(0.003 + 0.000192 + 0.0015, 9);
  });

  test('is the same however short the pages are', async () => {
    const whole = await billOf((await start()).collector);
    const paged = await billOf((await start({ costRows: 3 })).collector);
    expect(paged.lines).toEqual(whole.lines);
  });

  test('keeps credits and refunds apart, negative', async () => {
    const lane = azureLanes[1]?.id ?? '';
    const { collector } = await start({}, [
      { kind: 'credit', lane, from: 0 },
      { kind: 'refund', lane, from: 0 },
    ]);
    const { lines } = await billOf(collector);
    const given = lines.filter(({ recordType }) => recordType !== 'usage');
    expect(new Set(given.map(({ recordType }) => recordType))).toEqual(
      new Set(['credit', 'refund']),
    );
    expect(given.every(({ cost }) => cost.startsWith('-'))).toBe(true);
  });

  test('says something else of a day that is restated, and is asked for it', async () => {
    const lane = azureLanes[1]?.id ?? '';
    let at = day + 3 * dayMs;
    const { collector } = await start({}, [{ kind: 'restated', lane, from: 0 }], () => at);
    const before = await billOf(collector);
    at = day + 5 * dayMs;
    const after = await billOf(collector);
    expect(sum(after.lines, 'cost')).toBeGreaterThan(sum(before.lines, 'cost'));
    const { scopes } = await collector.scopes(signal);
    expect(scopes.map((scope) => collector.openFrom(scope, at) <= day)).toEqual([true, true]);
  });

  test('asks for patience by its own headers when too much is asked', async () => {
    const { collector } = await start({ limitsCosts: true });
    const { scopes } = await collector.scopes(signal);
    const [scope] = scopes;
    if (scope === undefined) throw new Error('no scope');
    const ask = () => collector.fetch(scope, { start: day, end: day + dayMs }, signal);
    const outcomes: unknown[] = [];
    for (let count = 0; count < 3; count += 1) {
      outcomes.push(
        await ask().then(
          () => 'whole',
          (thrown: unknown) => thrown,
        ),
      );
    }
    const refused = outcomes.find((one) => one !== 'whole') as ExternalError | undefined;
    expect(refused).toMatchObject({ reason: 'throttled', retryAfterMs: minuteMs + 5_000 });
  });

  test('refuses what Azure refuses', async () => {
    const { url } = await start();
    const sums = { a: { name: 'Cost', function: 'Sum' } };
    const grouping = ['ResourceId', 'Meter'].map((name) => ({ type: 'Dimension', name }));
    const good = {
      type: 'ActualCost',
      timeframe: 'Custom',
      timePeriod: { from: '2026-11-01T00:00:00Z', to: '2026-11-02T23:59:59Z' },
      dataset: { granularity: 'Daily', aggregation: sums, grouping },
    };
    const cases: readonly [string, unknown, number][] = [
      ['a good question', good, 200],
      [
        'three aggregations',
        { ...good, dataset: { ...good.dataset, aggregation: { ...sums, b: sums.a, c: sums.a } } },
        400,
      ],
      [
        'three groupings',
        {
          ...good,
          dataset: { ...good.dataset, grouping: [...grouping, { ...grouping[0], name: 'Meter' }] },
        },
        400,
      ],
      [
        'more than a year',
        { ...good, timePeriod: { ...good.timePeriod, from: '2025-11-01T00:00:00Z' } },
        400,
      ],
      ['no JSON', 'costs', 400],
    ];
    for (const [name, body, status] of cases) {
      const answer = await fetch(
        `${url}/subscriptions/${first}/providers/Microsoft.CostManagement/query`,
        { method: 'POST', headers: { authorization: 'Bearer x' }, body: JSON.stringify(body) },
      );
      expect([name, answer.status]).toEqual([name, status]);
    }
  });

  test('is refused for a span that is not whole days', async () => {
    const { collector } = await start();
    const half = { start: day, end: day + dayMs / 2 };
    expect(await rejection(billOf(collector, first, half))).toBeInstanceOf(RangeError);
  });

  test('grants bills to whoever may read them', async () => {
    const { collector } = await start();
    const tried = await collector.probe(signal);
    expect(tried.map(({ account, feature, state }) => [account, feature, state])).toEqual([
      [first, 'bills', 'ok'],
      [second, 'bills', 'ok'],
    ]);
  });
});
