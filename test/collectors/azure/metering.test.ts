import { afterEach, describe, expect, it } from 'vitest';
import {
  metricJson,
  metricsJson,
  minutePoints,
  seriesJson,
  windowAsked,
} from '../../support/azure-server.ts';
import type { Asked, Scripted } from '../../support/azure-server.ts';
import {
  accountId,
  allDefined,
  azureSources,
  lastMinutes,
  rejection,
  requestOf,
  subscription,
} from '../../support/azure-source.ts';
import { recordingMeter } from '../../support/recording-meter.ts';

const never = new AbortController().signal;
const sources = azureSources();
afterEach(() => sources.close());

const input = { ModelDeploymentName: 'chat', ModelName: 'gpt-4o', ModelVersion: '2024-08-06' };
const account = { id: accountId('aoai-1'), name: 'aoai-1', kind: 'OpenAI', location: 'East US' };

/** Two pages of subscriptions, an account, no deployments, every metric. */
function azure({ target, query }: Asked): Scripted {
  if (target.startsWith('/subscriptions?')) {
    const more = query.get('page') === null;
    return {
      body: {
        value: more ? [{ subscriptionId: subscription }] : [],
        ...(more ? { nextLink: '/subscriptions?api-version=2022-12-01&page=2' } : {}),
      },
    };
  }
  if (target.includes('/deployments?')) return { body: { value: [] } };
  if (target.includes('metricDefinitions')) {
    const value = allDefined.map(({ name, dimensions }) => ({
      name: { value: name },
      dimensions: dimensions.map((dimension) => ({ value: dimension })),
    }));
    return { body: { value } };
  }
  return { body: { value: [account] } };
}

describe('every request is told to the meter before it is made', () => {
  it('of a listing: each page, each account, by scope and subscription, and it is free', async () => {
    const meter = recordingMeter();
    const { collector, server } = await sources.start(azure, {}, undefined, meter);
    const { targets } = await collector.discover(never);
    const [target] = targets;
    expect(meter.calls).toHaveLength(server.asked.length);
    expect(meter.underWay).toBe(0);
    const scope = `prod-azure/${subscription}`;
    const read = 'Resource Manager reads';
    expect(
      meter.calls.map((call) => [call.scope, call.operation, call.bucket, call.limit?.name]),
    ).toEqual([
      ['prod-azure', 'Microsoft.Resources/subscriptions/read', 'azure/', read],
      ['prod-azure', 'Microsoft.Resources/subscriptions/read', 'azure/', read],
      [scope, 'Microsoft.CognitiveServices/accounts/read', `azure/${subscription}`, read],
      [
        target?.id,
        'Microsoft.CognitiveServices/accounts/deployments/read',
        `azure/${subscription}`,
        read,
      ],
      [
        target?.id,
        'Microsoft.Insights/metricDefinitions/read',
        `azure/${subscription}`,
        'metric definitions',
      ],
    ]);
    expect(new Set(meter.calls.map(({ costNanoUsd }) => costNanoUsd))).toEqual(new Set([0n]));
    expect(collector.priceListing(targets)).toMatchObject({ calls: 3, costNanoUsd: 0n });
  });

  it.each([
    ['through Resource Manager for nothing', false, 0n],
    ['through the data plane at the assumed price', true, 10_000n],
  ])('of a window %s, when it fails as well', async (_what, batch, costNanoUsd) => {
    const meter = recordingMeter();
    const request = requestOf(['InputTokens']);
    const failing = () => ({ status: 500, body: {} });
    const { collector } = await sources.start(failing, { batch }, undefined, meter);
    await rejection(collector.collect(request, never));
    expect(meter.calls).toMatchObject([
      { scope: request.target.id, bucket: `azure/${subscription}`, costNanoUsd, metrics: 0 },
    ]);
    expect(meter.underWay).toBe(0);
  });

  it('of a window in several calls as many as its price said before', async () => {
    const meter = recordingMeter();
    const answer = (asked: Asked): Scripted => {
      const series = seriesJson(
        input,
        minutePoints(windowAsked(asked), () => 1),
      );
      const names = (asked.query.get('metricnames') ?? '').split(',');
      return {
        body: metricsJson(
          asked,
          names.map((name) => metricJson(name, [series])),
        ),
      };
    };
    const { collector } = await sources.start(answer, {}, undefined, meter);
    const request = requestOf(['InputTokens', 'OutputTokens'], lastMinutes(24 * 60));
    const { calls } = collector.price(request);
    await collector.collect(request, never);
    expect(calls).toBeGreaterThan(1);
    expect(meter.calls).toHaveLength(calls);
  });
});
