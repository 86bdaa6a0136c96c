import { afterEach, describe, expect, it } from 'vitest';
import {
  accountId,
  azureSources,
  lastMinutes,
  rejection,
  requestOf,
  secretToken,
  targetOf,
} from '../../support/azure-source.ts';
import {
  metricJson,
  metricsJson,
  minutePoints,
  seriesJson,
  windowAsked,
} from '../../support/azure-server.ts';
import type { Asked, Scripted } from '../../support/azure-server.ts';

const never = new AbortController().signal;
const sources = azureSources();
afterEach(() => sources.close());

const input = { ModelDeploymentName: 'chat', ModelName: 'gpt-4o', ModelVersion: '2024-08-06' };

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Answers every metric asked for with one deployment, a point a minute. */
function truthful(asked: Asked): Scripted {
  const names = asked.query.get('metricnames')?.split(',') ?? [];
  const series = (name: string) =>
    seriesJson(
      { ...input, Region: 'East US' },
      minutePoints(windowAsked(asked), (at) => ((at / 60_000) % 7) + name.length),
    );
  return {
    body: metricsJson(
      asked,
      names.map((name) => metricJson(name, [series(name)])),
    ),
  };
}

describe('collecting a window', () => {
  it('asks in UTC, for all series, by the account, with one slash, under the token', async () => {
    const { collector, server } = await sources.start(truthful);
    await collector.collect(requestOf(['InputTokens', 'OutputTokens']), never);
    const [asked] = server.asked;
    expect(server.asked).toHaveLength(1);
    expect(asked?.target.startsWith(`${accountId('aoai-1')}/providers/`)).toBe(true);
    expect(asked?.authorization).toBe(`Bearer ${secretToken}`);
    expect(Object.fromEntries(asked?.query ?? [])).toEqual({
      'api-version': '2024-02-01',
      timespan: '2026-11-20T11:57:00.000Z/2026-11-20T12:00:00.000Z',
      interval: 'PT1M',
      metricnames: 'InputTokens,OutputTokens',
      metricnamespace: 'Microsoft.CognitiveServices/accounts',
      aggregation: 'Total',
      $filter: "ModelDeploymentName eq '*' and ModelName eq '*' and ModelVersion eq '*'",
      top: '10000',
      AutoAdjustTimegrain: 'false',
    });
  });

  it('reads both vocabularies, each under its own names', async () => {
    const { collector } = await sources.start(truthful);
    const samples = await collector.collect(
      requestOf(['ProcessedPromptTokens', 'InputTokens', 'TimeToLastByte']),
      never,
    );
    expect(samples.map(({ metric, statistic }) => `${metric} ${statistic}`)).toEqual([
      'ProcessedPromptTokens Total',
      'InputTokens Total',
    ]);
    expect(samples.map(({ dimensions }) => Object.keys(dimensions))).toEqual([
      ['ModelDeploymentName', 'ModelVersion'],
      ['ModelDeploymentName', 'ModelName', 'ModelVersion'],
    ]);
  });

  it('joins the pieces of a long window into one sample without gap or overlap', async () => {
    const { collector, server } = await sources.start(truthful);
    const window = lastMinutes(2_000);
    const samples = await collector.collect(requestOf(['InputTokens'], window), never);
    expect(server.asked.length).toBeGreaterThan(2);
    expect(samples).toHaveLength(1);
    const expected = Array.from({ length: 2_000 }, (_, i) => window.start + i * 60_000);
    expect(samples[0]?.starts).toEqual(expected);
  });

  it('learns how many series there are, and asks in fewer or more pieces then', async () => {
    const { collector } = await sources.start(truthful);
    const request = requestOf(['InputTokens'], lastMinutes(2_000));
    const before = collector.price(request);
    await collector.collect(request, never);
    const after = collector.price(request);
    expect(after.calls).toBeLessThan(before.calls);
    expect([before.costNanoUsd, after.costNanoUsd]).toEqual([0n, 0n]);
  });

  it('keeps two accounts with deployments of one name apart', async () => {
    const { collector } = await sources.start((asked) => {
      const first = asked.path.includes('/aoai-1/');
      const points = minutePoints(windowAsked(asked), () => (first ? 1 : 2));
      return { body: metricsJson(asked, [metricJson('InputTokens', [seriesJson(input, points)])]) };
    });
    const valuesOf = async (resource: string) => {
      const request = requestOf(['InputTokens'], lastMinutes(3), targetOf(resource));
      return (await collector.collect(request, never)).flatMap((sample) => sample.values);
    };
    expect(await Promise.all([valuesOf('aoai-1'), valuesOf('aoai-2')])).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });

  it('has two calls under way at a time, no more', async () => {
    const waiting: (() => void)[] = [];
    const seen: number[] = [];
    const { collector } = await sources.start(async (asked) => {
      const released = new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      if (waiting.length === 2) {
        for (let turn = 0; turn < 50; turn += 1) await eventLoopTurn();
        seen.push(waiting.length);
        for (const release of waiting.splice(0)) release();
      }
      await released;
      return truthful(asked);
    });
    const request = requestOf(['InputTokens'], lastMinutes(2_400));
    expect(collector.price(request).calls).toBe(4);
    await collector.collect(request, never);
    expect(new Set(seen)).toEqual(new Set([2]));
  });

  it('makes no more calls after the first that fails', async () => {
    const { collector, server } = await sources.start((asked) =>
      server.asked.length > 3 ? { status: 500 } : truthful(asked),
    );
    const request = requestOf(['InputTokens'], lastMinutes(20_000));
    expect(await rejection(collector.collect(request, never))).toMatchObject({
      reason: 'unreachable',
    });
    expect(server.asked.length).toBeLessThan(7);
  });
});

describe('dimensions that Azure no longer knows', () => {
  it('make the next discovery read the definitions again', async () => {
    const { collector, server } = await sources.start((asked) => {
      const word = asked.path.split('/').at(-1);
      if (word === 'metrics') {
        const message = 'Metric: InputTokens does not support requested dimension combination: x';
        return { status: 400, body: { code: 'BadRequest', message } };
      }
      if (word === 'metricDefinitions') {
        const names = ['ModelDeploymentName', 'ModelName', 'ModelVersion'];
        const dimensions = names.map((value) => ({ value }));
        return { body: { value: [{ name: { value: 'InputTokens' }, dimensions }] } };
      }
      if (word === 'subscriptions')
        return { body: { value: [{ subscriptionId: targetOf().account }] } };
      const account = {
        id: accountId('aoai-1'),
        name: 'aoai-1',
        kind: 'OpenAI',
        location: 'eastus',
      };
      return { body: { value: word === 'accounts' ? [account] : [] } };
    });
    const looks = () =>
      server.asked.filter(({ path }) => path.endsWith('metricDefinitions')).length;
    const [target] = (await collector.discover(never)).targets;
    await collector.discover(never);
    expect(looks()).toBe(1);
    const request = requestOf(['InputTokens'], lastMinutes(3), target);
    const failure = await rejection(collector.collect(request, never));
    expect(failure).toMatchObject({
      reason: 'bad_response',
      hint: expect.stringMatching(/next discovery/),
    });
    await collector.discover(never);
    expect(looks()).toBe(2);
  });
});
