import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import type { UsageReader } from '../../../agent/core/store.ts';
import { TooManyRowsError } from '../../../agent/query/too-many-rows.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import type { UsageQuery } from '../../../agent/query/usage.ts';
import { coveredSpan, identityRow, memoryReader } from '../../support/memory-reader.ts';
import type { MemoryLedger } from '../../support/memory-reader.ts';

const noon = Date.UTC(2026, 10, 23, 12);

const empty: MemoryLedger = { identities: [], amounts: [], latency: [], coverage: [] };

function query(change: Partial<UsageQuery> = {}): UsageQuery {
  return {
    from: noon,
    to: noon + 3 * hourMs,
    stepMs: hourMs,
    groupBy: [],
    filters: new Map(),
    teams: [],
    ...change,
  };
}

const nulls = {
  input_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  output_tokens: null,
  unsplit_input_tokens: null,
  requests: null,
  errors: null,
  throttles: null,
  cost_usd: null,
  cost_low_usd: null,
  cost_high_usd: null,
  cost_method: null,
  unpriced_tokens: null,
  settled: null,
};

describe('null, zero and absent', () => {
  const oneHour = { start: noon + hourMs, end: noon + 2 * hourMs };
  const used = { identityId: 1, start: noon + hourMs, period: 'minute' as const };

  it('answers with nulls where nothing is known at all', async () => {
    const { rows, newest } = await queryUsage(memoryReader(empty), query({ stepMs: 'total' }));
    expect(rows).toEqual([{ time: isoUtc(noon), ...nulls }]);
    expect(newest).toBeNull();
  });

  it('tells a bucket that was not looked at from one that was silent', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1 })],
      coverage: [coveredSpan(1, oneHour)],
    });
    const { rows, newest } = await queryUsage(reader, query());
    expect(rows[0]).toEqual({ time: isoUtc(noon), ...nulls });
    expect(rows[1]).toMatchObject({
      input_tokens: 0,
      output_tokens: 0,
      requests: 0,
      unpriced_tokens: 0,
      settled: 1,
      cost_usd: 0,
      cost_low_usd: 0,
      cost_high_usd: 0,
      cost_method: null,
    });
    expect(rows[2]).toEqual({ time: isoUtc(noon + 2 * hourMs), ...nulls });
    expect(newest).toBe(noon + 2 * hourMs);
  });

  it('knows no newest data where coverage ends as the range begins', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1 })],
      coverage: [coveredSpan(1, { start: noon - hourMs, end: noon })],
    });
    expect((await queryUsage(reader, query())).newest).toBeNull();
  });

  it('leaves null what no contributor reports, however well covered', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1, reports: new Set(['input', 'output'] as const) })],
      coverage: [coveredSpan(1, oneHour)],
    });
    const { rows } = await queryUsage(reader, query());
    expect(rows[1]).toMatchObject({ input_tokens: 0, cache_read_tokens: null, throttles: null });
  });

  it('counts a stored value of an amount that is not reported', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1, reports: new Set(['input'] as const) })],
      amounts: [{ ...used, amounts: { unsplitInput: 7 } }],
      coverage: [coveredSpan(1, oneHour)],
    });
    const { rows } = await queryUsage(reader, query());
    expect(rows[1]).toMatchObject({
      input_tokens: 0,
      unsplit_input_tokens: 7,
      unpriced_tokens: 7,
      output_tokens: null,
    });
  });

  it('leaves null an amount whose own meter was not looked at', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1 })],
      amounts: [{ ...used, amounts: { input: 5 } }],
      coverage: [coveredSpan(1, oneHour, { amounts: ['input'] })],
    });
    const { rows } = await queryUsage(reader, query());
    expect(rows[1]).toMatchObject({ input_tokens: 5, output_tokens: null, requests: null });
  });

  it('skips a contributor that does not tell, and keeps the one that does', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [
        identityRow({ id: 1 }),
        identityRow({ id: 2, reports: new Set(['input'] as const) }),
      ],
      amounts: [
        { ...used, amounts: { input: 5, cacheRead: 2 } },
        { ...used, identityId: 2, amounts: { input: 3, cacheRead: null } },
      ],
      coverage: [coveredSpan(1, oneHour), coveredSpan(2, oneHour)],
    });
    const { rows } = await queryUsage(reader, query());
    expect(rows[1]).toMatchObject({ input_tokens: 8, cache_read_tokens: 2, unpriced_tokens: 10 });
  });

  it('says nothing of what carries latency only', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [
        identityRow({ id: 1, modelVersion: '1' }),
        identityRow({ id: 2, trafficId: 1, modelVersion: '', reports: new Set() }),
      ],
      coverage: [coveredSpan(1, oneHour)],
    });
    const { rows } = await queryUsage(reader, query({ groupBy: ['model_version'] }));
    expect(new Set(rows.map((row) => row['model_version']))).toEqual(new Set(['1']));
  });

  it('does not take a minute for silent because its hour was read as an hour', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1 })],
      amounts: [{ ...used, period: 'hour', amounts: { input: 60 } }],
      coverage: [coveredSpan(1, oneHour, { periodSeconds: 3_600 })],
    });
    const whole = await queryUsage(reader, query({ stepMs: 'total' }));
    expect(whole.rows[0]).toMatchObject({ input_tokens: 60, settled: 1 / 3 });
    const cut = await queryUsage(reader, query({ stepMs: 'total', to: noon + 1.5 * hourMs }));
    expect(cut.rows[0]).toEqual({ time: isoUtc(noon), ...nulls });
  });
});

describe('settled', () => {
  const day = { start: noon, end: noon + hourMs };

  it('is the share of the time of all contributing traffics', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1 }), identityRow({ id: 2 })],
      coverage: [
        coveredSpan(1, day),
        coveredSpan(2, { start: noon, end: noon + hourMs / 2 }),
        coveredSpan(2, { start: noon + hourMs / 2, end: noon + hourMs }, { settled: false }),
      ],
    });
    const { rows } = await queryUsage(reader, query({ to: noon + hourMs }));
    expect(rows[0]?.settled).toBe(0.75);
  });

  it('counts the facets of one traffic once', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [
        identityRow({ id: 1, tier: 'standard' }),
        identityRow({ id: 2, trafficId: 1, tier: 'batch' }),
        identityRow({ id: 3 }),
      ],
      coverage: [coveredSpan(1, day), coveredSpan(3, day, { settled: false })],
    });
    const { rows } = await queryUsage(reader, query({ to: noon + hourMs }));
    expect(rows[0]?.settled).toBe(0.5);
  });

  it('looks at a name only while it stood for the thing', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [
        identityRow({ id: 1, model: 'old', to: noon + hourMs / 2 }),
        identityRow({ id: 2, model: 'new', trafficId: 1, from: noon + hourMs / 2 }),
      ],
      coverage: [coveredSpan(1, { start: noon, end: noon + 2 * hourMs })],
    });
    const { rows } = await queryUsage(reader, query({ to: noon + 2 * hourMs, groupBy: ['model'] }));
    expect(rows.map((row) => [row['model'], row.settled, row.requests])).toEqual([
      ['new', 1, 0],
      ['old', 1, 0],
      ['new', 1, 0],
      ['old', null, null],
    ]);
  });
});

describe('rows', () => {
  const three: MemoryLedger = {
    ...empty,
    identities: [
      identityRow({ id: 1, model: 'b', region: 'us-east-1' }),
      identityRow({ id: 2, model: 'a', region: 'us-east-1', tags: { cost: 'x' } }),
      identityRow({ id: 3, model: 'a', region: 'eu-central-1', to: noon }),
    ],
  };

  it('come by time, then by group values, one for every combination the range knows', async () => {
    const { rows } = await queryUsage(
      memoryReader(three),
      query({ groupBy: ['model', 'region', 'tag.cost'], to: noon + 2 * hourMs }),
    );
    expect(rows.map((r) => [r.time, r['model'], r['region'], r['tag_cost']])).toEqual([
      [isoUtc(noon), 'a', 'us-east-1', 'x'],
      [isoUtc(noon), 'b', 'us-east-1', ''],
      [isoUtc(noon + hourMs), 'a', 'us-east-1', 'x'],
      [isoUtc(noon + hourMs), 'b', 'us-east-1', ''],
    ]);
    expect(Object.keys(rows[0] ?? {}).slice(0, 5)).toEqual([
      'time',
      'model',
      'region',
      'tag_cost',
      'input_tokens',
    ]);
  });

  it('are none where a grouping finds nothing', async () => {
    const filters = new Map([['model', ['c*']]] as const);
    const { rows } = await queryUsage(memoryReader(three), query({ groupBy: ['model'], filters }));
    expect(rows).toEqual([]);
  });

  it('never show what lies outside the scope of the asker, whatever the filters say', async () => {
    const { rows } = await queryUsage(
      memoryReader(three),
      query({
        groupBy: ['model'],
        stepMs: 'total',
        filters: new Map([['model', ['*']]] as const),
        scope: new Map([['model', ['b']]] as const),
      }),
    );
    expect(rows.map((row) => row['model'])).toEqual(['b']);
  });

  it('are named by the aligned start of their bucket, wherever the range begins', async () => {
    const { rows } = await queryUsage(
      memoryReader(empty),
      query({ from: noon + 90_001, to: noon + 2 * hourMs + 1 }),
    );
    expect(rows.map((row) => row.time)).toEqual([
      isoUtc(noon),
      isoUtc(noon + hourMs),
      isoUtc(noon + 2 * hourMs),
    ]);
  });

  it('that would be too many are refused before anything is read, with what to do', async () => {
    const blind: UsageReader = {
      identities: async () => three.identities,
      coverageByTraffic: () => Promise.reject(new Error('coverage was read')),
      amounts: () => Promise.reject(new Error('amounts were read')),
      sums: () => Promise.reject(new Error('sums were read')),
      readUntil: async () => null,
      latency: () => Promise.reject(new Error('latency was read')),
      capacities: async () => [],
      calibrations: () => Promise.reject(new Error('calibrations were read')),
      capacityCosts: () => Promise.reject(new Error('costs were read')),
      capacityUse: () => Promise.reject(new Error('use was read')),
    };
    const asked = queryUsage(
      blind,
      query({ from: noon - 7 * dayMs, to: noon, stepMs: minuteMs, groupBy: ['model'] }),
    );
    await expect(asked).rejects.toThrow(TooManyRowsError);
    await expect(asked).rejects.toThrow(
      '20,160 rows (2 combinations × 10,080 buckets of 1m), the most is 10,000: ' +
        'take step 5m, a narrower range, fewer dimensions in the grouping, or more filters',
    );
  });

  it('are refused over all of time without counting a bucket each', async () => {
    const asked = queryUsage(memoryReader(three), query({ from: 0, stepMs: minuteMs }));
    await expect(asked).rejects.toThrow(TooManyRowsError);
  });
});

describe('the five token columns', () => {
  it('add up to all tokens, each bucket on its own', async () => {
    const reader = memoryReader({
      ...empty,
      identities: [identityRow({ id: 1 })],
      amounts: [0, 59, 60, 61, 119].map((minute) => ({
        identityId: 1,
        start: noon + minute * minuteMs,
        period: 'minute',
        amounts: { input: 1, cacheRead: 10, cacheWrite: 100, output: 1_000, requests: 1 },
      })),
      coverage: [coveredSpan(1, { start: noon, end: noon + 2 * hourMs })],
    });
    const { rows } = await queryUsage(reader, query({ to: noon + 2 * hourMs }));
    expect(rows.map((row) => [row.input_tokens, row.unpriced_tokens, row.requests])).toEqual([
      [2, 2_222, 2],
      [3, 3_333, 3],
    ]);
  });
});
