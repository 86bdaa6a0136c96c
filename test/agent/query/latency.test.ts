import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { queryLatency } from '../../../agent/query/latency.ts';
import type { LatencyQuery } from '../../../agent/query/latency.ts';
import { TooManyRowsError } from '../../../agent/query/too-many-rows.ts';
import { identityRow, memoryReader } from '../../support/memory-reader.ts';
import type { StoredLatency } from '../../support/memory-reader.ts';

const noon = Date.UTC(2026, 10, 23, 12);

function query(change: Partial<LatencyQuery> = {}): LatencyQuery {
  return {
    from: noon,
    to: noon + 2 * hourMs,
    stepMs: hourMs,
    groupBy: [],
    filters: new Map(),
    teams: [],
    ...change,
  };
}

function reading(change: Partial<StoredLatency> = {}): StoredLatency {
  return {
    identityId: 1,
    phase: 'request',
    start: noon,
    count: 10,
    weight: 10,
    avgMs: 200,
    minMs: 100,
    maxMs: 900,
    p90Ms: 500,
    ...change,
  };
}

function readerOf(latency: readonly StoredLatency[]) {
  return memoryReader({
    identities: [identityRow({ id: 1, model: 'a' }), identityRow({ id: 2, model: 'b' })],
    amounts: [],
    latency,
    coverage: [],
  });
}

const nulls = { count: null, avg_ms: null, min_ms: null, max_ms: null, p90_ms: null };

describe('latency', () => {
  it('of one reading is that reading; a bucket without one is a gap', async () => {
    expect(await queryLatency(readerOf([reading()]), query())).toEqual([
      {
        time: isoUtc(noon),
        phase: 'request',
        count: 10,
        avg_ms: 200,
        min_ms: 100,
        max_ms: 900,
        p90_ms: 500,
      },
      { time: isoUtc(noon + hourMs), phase: 'request', ...nulls },
    ]);
  });

  it('of several is weighted, and its percentile is not merged', async () => {
    const rows = await queryLatency(
      readerOf([
        reading(),
        reading({ identityId: 2, count: 30, weight: 30, avgMs: 400, minMs: 50, maxMs: 800 }),
      ]),
      query({ stepMs: 'total' }),
    );
    expect(rows).toEqual([
      {
        time: isoUtc(noon),
        phase: 'request',
        count: 40,
        avg_ms: 350,
        min_ms: 50,
        max_ms: 900,
        p90_ms: null,
      },
    ]);
  });

  it('has no count, least or greatest where a contributor does not tell', async () => {
    const silent = { count: null, minMs: null, maxMs: null };
    const [row] = await queryLatency(
      readerOf([reading(), reading({ identityId: 2, weight: 10, avgMs: 400, ...silent })]),
      query({ stepMs: 'total' }),
    );
    expect(row).toMatchObject({ count: null, avg_ms: 300, min_ms: null, max_ms: null });
  });

  it('has no mean where nothing says how to weigh several', async () => {
    const [row] = await queryLatency(
      readerOf([reading({ weight: 0 }), reading({ identityId: 2, weight: 0 })]),
      query({ stepMs: 'total' }),
    );
    expect(row?.avg_ms).toBeNull();
  });

  it('tells groups and phases apart, and only those that have readings', async () => {
    const rows = await queryLatency(
      readerOf([reading(), reading({ phase: 'first_token' }), reading({ identityId: 2 })]),
      query({ groupBy: ['model'], stepMs: 'total' }),
    );
    expect(rows.map((row) => [row['model'], row.phase])).toEqual([
      ['a', 'first_token'],
      ['a', 'request'],
      ['b', 'request'],
    ]);
  });

  it('is nothing where nothing was read', async () => {
    expect(await queryLatency(readerOf([]), query())).toEqual([]);
  });

  it('counts both phases against the most rows', async () => {
    const reader = readerOf([reading(), reading({ phase: 'first_token' })]);
    await expect(queryLatency(reader, query({ maxRows: 3 }))).rejects.toThrow(TooManyRowsError);
    await expect(queryLatency(reader, query({ maxRows: 4 }))).resolves.toHaveLength(4);
    await expect(queryLatency(reader, query({ maxRows: 1 }))).rejects.toThrow(TooManyRowsError);
  });

  it('has the mean of all its readings, whichever tables they come from', async () => {
    const anyReading = fc
      .record({
        identityId: fc.constantFrom(1, 2),
        minute: fc.nat({ max: 179 }),
        weight: fc.integer({ min: 1, max: 1_000 }),
        avgMs: fc.integer({ min: 1, max: 60_000 }),
      })
      .map(({ minute, ...rest }) => reading({ ...rest, start: noon + minute * minuteMs }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyReading, { minLength: 1, maxLength: 30 }),
        fc.tuple(fc.nat({ max: 180 }), fc.nat({ max: 180 })),
        async (readings, edges) => {
          const from = noon + Math.min(...edges) * minuteMs;
          const to = noon + (Math.max(...edges) + 1) * minuteMs;
          const within = readings.filter(({ start }) => start >= from && start < to);
          fc.pre(within.length > 0);
          const weight = within.reduce((sum, one) => sum + one.weight, 0);
          const weighted = within.reduce((sum, one) => sum + (one.avgMs ?? 0) * one.weight, 0);
          const [row] = await queryLatency(
            readerOf(readings),
            query({ from, to, stepMs: 'total' }),
          );
          expect(row?.avg_ms).toBeCloseTo(weighted / weight, 6);
        },
      ),
    );
  });
});
