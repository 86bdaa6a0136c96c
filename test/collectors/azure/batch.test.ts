import { afterEach, describe, expect, it } from 'vitest';
import type { AzureConfig } from '../../../collectors/azure/config.ts';
import { dimensionsOf } from '../../../collectors/azure/metrics-api.ts';
import {
  accountId,
  azureSources,
  rejection,
  requestOf,
  subscription,
} from '../../support/azure-source.ts';
import { metricJson, minutePoints, seriesJson } from '../../support/azure-server.ts';
import type { Asked, Scripted } from '../../support/azure-server.ts';

const never = new AbortController().signal;
const sources = azureSources();
afterEach(() => sources.close());
const start = (script: (asked: Asked) => Scripted, rest: Partial<AzureConfig> = {}) =>
  sources.start(script, { batch: true, ...rest });

function batchJson(
  asked: Asked,
  value: readonly unknown[],
  rest: Readonly<Record<string, unknown>> = {},
) {
  const one = {
    starttime: asked.query.get('starttime'),
    endtime: asked.query.get('endtime'),
    interval: asked.query.get('interval'),
    namespace: 'Microsoft.CognitiveServices/accounts',
    resourceregion: 'eastus',
    resourceid: accountId('aoai-1').toLowerCase(),
    value,
    ...rest,
  };
  return { values: [one] };
}

const input = { ModelDeploymentName: 'chat', ModelName: 'gpt-4o', ModelVersion: '2024-08-06' };
const request = requestOf(['InputTokens']);
const points = minutePoints(request.window, () => 5);
const named = seriesJson(input, points);
const plain = {
  metadatavalues: Object.entries(input).map(([name, value]) => ({
    name: name.toLowerCase(),
    value,
  })),
  data: points,
};

describe('reading through the batch data plane', () => {
  it('understands the dimensions, whose place and form its own types get wrong', async () => {
    const { collector } = await start((asked) => ({
      body: batchJson(asked, [metricJson('InputTokens', [named])]),
    }));
    const samples = await collector.collect(request, never);
    expect(samples.map(({ dimensions, values }) => ({ dimensions, values }))).toEqual([
      { dimensions: input, values: [5, 5, 5] },
    ]);
  });

  it('takes dimensions that the client loses for no answer', async () => {
    const { collector } = await start((asked) => ({
      body: batchJson(asked, [metricJson('InputTokens', [plain])]),
    }));
    const failure = await rejection(collector.collect(request, never));
    expect(failure).toMatchObject({
      reason: 'bad_response',
      message: expect.stringMatching(/dimensions that cannot be read/),
    });
  });

  it.each([
    ['the single-resource client', { metadataValues: [{ name: 'ModelName', value: 'a' }] }],
    ['the batch client', { metadatavalues: [{ name: { value: 'ModelName' }, value: 'a' }] }],
    ['its successor', { metadatavalues: [{ name: 'modelname', value: 'a' }] }],
  ])('reads the dimensions as %s gives them', (_name, series) => {
    expect([...dimensionsOf(series)]).toEqual([['modelname', 'a']]);
  });

  it('keeps empty values, and leaves out what has none', () => {
    const values = [{ name: 'a', value: '' }, { name: 'b', value: null }, { name: 'c' }];
    expect([...dimensionsOf({ metadatavalues: values })]).toEqual([['a', '']]);
    expect([...dimensionsOf({})]).toEqual([]);
  });

  it('names the resource in the body and everything else in the query', async () => {
    const { collector, server } = await start((asked) => ({
      body: batchJson(asked, [metricJson('InputTokens', [])]),
    }));
    await collector.collect(request, never);
    const [asked] = server.asked;
    expect(asked?.method).toBe('POST');
    expect(asked?.path).toBe(`/subscriptions/${subscription}/metrics:getBatch`);
    expect(JSON.parse(asked?.body ?? '')).toEqual({ resourceids: [accountId('aoai-1')] });
    expect(Object.fromEntries(asked?.query ?? [])).toEqual({
      'api-version': '2024-02-01',
      starttime: '2026-11-20T11:57:00.000Z',
      endtime: '2026-11-20T12:00:00.000Z',
      interval: 'PT1M',
      metricnames: 'InputTokens',
      metricnamespace: 'Microsoft.CognitiveServices/accounts',
      aggregation: 'Total',
      filter: "ModelDeploymentName eq '*' and ModelName eq '*' and ModelVersion eq '*'",
      top: '10000',
    });
  });

  it.each([
    [
      'another resource',
      { resourceid: accountId('aoai-2') },
      /the resource asked for is not in it/,
    ],
    ['a shortened span', { starttime: '2026-11-20T11:58:00Z' }, /where 2026-11-20T11:57/],
    ['no span', { starttime: undefined }, /covers no span/],
    ['another grain', { interval: 'PT1H' }, /grain is PT1H/],
  ])('takes an answer of %s for no answer', async (_name, rest, message) => {
    const { collector } = await start((asked) => ({
      body: batchJson(asked, [metricJson('InputTokens', [])], rest),
    }));
    const failure = await rejection(collector.collect(request, never));
    expect(failure).toMatchObject({
      reason: 'bad_response',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['no values', { values: [] }],
    ['nothing', {}],
  ])('takes %s for no answer', async (_name, body) => {
    const { collector } = await start(() => ({ body }));
    expect(await rejection(collector.collect(request, never))).toMatchObject({
      reason: 'bad_response',
    });
  });

  it('takes a metric without its series for no answer', async () => {
    const { collector } = await start((asked) => ({
      body: batchJson(asked, [{ ...metricJson('InputTokens', []), timeseries: undefined }]),
    }));
    expect(await rejection(collector.collect(request, never))).toMatchObject({
      reason: 'bad_response',
    });
  });

  it('sees a throttled metric in a 200', async () => {
    const { collector } = await start((asked) => ({
      body: batchJson(asked, [metricJson('InputTokens', [], { errorCode: 'Throttled' })]),
    }));
    expect(await rejection(collector.collect(request, never))).toMatchObject({
      reason: 'throttled',
    });
  });

  it('reads the wrapped body of a refusal, and names the role where batch needs it', async () => {
    const { collector } = await start(() => ({
      status: 403,
      body: { error: { code: 'Forbidden', message: 'no' } },
    }));
    const failure = await rejection(collector.collect(request, never));
    expect(failure).toMatchObject({
      reason: 'denied',
      message: expect.stringMatching(/403 Forbidden: no/),
      hint: `Grant Monitoring Reader on subscription ${subscription} (batch reading needs it there).`,
    });
  });
});

describe('what batch calls cost', () => {
  it.each([
    ['a cent a thousand calls unless told otherwise', {}, 10_000n],
    ['what the configuration says', { batchCallNanoUsd: 7n }, 7n],
    ['nothing where it is switched off', { batchCallNanoUsd: 0n }, 0n],
  ])('is %s', async (_name, rest, perCall) => {
    const { collector } = await start(() => ({}), rest);
    const { calls, costNanoUsd, operation } = collector.price(
      requestOf(['InputTokens', 'ModelRequests']),
    );
    expect(operation).toBe('Microsoft.Insights/metrics/read');
    expect(calls).toBe(2);
    expect(costNanoUsd).toBe(2n * perCall);
  });
});
