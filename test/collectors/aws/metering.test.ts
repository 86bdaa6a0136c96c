import { describe, expect, it } from 'vitest';
import type { ApiMeter } from '../../../agent/core/api-call.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import { recordingMeter } from '../../support/recording-meter.ts';
import type { ScriptedHandler } from '../../support/scripted-server.ts';
import {
  account,
  assumeRole,
  callerIdentity,
  failureOf,
  json,
  listed,
  listing,
  never,
  noProfiles,
  on,
  operationOf,
  refusal,
  unit,
  withAws,
} from './fake-aws.ts';
import { data, dataRequest, results, silent } from './fake-data.ts';

const input = listed('InputTokenCount', { ModelId: 'm' });

/** What the meter was told and what AWS was asked, each as `operation`, while the collector did its work. */
async function metered(
  handlers: readonly ScriptedHandler[],
  work: Parameters<typeof withAws>[1],
  config: Parameters<typeof withAws>[2] = {},
) {
  const meter = recordingMeter();
  const asked = await withAws(
    handlers,
    async (aws) => {
      await work(aws);
      return aws.server.requests.map((request) => operationOf(request));
    },
    config,
    meter,
  );
  expect(meter.underWay).toBe(0);
  const told = meter.calls.map(({ operation }) => operation.split(':')[1] ?? '');
  expect(told.toSorted()).toEqual(asked.toSorted());
  return meter.calls;
}

describe('every request is told to the meter before it is made', () => {
  it('of a listing: signing in, each page of each namespace, profiles and their tags, by scope', async () => {
    const pages = on('ListMetrics', ({ body }) => {
      const { Namespace, NextToken } = JSON.parse(body) as Record<string, string>;
      if (Namespace !== 'AWS/Bedrock') return json({ Metrics: [] });
      return json({ Metrics: [input], ...(NextToken === undefined ? { NextToken: 'more' } : {}) });
    });
    const summary = {
      inferenceProfileId: '0example0001',
      inferenceProfileArn: 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/x',
    };
    const profiles = on('ListInferenceProfiles', () =>
      json({ inferenceProfileSummaries: [summary] }, 200, { 'content-type': 'application/json' }),
    );
    const tags = on('ListTagsForResource', () => json({ tags: [] }));
    const calls = await metered([callerIdentity, pages, profiles, tags], ({ collector }) =>
      collector.discover(never),
    );
    const region = `prod/${account}/us-east-1`;
    expect(
      calls.map(({ scope, operation, costNanoUsd }) => [scope, operation, costNanoUsd]),
    ).toEqual([
      ['prod', 'sts:GetCallerIdentity', 0n],
      [`${region}/AWS/Bedrock`, 'cloudwatch:ListMetrics', 10_000n],
      [`${region}/AWS/Bedrock`, 'cloudwatch:ListMetrics', 10_000n],
      [`${region}/AWS/BedrockMantle`, 'cloudwatch:ListMetrics', 10_000n],
      [`${region}/provisioned-throughput`, 'bedrock:ListProvisionedModelThroughputs', 0n],
      [`${region}/inference-profiles`, 'bedrock:ListInferenceProfiles', 0n],
      [`${region}/inference-profiles`, 'bedrock:ListTagsForResource', 0n],
    ]);
    expect(new Set(calls.slice(1).map(({ bucket }) => bucket))).toEqual(
      new Set([`aws/${account}/us-east-1`]),
    );
  });

  it('of a role: once it is assumed, not for each call that its credentials sign', async () => {
    const calls = await metered(
      [assumeRole, listing(input), noProfiles],
      ({ collector }) => collector.discover(never),
      { roles: [{ arn: `arn:aws:iam::${account}:role/crossbill` }] },
    );
    expect(calls.filter(({ operation }) => operation === 'sts:AssumeRole')).toMatchObject([
      { source: 'prod', scope: `prod/${account}`, costNanoUsd: 0n },
    ]);
  });

  it('of a window: metrics by unit however many statistics, points, the target; each page anew', async () => {
    const answer = data((asked) => ({
      MetricDataResults: results(asked, [], asked.NextToken ? 'Complete' : 'PartialData'),
      ...(asked.NextToken ? {} : { NextToken: 'more' }),
    }));
    const request = dataRequest();
    const calls = await metered([answer], ({ collector }) => collector.collect(request, never));
    const one = {
      source: 'prod',
      scope: request.target.id,
      operation: 'cloudwatch:GetMetricData',
      bucket: `aws/${account}/us-east-1`,
      metrics: 2,
      points: 4 * 30,
      costNanoUsd: 20_000n,
    };
    expect(calls).toMatchObject([one, one]);
  });

  it('of a window in several calls what its price said before', async () => {
    const units = Array.from({ length: 700 }, (_, n) =>
      unit('aws.bedrock.output', 'OutputTokenCount', { ModelId: `m${n}` }),
    );
    const request = dataRequest({ units });
    let price = 0n;
    const calls = await metered([silent], ({ collector }) => {
      price = collector.price(request).costNanoUsd;
      return collector.collect(request, never);
    });
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n)).toBe(price);
    expect(price).toBe(7_000_000n);
    for (const { points, limit } of calls) {
      expect(points).toBeLessThanOrEqual(limit?.points?.burst ?? 0);
    }
  });

  it('that fails as well', async () => {
    const throttled = on('GetMetricData', () => refusal('Throttling', 400, 'Rate exceeded'));
    const calls = await metered([throttled], ({ collector }) =>
      failureOf(collector.collect(dataRequest(), never)),
    );
    expect(calls).toHaveLength(1);
  });
});

it('a call that the meter does not let go is not made, and its reason is the failure', async () => {
  const refusing: ApiMeter = {
    admit: () =>
      Promise.reject(
        new ExternalError('no money', { reason: 'throttled', operation: 'meter', hint: 'Wait.' }),
      ),
  };
  const outcome = await withAws(
    [silent],
    async ({ collector, server }) => ({
      failure: await failureOf(collector.collect(dataRequest(), never)),
      asked: server.requests.length,
    }),
    {},
    refusing,
  );
  expect(outcome).toMatchObject({ failure: { message: 'no money' }, asked: 0 });
});

it('a whole listing is priced as it is billed', async () => {
  const meter = recordingMeter();
  await withAws(
    [callerIdentity, listing(input), noProfiles],
    async ({ collector }) => {
      const { targets } = await collector.discover(never);
      const { calls, costNanoUsd } = collector.priceListing(targets);
      expect(calls).toBe(meter.calls.length);
      expect(costNanoUsd).toBe(meter.calls.reduce((sum, call) => sum + call.costNanoUsd, 0n));
    },
    { regions: ['us-east-1', 'eu-central-1'] },
    meter,
  );
});
