import { expect, it } from 'vitest';
import type { TargetStatus } from '../../../agent/core/store.ts';
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
} as const;

function rowsOf(...statuses: readonly TargetStatus[]) {
  return querySources({ sources: async () => statuses }, now, 300);
}

it('tells all there is to tell of a target', async () => {
  const status = targetStatus({
    lastSuccess: now - 120_000,
    watermark: now - 600_500,
    failure,
    series: 12,
    units: 4,
    apiCallsToday: 288,
    apiCostTodayNanoUsd: 123_456_789n,
    nextPoll: now + 300_000,
    irregularities: { rejected_negative: 2, vanished: 1, contract_violation: 0 },
  });
  expect(await rowsOf(status)).toEqual([
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
      cadence_seconds: 300,
      next_poll: isoUtc(now + 300_000),
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
  const [row] = await rowsOf(targetStatus(change));
  expect(row?.state).toBe(state);
});

it('leaves null what is not known yet', async () => {
  const [row] = await rowsOf(targetStatus());
  expect(row).toMatchObject({
    lag_seconds: null,
    watermark: null,
    reason: null,
    failed_at: null,
    next_poll: null,
    irregularities: 0,
    irregularity_kinds: '',
  });
});

it('comes by source and target', async () => {
  const rows = await rowsOf(
    targetStatus({ source: 'b', target: 'b/1' }),
    targetStatus({ source: 'a', target: 'a/2' }),
    targetStatus({ source: 'a', target: 'a/1' }),
  );
  expect(rows.map(({ target }) => target)).toEqual(['a/1', 'a/2', 'b/1']);
});
