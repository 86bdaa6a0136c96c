import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { percentile } from '../../../../collectors/emulator/aggregate.ts';
import { startAws } from '../../../../collectors/emulator/aws/server.ts';
import type { Loopback } from '../../../../collectors/emulator/http.ts';
import type { Request } from '../../../../collectors/emulator/lane.ts';
import { scenarioLanes } from '../../../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../../collectors/emulator/traffic.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { laneOf } from '../scripted-traffic.ts';
import { cloudWatch, errorName, getAll, pointsOf, queries, sumOf } from './clients.ts';
import type { Asked } from './clients.ts';

const traffic = createTraffic(scenarioLanes, loadTrace());
/** A Wednesday's noon, UTC. */
const noon = Date.parse('2026-11-18T12:00:00Z');
const gpt = 'us.openai.gpt-5.6-sol';
const gptLane = laneOf(`us-east-1/runtime/${gpt}`);
const ofGpt = (name: string, statistic = 'Sum'): Asked => ({
  name,
  statistic,
  dimensions: { ModelId: gpt },
});

let aws: Loopback;
let client: ReturnType<typeof cloudWatch>;
beforeAll(async () => {
  aws = await startAws(createWorld({ traffic, now: () => noon, settled: true }));
  client = cloudWatch(aws.url);
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

/** Served requests of a lane over a span, by minute; silent minutes left out. */
function servedByMinute(from: number, to: number): ReadonlyMap<number, readonly Request[]> {
  const minutes = new Map<number, readonly Request[]>();
  for (let minute = from; minute < to; minute += minuteMs) {
    const served = traffic.requests(gptLane, minute).filter((request) => request.status === 200);
    if (served.length > 0) minutes.set(minute, served);
  }
  return minutes;
}

const from = noon - hourMs;

function input(request: Request): number {
  return request.input + request.cacheRead + request.cacheWrite;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Sum over the last hour. */
async function total(asked: Asked): Promise<number> {
  return sumOf(await pointsOf(client, asked, from, noon));
}

function mantle(name: string, dimensions: Asked['dimensions'] = {}): Asked {
  return { namespace: 'AWS/BedrockMantle', name, dimensions };
}

describe('a meter', () => {
  it.each<[string, Asked, (served: readonly Request[]) => number]>([
    ['tokens in, cached ones too', ofGpt('InputTokenCount'), (r) => sum(r.map(input))],
    ['tokens out', ofGpt('OutputTokenCount'), (r) => sum(r.map((x) => x.output))],
    ['requests', ofGpt('InputTokenCount', 'SampleCount'), (r) => r.length],
    ['the mean', ofGpt('InputTokenCount', 'Average'), (r) => sum(r.map(input)) / r.length],
    ['the least', ofGpt('InputTokenCount', 'Minimum'), (r) => Math.min(...r.map(input))],
    ['the greatest', ofGpt('InputTokenCount', 'Maximum'), (r) => Math.max(...r.map(input))],
    [
      'the p90 of latency',
      ofGpt('InvocationLatency', 'p90'),
      (r) =>
        percentile(
          r.map((x) => x.latencyMs),
          90,
        ),
    ],
    [
      'the p50 of first tokens',
      ofGpt('TimeToFirstToken', 'p50'),
      (r) =>
        percentile(
          r.map((x) => x.firstTokenMs),
          50,
        ),
    ],
    [
      'quota used, output weighing ten',
      ofGpt('EstimatedTPMQuotaUsage', 'Maximum'),
      (r) => sum(r.map((x) => x.input + x.cacheWrite + 10 * x.output)),
    ],
  ])('tells %s of each minute that had any', async (_name, asked, wanted) => {
    const served = [...servedByMinute(from, noon)];
    expect(served.length).toBeGreaterThan(10);
    const points = await pointsOf(client, asked, from, noon);
    expect(points).toEqual(served.map(([minute, requests]) => [minute, wanted(requests)]));
  });

  it('counts what was accepted, and throttled requests apart', async () => {
    const start = noon - dayMs;
    const statuses: number[] = [];
    for (let minute = start; minute < noon; minute += minuteMs) {
      for (const { status } of traffic.requests(gptLane, minute)) statuses.push(status);
    }
    const count = (wanted: readonly number[]) => statuses.filter((s) => wanted.includes(s)).length;
    const read = async (name: string) => sumOf(await pointsOf(client, ofGpt(name), start, noon));
    expect(count([429])).toBeGreaterThan(0);
    expect(await read('Invocations')).toBe(count([200, 400, 500]));
    expect(await read('InvocationClientErrors')).toBe(count([400]));
    expect(await read('InvocationServerErrors')).toBe(count([500]));
    expect(await read('InvocationThrottles')).toBe(count([429]));
  });

  it('never sends a zero', async () => {
    const names = ['InvocationClientErrors', 'CacheReadInputTokens', 'CacheWriteInputTokens'];
    for (const name of names) {
      const points = await pointsOf(client, ofGpt(name), noon - dayMs, noon);
      expect(points.length).toBeGreaterThan(0);
      expect(points.filter(([, value]) => value === 0)).toEqual([]);
    }
  });

  it('counts at several levels at once', async () => {
    const runtime = scenarioLanes
      .filter((lane) => lane.account === '111122223333' && lane.region === 'us-east-1')
      .filter((lane) => lane.endpoint === 'runtime');
    let models = 0;
    for (const { vendorModel } of runtime) {
      models += await total({ name: 'OutputTokenCount', dimensions: { ModelId: vendorModel } });
    }
    expect(models).toBeGreaterThan(0);
    expect(await total({ name: 'OutputTokenCount' })).toBe(models);

    const oss = { ModelId: 'openai.gpt-oss-120b-1:0' };
    const whole = await total({ name: 'InputTokenCount', dimensions: oss });
    for (const tier of ['flex', 'priority']) {
      const dimensions = { ...oss, ServiceTier: tier, ResolvedServiceTier: tier };
      const part = await total({ name: 'InputTokenCount', dimensions });
      expect(part).toBeGreaterThan(0);
      expect(part).toBeLessThan(whole);
    }
  });

  it('counts Mantle at four levels', async () => {
    const pairs = [
      { Project: 'default', Model: 'openai.gpt-5.4' },
      { Project: 'default', Model: 'openai.gpt-5.5' },
      { Project: 'proj_search', Model: 'openai.gpt-5.5' },
      { Project: 'proj_search', Model: 'openai.gpt-5.6-sol' },
    ];
    const tokens: number[] = [];
    for (const pair of pairs) tokens.push(await total(mantle('InputTokens', pair)));
    const [a = 0, b = 0, c = 0, d = 0] = tokens;
    expect(Math.min(...tokens)).toBeGreaterThan(0);
    expect(await total(mantle('TotalInputTokens'))).toBe(a + b + c + d);
    expect(await total(mantle('TotalInputTokens', { Project: 'default' }))).toBe(a + b);
    expect(await total(mantle('TotalInputTokens', { Model: 'openai.gpt-5.5' }))).toBe(b + c);
    expect(await total(mantle('InputTokens', { Project: 'default' }))).toBe(0);
    expect(await total(mantle('TotalInputTokens', pairs[0]))).toBe(0);
  });
});

describe('paging', () => {
  const call = {
    MetricDataQueries: queries([
      ofGpt('InputTokenCount'),
      ofGpt('OutputTokenCount'),
      ofGpt('CacheReadInputTokens'),
      ofGpt('InvocationLatency', 'p90'),
      { ...ofGpt('InputTokenCount'), periodSeconds: 300 },
      { name: 'InputTokenCount', dimensions: { ModelId: 'nobody.uses-this' } },
    ]),
    StartTime: new Date(noon - 3 * hourMs),
    EndTime: new Date(noon),
  };

  it.each(['TimestampAscending', 'TimestampDescending'] as const)(
    'merges to the whole answer, %s',
    async (ScanBy) => {
      const whole = await getAll(client, { ...call, ScanBy });
      const paged = await getAll(client, { ...call, ScanBy, MaxDatapoints: 37 });
      expect(whole.pages).toHaveLength(1);
      expect(paged.pages.length).toBeGreaterThan(5);
      expect(paged.points).toEqual(whole.points);
      expect(paged.pages.every(({ points }) => points <= 37)).toBe(true);
      const [first] = paged.pages;
      expect(first?.statuses).toEqual(call.MetricDataQueries.map(() => 'PartialData'));
      expect(paged.pages.at(-1)?.statuses).toEqual(call.MetricDataQueries.map(() => 'Complete'));
    },
  );

  it('merges to the whole answer even a point at a time', async () => {
    const short = { ...call, StartTime: new Date(noon - 8 * minuteMs) };
    const whole = await getAll(client, short);
    const paged = await getAll(client, { ...short, MaxDatapoints: 1 });
    const points = [...whole.points.values()].flat();
    expect(paged.points).toEqual(whole.points);
    expect(paged.pages).toHaveLength(points.length);
    expect(points.length).toBeGreaterThan(5);
  });

  it('shows the newest first unless told otherwise', async () => {
    const { points } = await getAll(client, call);
    const times = (points.get('m0') ?? []).map(([time]) => time);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times.length).toBeGreaterThan(10);
  });

  it('refuses a token that it never gave', async () => {
    expect(await errorName(client, { ...call, NextToken: 'made-up' })).toBe('InvalidNextToken');
  });
});

describe('time', () => {
  it('starts buckets where the query starts, not on the clock', async () => {
    const start = noon - hourMs + 13 * minuteMs;
    const points = await pointsOf(
      client,
      { ...ofGpt('InputTokenCount'), periodSeconds: 300 },
      start,
      noon,
    );
    expect(points.length).toBeGreaterThan(5);
    expect(points.filter(([time]) => (time - start) % (5 * minuteMs) !== 0)).toEqual([]);
    const served = servedByMinute(start, noon);
    expect(sumOf(points)).toBe(sum([...served.values()].flat().map(input)));
  });

  it('rounds a start within a minute down, and leaves the end out', async () => {
    const [first] = [...servedByMinute(noon - hourMs, noon).keys()];
    const at = first ?? 0;
    const points = await pointsOf(client, ofGpt('InputTokenCount'), at + 25_000, at + minuteMs);
    expect(points.map(([time]) => time)).toEqual([at]);
  });

  it.each([
    ['60 s at 14 days', 14, 60, true],
    ['60 s at 16 days', 16, 60, false],
    ['300 s at 16 days', 16, 300, true],
    ['600 s at 62 days', 62, 600, true],
    ['300 s at 64 days', 64, 300, false],
    ['3,600 s at 64 days', 64, 3600, true],
    ['3,600 s at 456 days', 456, 3600, false],
  ])('keeps points of %s: %s days, %s s, %s', async (_name, days, periodSeconds, there) => {
    const start = noon - days * dayMs;
    const asked = { ...ofGpt('InputTokenCount'), periodSeconds };
    const points = await pointsOf(client, asked, start, start + 6 * hourMs);
    expect(points.length > 0).toBe(there);
  });

  it('shows nothing of the minute that is not over', async () => {
    const points = await pointsOf(client, ofGpt('Invocations'), noon - hourMs, noon + hourMs);
    expect(points.length).toBeGreaterThan(0);
    expect(points.filter(([time]) => time >= noon)).toEqual([]);
  });
});

describe('a query that matches nothing', () => {
  it.each<[string, Asked]>([
    ['names a unit that is not the meter’s', { ...ofGpt('InputTokenCount'), unit: 'Seconds' }],
    ['leaves a dimension out', { name: 'InputTokens', namespace: 'AWS/BedrockMantle' }],
    [
      'has a dimension too many',
      { name: 'InputTokenCount', dimensions: { ModelId: gpt, ServiceTier: 'flex' } },
    ],
    [
      'names a model of another region',
      { name: 'Invocations', dimensions: { ModelId: 'zai.glm-5' } },
    ],
    ['uses the other spelling of a meter', ofGpt('CacheReadInputTokenCount')],
  ])('%s and gets an empty, complete result', async (_name, asked) => {
    const { points, pages } = await getAll(client, {
      MetricDataQueries: queries([asked]),
      StartTime: new Date(from),
      EndTime: new Date(noon),
    });
    expect(points.get('m0')).toEqual([]);
    expect(pages.map(({ statuses }) => statuses)).toEqual([['Complete']]);
  });

  it('is answered when its unit is the meter’s', async () => {
    const asked = { ...ofGpt('InputTokenCount'), unit: 'Count' } as const;
    expect((await pointsOf(client, asked, from, noon)).length).toBeGreaterThan(0);
  });

  it('is forbidden beside others that are answered, where it names another account', async () => {
    const { pages } = await getAll(client, {
      MetricDataQueries: queries([
        ofGpt('InputTokenCount'),
        { ...ofGpt('InputTokenCount'), accountId: '444455556666' },
      ]),
      StartTime: new Date(from),
      EndTime: new Date(noon),
    });
    expect(pages.map(({ statuses }) => statuses)).toEqual([['Complete', 'Forbidden']]);
  });
});

describe('a call that is refused', () => {
  const good = { StartTime: new Date(noon - hourMs), EndTime: new Date(noon) };
  const one = queries([ofGpt('InputTokenCount')]);

  it.each([
    [
      'more than 500 queries',
      {
        ...good,
        MetricDataQueries: queries(Array.from({ length: 501 }, () => ofGpt('Invocations'))),
      },
    ],
    ['one Id twice', { ...good, MetricDataQueries: [...one, ...one] }],
    ['an Id with a capital', { ...good, MetricDataQueries: one.map((q) => ({ ...q, Id: 'M0' })) }],
    ['an end before the start', { ...good, EndTime: good.StartTime, MetricDataQueries: one }],
    [
      'a statistic that is none',
      { ...good, MetricDataQueries: queries([ofGpt('Invocations', 'Sums')]) },
    ],
    [
      'a period of 90 s',
      { ...good, MetricDataQueries: queries([{ ...ofGpt('Invocations'), periodSeconds: 90 }]) },
    ],
    ['too many datapoints a page', { ...good, MaxDatapoints: 100_801, MetricDataQueries: one }],
    ['an expression', { ...good, MetricDataQueries: [{ Id: 'e0', Expression: 'SUM(METRICS())' }] }],
  ])('has %s', async (_name, call) => {
    expect(await errorName(client, call)).toBe('ValidationException');
  });

  it('takes 500 queries', async () => {
    const { pages } = await getAll(client, {
      ...good,
      MetricDataQueries: queries(Array.from({ length: 500 }, () => ofGpt('InvocationThrottles'))),
    });
    expect(pages[0]?.statuses).toHaveLength(500);
  });
});
