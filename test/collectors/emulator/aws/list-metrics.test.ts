import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { startAws } from '../../../../collectors/emulator/aws/server.ts';
import type { Loopback } from '../../../../collectors/emulator/http.ts';
import { scenarioLanes } from '../../../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../../collectors/emulator/traffic.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { laneOf, scriptedTraffic } from '../scripted-traffic.ts';
import { cloudWatch, listAll, nameOf } from './clients.ts';

const noon = Date.parse('2026-11-18T12:00:00Z');

describe('the listing', () => {
  const traffic = createTraffic(scenarioLanes, loadTrace());
  let aws: Loopback;
  beforeAll(async () => {
    aws = await startAws(createWorld({ traffic, now: () => noon }), { listPageSize: 7 });
  });
  afterAll(() => aws.close());

  const listed = async (input: Parameters<typeof listAll>[1], region = 'us-east-1') =>
    (await listAll(cloudWatch(aws.url, region), input)).map(nameOf);

  /** The names of cache meters in the region. */
  const cache = async (region: string) => {
    const names = await listed({ Namespace: 'AWS/Bedrock' }, region);
    return new Set(
      names.map((name) => name.split(' ')[0]).filter((name) => name?.startsWith('Cache')),
    );
  };

  it('comes in pages that hold every series once', async () => {
    const names = await listed({ Namespace: 'AWS/Bedrock' });
    const client = cloudWatch(aws.url);
    const first = await client.send(new ListMetricsCommand({ Namespace: 'AWS/Bedrock' }));
    expect(first.Metrics).toHaveLength(7);
    expect(names.length).toBeGreaterThan(80);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has the overlapping dimension sets of both namespaces', async () => {
    const input = { Namespace: 'AWS/Bedrock', MetricName: 'InputTokenCount' };
    const oss = 'ModelId=openai.gpt-oss-120b-1:0';
    expect((await listed(input)).toSorted()).toEqual(
      [
        'InputTokenCount',
        'InputTokenCount ModelId=0example0001',
        'InputTokenCount ModelId=amazon.nova-pro-v1:0',
        'InputTokenCount ModelId=global.openai.gpt-5.6-sol',
        `InputTokenCount ${oss}`,
        `InputTokenCount ${oss} ServiceTier=flex ResolvedServiceTier=flex`,
        `InputTokenCount ${oss} ServiceTier=priority ResolvedServiceTier=priority`,
        'InputTokenCount ModelId=us.anthropic.claude-opus-4-7',
        'InputTokenCount ModelId=us.anthropic.claude-sonnet-4-6',
        'InputTokenCount ModelId=us.openai.gpt-5.6-sol',
      ].toSorted(),
    );
    const mantle = { Namespace: 'AWS/BedrockMantle', MetricName: 'Inferences' };
    const sizes = (await listed(mantle)).map((name) => name.split(' ').length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2, 2, 2, 3, 3, 3, 3]);
  });

  it.each([
    ['a name: every set that contains it', [{ Name: 'ServiceTier' }], 2],
    ['a name and value', [{ Name: 'ModelId', Value: 'openai.gpt-oss-120b-1:0' }], 3],
    ['a value nobody uses', [{ Name: 'ModelId', Value: 'nobody' }], 0],
  ])('is filtered by %s', async (_name, Dimensions, wanted) => {
    const input = { Namespace: 'AWS/Bedrock', MetricName: 'Invocations', Dimensions };
    expect(await listed(input)).toHaveLength(wanted);
  });

  it('spells the cache meters as the region does', async () => {
    expect(await cache('us-east-1')).toEqual(
      new Set(['CacheReadInputTokens', 'CacheWriteInputTokens']),
    );
    expect(await cache('eu-central-1')).toEqual(
      new Set(['CacheReadInputTokenCount', 'CacheWriteInputTokenCount']),
    );
  });

  it('is empty in a region without Bedrock, and without throttles or latency on Mantle', async () => {
    expect(await listed({}, 'ap-south-1')).toEqual([]);
    const names = (await listed({ Namespace: 'AWS/BedrockMantle' })).map((n) => n.split(' ')[0]);
    expect(new Set(names)).toEqual(
      new Set([
        'Inferences',
        'InferenceClientErrors',
        'TotalInputTokens',
        'TotalOutputTokens',
        'InputTokens',
        'OutputTokens',
      ]),
    );
  });

  it('names owners when linked accounts are asked for', async () => {
    const client = cloudWatch(aws.url);
    const page = await client.send(new ListMetricsCommand({ IncludeLinkedAccounts: true }));
    expect(page.OwningAccounts).toEqual((page.Metrics ?? []).map(() => '111122223333'));
    const plain = await client.send(new ListMetricsCommand({}));
    expect(plain.OwningAccounts).toBeUndefined();
  });

  it('refuses a token that it never gave', async () => {
    const call = cloudWatch(aws.url).send(new ListMetricsCommand({ NextToken: 'made-up' }));
    await expect(call).rejects.toMatchObject({ name: 'InvalidNextToken' });
  });
});

describe('a series', () => {
  const lane = laneOf('us-east-1/runtime/us.anthropic.claude-opus-4-7');
  const first = noon;
  const last = noon + dayMs;
  const traffic = scriptedTraffic(
    [lane],
    [
      { lane, start: first },
      { lane, start: last },
    ],
  );

  async function isListed(now: number, RecentlyActive?: 'PT3H'): Promise<boolean> {
    const aws = await startAws(createWorld({ traffic, now: () => now }));
    try {
      const input = { MetricName: 'Invocations', ...(RecentlyActive ? { RecentlyActive } : {}) };
      return (await listAll(cloudWatch(aws.url), input)).length > 0;
    } finally {
      await aws.close();
    }
  }

  it.each([
    ['not before its first datum', first - minuteMs, false],
    ['not 14 minutes after it', first + 14 * minuteMs, false],
    ['from 16 minutes after it on', first + 16 * minuteMs, true],
    ['while it is silent for less than two weeks', last + 14 * dayMs - minuteMs, true],
    ['no longer once it is silent for more', last + 14 * dayMs + 2 * minuteMs, false],
  ])('is listed %s', async (_name, now, wanted) => {
    expect(await isListed(now)).toBe(wanted);
  });

  it.each([
    ['an hour after its last datum', last + hourMs, true],
    ['five hours after it', last + 5 * hourMs, false],
  ])('is recently active or not %s', async (_name, now, wanted) => {
    expect(await isListed(now, 'PT3H')).toBe(wanted);
  });

  it('comes and goes as the same server’s time goes on', async () => {
    let now = first;
    const aws = await startAws(createWorld({ traffic, now: () => now }));
    const client = cloudWatch(aws.url);
    const seen: boolean[] = [];
    try {
      for (const at of [
        first + 14 * minuteMs,
        first + 20 * minuteMs,
        first + 13 * dayMs,
        last + 13 * dayMs,
        last + 15 * dayMs,
        first + 20 * minuteMs,
      ]) {
        now = at;
        seen.push((await listAll(client, { MetricName: 'Invocations' })).length > 0);
      }
    } finally {
      client.destroy();
      await aws.close();
    }
    expect(seen).toEqual([false, true, true, true, false, true]);
  });

  it('of a meter that never moved is never listed', async () => {
    const aws = await startAws(createWorld({ traffic, now: () => first + dayMs }));
    try {
      const names = (await listAll(cloudWatch(aws.url), {})).map((m) => m.MetricName);
      expect(names).toContain('Invocations');
      expect(names).not.toContain('InvocationThrottles');
      expect(names).not.toContain('CacheReadInputTokens');
    } finally {
      await aws.close();
    }
  });
});
