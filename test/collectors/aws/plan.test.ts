import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CollectRequest, MeterUnit } from '../../../agent/core/collector.ts';
import type { Window } from '../../../agent/core/time.ts';
import { union } from '../../../agent/core/window.ts';
import { awsCatalog } from '../../../collectors/aws/catalog.ts';
import { rowsOf } from '../../../collectors/aws/listing.ts';
import { inputOf, planCalls, priceOf } from '../../../collectors/aws/plan.ts';
import { inputUnit, noon, outputUnit, target, unit } from './fake-aws.ts';

const minute = 60_000;

function request(overrides: Partial<CollectRequest> = {}): CollectRequest {
  const periodSeconds = overrides.periodSeconds ?? 60;
  return {
    target: target(),
    units: [inputUnit, outputUnit],
    window: { start: noon - 30 * minute, end: noon },
    periodSeconds,
    ...overrides,
  };
}

function unitsOf(count: number, rowIds: readonly string[]): readonly MeterUnit[] {
  return Array.from({ length: count }, (_, index) => {
    const rowId = rowIds[index % rowIds.length] ?? '';
    const metric = awsCatalog.find(({ id }) => id === rowId)?.metricNames[0] ?? '';
    return unit(rowId, metric, { ModelId: `model-${index}` });
  });
}

function statisticsOf(rowId: string): readonly string[] {
  return awsCatalog.find(({ id }) => id === rowId)?.statistics ?? [];
}

const anyRequest: fc.Arbitrary<CollectRequest> = fc
  .record({
    count: fc.integer({ min: 0, max: 400 }),
    rowIds: fc.subarray(
      rowsOf('AWS/Bedrock').map(({ id }) => id),
      { minLength: 1 },
    ),
    periods: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9_000 })),
    periodSeconds: fc.constantFrom(60, 300, 3_600),
    start: fc.integer({ min: 400_000, max: 500_000 }),
  })
  .map(({ count, rowIds, periods, periodSeconds, start }) => {
    const periodMs = periodSeconds * 1_000;
    const from = start * 3_600_000;
    return request({
      units: unitsOf(count, rowIds),
      periodSeconds,
      window: { start: from, end: from + periods * periodMs },
    });
  });

describe('planCalls', () => {
  it('keeps every call within 500 queries and 20,000 points', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        for (const { queries, window } of planCalls(asked)) {
          const points = (window.end - window.start) / (asked.periodSeconds * 1_000);
          expect(queries.length).toBeGreaterThan(0);
          expect(queries.length).toBeLessThanOrEqual(500);
          expect(queries.length * points).toBeLessThanOrEqual(20_000);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('reads every statistic of every unit over the whole window, nothing twice', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        const read = new Map<string, Window[]>();
        for (const { queries, window } of planCalls(asked)) {
          for (const query of queries) {
            const key = `${query.unit.key} ${query.statistic}`;
            const windows = read.get(key) ?? [];
            windows.push(window);
            read.set(key, windows);
          }
        }
        const wanted = asked.units.flatMap(({ key, rowId }) =>
          statisticsOf(rowId).map((statistic) => `${key} ${statistic}`),
        );
        expect([...read.keys()].toSorted()).toEqual(wanted.toSorted());
        const tilings = new Set([...read.values()].map((windows) => JSON.stringify(windows)));
        for (const tiling of tilings) {
          const windows: Window[] = JSON.parse(tiling);
          expect(union(windows)).toEqual([asked.window]);
          const total = windows.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(total).toBe(asked.window.end - asked.window.start);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the statistics of a unit in one call, under ids AWS takes', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        for (const { queries } of planCalls(asked)) {
          const ids = queries.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.filter((id) => !/^[a-z][a-zA-Z0-9_]*$/.test(id))).toEqual([]);
          const units = new Map(queries.map(({ unit: { key, rowId } }) => [key, rowId]));
          const wanted = [...units].flatMap(([key, rowId]) =>
            statisticsOf(rowId).map((statistic) => `${key} ${statistic}`),
          );
          expect(queries.map((query) => `${query.unit.key} ${query.statistic}`)).toEqual(wanted);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('plans nothing for no units', () => {
    expect(planCalls(request({ units: [] }))).toEqual([]);
  });

  it.each([
    ['a start off the minute', { window: { start: noon - 90_500, end: noon } }],
    ['an end off the minute', { window: { start: noon - minute, end: noon + 1 } }],
    [
      'a start off the five minutes',
      { periodSeconds: 300, window: { start: noon - minute, end: noon } },
    ],
    ['an empty window', { window: { start: noon, end: noon } }],
    ['a window that ends before it starts', { window: { start: noon, end: noon - minute } }],
    ['a time that is none', { window: { start: NaN, end: noon } }],
    ['half a minute', { periodSeconds: 30 }],
    ['no period', { periodSeconds: 0 }],
    ['a unit without a row', { units: [unit('aws.bedrock.gone', 'Gone', {})] }],
  ] as const)('refuses %s', (_what, overrides) => {
    expect(() => planCalls(request(overrides))).toThrow(RangeError);
  });
});

describe('inputOf', () => {
  const [call] = planCalls(request({ units: [inputUnit] }));

  it('asks oldest first, at most 20,000 points a page, and names no unit', () => {
    expect(call && inputOf(call, request(), undefined, undefined)).toEqual({
      MetricDataQueries: ['Sum', 'SampleCount', 'Maximum'].map((Stat, n) => ({
        Id: `m0s${n}`,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/Bedrock',
            MetricName: 'InputTokenCount',
            Dimensions: [{ Name: 'ModelId', Value: 'us.openai.gpt-6-sol' }],
          },
          Period: 60,
          Stat,
        },
        ReturnData: true,
      })),
      StartTime: new Date(noon - 30 * minute),
      EndTime: new Date(noon),
      ScanBy: 'TimestampAscending',
      MaxDatapoints: 20_000,
    });
  });

  it('names the owning account in every query, and the page it goes on from', () => {
    const input = call && inputOf(call, request(), '444455556666', 't1');
    expect(input?.NextToken).toBe('t1');
    expect(input?.MetricDataQueries?.map(({ AccountId }) => AccountId)).toEqual(
      Array.from({ length: 3 }, () => '444455556666'),
    );
  });
});

const priced = (units: readonly MeterUnit[], overrides: Partial<CollectRequest> = {}) =>
  priceOf(planCalls(request({ units, ...overrides })));

describe('priceOf', () => {
  it('is $0.01 per 1,000 metrics', () => {
    const { calls, costNanoUsd, operation } = priced(unitsOf(1_000, ['aws.bedrock.output']));
    expect({ calls, costNanoUsd, operation }).toEqual({
      calls: 2,
      costNanoUsd: 10_000_000n,
      operation: 'cloudwatch:GetMetricData',
    });
  });

  it('counts five statistics of one metric once', () => {
    expect(priced([unit('aws.bedrock.latency', 'InvocationLatency', {})]).costNanoUsd).toBe(
      10_000n,
    );
  });

  it('counts a metric again for every call a long window takes', () => {
    const day = { window: { start: noon - 12 * 24 * 60 * minute, end: noon } };
    const { calls, costNanoUsd } = priced(
      [unit('aws.bedrock.latency', 'InvocationLatency', {})],
      day,
    );
    expect(calls).toBe(5);
    expect(costNanoUsd).toBe(50_000n);
  });

  it('is nothing for nothing', () => {
    expect(priced([])).toMatchObject({ calls: 0, costNanoUsd: 0n });
  });
});
