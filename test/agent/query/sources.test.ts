import { expect, it } from 'vitest';
import type { ApiCallSum, TargetStatus } from '../../../agent/core/store.ts';
import { isoUtc } from '../../../agent/core/time.ts';
import { querySources } from '../../../agent/query/sources.ts';
import { targetStatus } from '../../support/target-status.ts';

const now = Date.UTC(2026, 10, 23, 12);
const failure = {
  reason: 'denied',
  operation: 'cloudwatch:GetMetricData',
  message: 'not authorized',
  hint: 'Grant cloudwatch:GetMetricData.',
  at: now - 60_000,
  since: now - 60_000,
} as const;

function spent(scope: string, operation: string, calls: number, costNanoUsd: bigint): ApiCallSum {
  const [source = ''] = scope.split('/');
  return { source, scope, operation, calls, metrics: 0, costNanoUsd };
}

function rowsOf(statuses: readonly TargetStatus[], bill: readonly ApiCallSum[] = []) {
  const reader = { sources: async () => statuses, apiCalls: async () => bill };
  return querySources(reader, now, 300);
}

it('tells all there is to tell of a target', async () => {
  const status = targetStatus({
    lastSuccess: now - 120_000,
    watermark: now - 600_500,
    failure,
    series: 12,
    units: 4,
    cadenceSeconds: 600,
    slowed: 'read every 10m instead of 5m',
    nextPoll: now + 300_000,
    irregularities: { rejected_negative: 2, vanished: 1, contract_violation: 0 },
  });
  const bill = [
    spent(status.target, 'cloudwatch:ListMetrics', 1, 456_789n),
    spent(status.target, 'cloudwatch:GetMetricData', 287, 123_000_000n),
  ];
  expect(await rowsOf([status], bill)).toEqual([
    {
      source: 'prod-aws',
      target: 'prod-aws/111122223333/us-east-1/AWS/Bedrock',
      cloud: 'aws',
      account: '111122223333',
      region: 'us-east-1',
      resource: '',
      state: 'failing',
      last_success: isoUtc(now - 120_000),
      watermark: isoUtc(now - 600_500),
      lag_seconds: 601,
      reason: 'denied',
      operation: 'cloudwatch:GetMetricData',
      hint: 'Grant cloudwatch:GetMetricData.',
      message: 'not authorized',
      failed_at: isoUtc(now - 60_000),
      series: 12,
      units: 4,
      api_calls_today: 288,
      api_cost_usd_today: 0.123456789,
      cadence_seconds: 600,
      next_poll: isoUtc(now + 300_000),
      slowed: 'read every 10m instead of 5m',
      irregularities: 3,
      irregularity_kinds: 'rejected_negative 2, vanished 1',
    },
  ]);
});

it.each([
  ['waiting', 'neither read nor failed', {}],
  ['ok', 'it was read', { lastSuccess: now }],
  ['failing', 'it never was read and failed', { failure }],
  ['failing', 'it failed after it was read', { failure, lastSuccess: now - 120_000 }],
  ['ok', 'it was read after it failed', { failure, lastSuccess: now }],
] as const)('is %s when %s', async (state, _why, change) => {
  const [row] = await rowsOf([targetStatus(change)]);
  expect(row?.state).toBe(state);
});

it('leaves null what is not known yet', async () => {
  const [row] = await rowsOf([targetStatus()]);
  expect(row).toMatchObject({
    lag_seconds: null,
    watermark: null,
    reason: null,
    failed_at: null,
    next_poll: null,
    cadence_seconds: 300,
    slowed: null,
    irregularities: 0,
    irregularity_kinds: '',
  });
});

it('comes by source and target', async () => {
  const rows = await rowsOf([
    targetStatus({ source: 'b', target: 'b/1' }),
    targetStatus({ source: 'a', target: 'a/2' }),
    targetStatus({ source: 'a', target: 'a/1' }),
  ]);
  expect(rows.map(({ target }) => target)).toEqual(['a/1', 'a/2', 'b/1']);
});

it('tells calls that belong to no target in one row of their source, so that nothing of the bill is lost', async () => {
  const status = targetStatus();
  const rows = await rowsOf(
    [status],
    [
      spent('prod-aws', 'sts:GetCallerIdentity', 1, 0n),
      spent('prod-aws/111122223333/eu-west-1/AWS/Bedrock', 'cloudwatch:ListMetrics', 96, 960_000n),
      spent(status.target, 'cloudwatch:ListMetrics', 96, 960_000n),
    ],
  );
  expect(rows.map((row) => [row.target, row.api_calls_today, row.api_cost_usd_today])).toEqual([
    ['prod-aws', 97, 0.00096],
    [status.target, 96, 0.00096],
  ]);
  expect(rows[0]).toMatchObject({ state: 'ok', cloud: null, units: 0, reason: null });
});

it('tells the calls of a source that fails in the row of its failure', async () => {
  const failed = targetStatus({ source: 'prod-aws', target: 'prod-aws', failure });
  const rows = await rowsOf([failed], [spent('prod-aws', 'sts:GetCallerIdentity', 3, 0n)]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ state: 'failing', api_calls_today: 3 });
});

it('has a row for each exporter, with its last failure and what the other side would not have', async () => {
  const exporter = {
    name: 'otlp http://127.0.0.1:4318',
    lastSuccess: now - 120_000,
    failingSince: now - 90_000,
    failure: {
      reason: 'unreachable',
      operation: 'export',
      message: 'refused',
      hint: 'Start it.',
      at: now - 5_000,
    },
    nextTry: now + 60_000,
    failures: 3,
    points: 40,
    rejected: 2,
  } as const;
  const [row] = await querySources(
    { sources: async () => [], apiCalls: async () => [] },
    now,
    300,
    [exporter],
  );
  expect(row).toMatchObject({
    source: 'exporter',
    target: exporter.name,
    cloud: null,
    state: 'failing',
    reason: 'unreachable',
    hint: 'Start it.',
    last_success: isoUtc(now - 120_000),
    failed_at: isoUtc(now - 5_000),
    next_poll: isoUtc(now + 60_000),
    irregularity_kinds: 'rejected_points 2',
  });
  const through = { ...exporter, failure: null, failingSince: null, nextTry: null };
  const [after] = await querySources(
    { sources: async () => [], apiCalls: async () => [] },
    now,
    300,
    [through],
  );
  expect(after).toMatchObject({ state: 'ok', reason: null });
});
