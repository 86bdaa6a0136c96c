import { expect, it } from 'vitest';
import type { ApiCall } from '../../../agent/core/api-call.ts';
import { dayMs, secondMs } from '../../../agent/core/time.ts';
import { createApiMeter } from '../../../agent/schedule/api-meter.ts';
import { createSpendLimits } from '../../../agent/schedule/spend-limits.ts';
import { createWorkbench, opening } from './running.ts';

const call: ApiCall = {
  source: 'aws',
  scope: 'aws/111122223333/us-east-1/AWS/Bedrock',
  operation: 'cloudwatch:GetMetricData',
  bucket: 'aws/111122223333/us-east-1',
  limit: { name: 'data', burst: 2, perSecond: 1, atOnce: 9, source: 'https://example.com' },
  costNanoUsd: 40_000n,
  metrics: 4,
  points: 120,
};
const { signal } = new AbortController();
const midnight = opening - (opening % dayMs) + dayMs;

it('puts a call on the bill before it is made, whatever becomes of it then', async () => {
  const { clock, ledger } = createWorkbench();
  const meter = createApiMeter({ clock, ledger });
  await meter.admit(call, signal);
  await meter.admit({ ...call, costNanoUsd: 0n, metrics: 0, operation: 'sts:AssumeRole' }, signal);
  expect(await ledger.apiCalls(clock.now())).toEqual([
    {
      source: 'aws',
      scope: call.scope,
      operation: 'cloudwatch:GetMetricData',
      calls: 1,
      metrics: 4,
      costNanoUsd: 40_000n,
    },
    {
      source: 'aws',
      scope: call.scope,
      operation: 'sts:AssumeRole',
      calls: 1,
      metrics: 0,
      costNanoUsd: 0n,
    },
  ]);
  ledger.close();
});

it('waits for the rate first, and counts only what goes', async () => {
  const { clock, ledger } = createWorkbench();
  const meter = createApiMeter({ clock, ledger });
  const stop = new AbortController();
  const waiting = [1, 2, 3, 4].map((n) =>
    meter.admit(call, n === 4 ? stop.signal : signal).then(
      () => clock.now() - opening,
      () => 'gave up',
    ),
  );
  await clock.advance(secondMs);
  stop.abort();
  expect(await Promise.all(waiting)).toEqual([0, 0, secondMs, 'gave up']);
  expect((await ledger.apiCalls(opening)).map(({ calls }) => calls)).toEqual([3]);
  ledger.close();
});

it('paces two sources of one account together, and other accounts and limits apart', async () => {
  const { clock, ledger } = createWorkbench();
  const meter = createApiMeter({ clock, ledger });
  const went: string[] = [];
  const admit = (name: string, change: Partial<ApiCall>) =>
    meter.admit({ ...call, ...change }, signal).then(() => went.push(name));
  void admit('one', {});
  void admit('two', { source: 'other' });
  void admit('three', {});
  void admit('elsewhere', { bucket: 'aws/444455556666/us-east-1' });
  await clock.advance(0);
  expect(went.toSorted()).toEqual(['elsewhere', 'one', 'two']);
  ledger.close();
});

it('lets no call go with which a source would spend more than its day, and all again from midnight on', async () => {
  const { clock, ledger } = createWorkbench();
  const limits = createSpendLimits({ nanoUsdPerDay: 100_000n });
  const meter = createApiMeter({ clock, ledger, limits, paced: false });
  await meter.admit(call, signal);
  await meter.admit(call, signal);
  await expect(meter.admit(call, signal)).rejects.toMatchObject({
    reason: 'throttled',
    operation: 'cloudwatch:GetMetricData',
    retryAfterMs: midnight - opening,
    message: expect.stringContaining('$0.0001000'),
    hint: expect.stringContaining('api_spend_limit'),
  });
  await meter.admit({ ...call, costNanoUsd: 0n }, signal);
  await meter.admit({ ...call, source: 'other' }, signal);
  expect(ledger.apiSpent('aws', clock.now())).toBe(80_000n);
  await clock.advance(midnight - opening);
  await meter.admit(call, signal);
  expect(ledger.apiSpent('aws', clock.now())).toBe(40_000n);
  ledger.close();
});

it('holds nothing back of a source for which nothing is predicted yet, then half as much again as predicted', () => {
  const limits = createSpendLimits('auto');
  expect(limits.of('aws')).toBeUndefined();
  limits.predict('aws', 101n);
  expect(limits.of('aws')).toBe(152n);
  expect(limits.of('azure')).toBeUndefined();
});
