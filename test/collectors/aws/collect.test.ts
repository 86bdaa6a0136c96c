import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CollectRequest, MeterUnit } from '../../../agent/core/collector.ts';
import { rowsOf } from '../../../collectors/aws/listing.ts';
import {
  account,
  failureOf,
  inputUnit,
  json,
  never,
  noon,
  on,
  otherAccount,
  outputUnit,
  ownKey,
  sentData,
  signedBy,
  target,
  unit,
  withAws,
} from './fake-aws.ts';
import { data, dataRequest, minute, results, silent } from './fake-data.ts';

const tokens: MeterUnit = unit('aws.bedrock.output', 'OutputTokenCount', { ModelId: 'zai.glm-5' });

describe('collect', () => {
  it('gives each statistic of each unit in the words of AWS, silent ones too', async () => {
    const answer = data(({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) =>
        MetricStat?.Stat === 'Sum'
          ? { Id, Timestamps: [1.7954352e9], Values: [12031], StatusCode: 'Complete' }
          : { Id, Timestamps: [], Values: [], StatusCode: 'Complete' },
      ),
      Messages: [],
    }));
    const samples = await withAws([answer], ({ collector }) =>
      collector.collect(dataRequest(), never),
    );
    expect(
      samples.map(({ unitKey, statistic, starts, values }) => [unitKey, statistic, starts, values]),
    ).toEqual([
      [inputUnit.key, 'Sum', [1_795_435_200_000], [12_031]],
      [inputUnit.key, 'SampleCount', [], []],
      [inputUnit.key, 'Maximum', [], []],
      [outputUnit.key, 'Sum', [1_795_435_200_000], [12_031]],
    ]);
    expect(samples[0]).toMatchObject({
      rowId: 'aws.bedrock.input',
      metric: 'InputTokenCount',
      dimensions: { ModelId: 'us.openai.gpt-6-sol' },
    });
  });

  it('asks in the region of the target, with aligned times and without a unit', async () => {
    const { requests } = await withAws([silent], async ({ collector, server }) => {
      await collector.collect(dataRequest({ target: target({ region: 'eu-central-1' }) }), never);
      return server;
    });
    expect(requests.map((one) => signedBy(one))).toEqual([
      { key: ownKey, region: 'eu-central-1', service: 'monitoring' },
    ]);
    const [sent] = requests.map(sentData);
    expect(sent).toMatchObject({
      StartTime: (noon - 30 * minute) / 1_000,
      EndTime: noon / 1_000,
      ScanBy: 'TimestampAscending',
      MaxDatapoints: 20_000,
    });
    expect(requests[0]?.body).not.toMatch(/"Unit"|"AccountId"|"Expression"/);
  });

  it('passes on a value that is no number', async () => {
    const answer = data((asked) => ({
      MetricDataResults: results(asked, [[noon - minute, 'NaN']]),
    }));
    const [sample] = await withAws([answer], ({ collector }) =>
      collector.collect(dataRequest({ units: [tokens] }), never),
    );
    expect(sample?.values).toEqual([NaN]);
  });

  it('makes no call for no units', async () => {
    const outcome = await withAws([], async ({ collector, server }) => ({
      samples: await collector.collect(dataRequest({ units: [] }), never),
      calls: server.requests.length,
    }));
    expect(outcome).toEqual({ samples: [], calls: 0 });
  });

  it('makes two calls at once, and no more', async () => {
    const units = Array.from({ length: 2_500 }, (_, n) =>
      unit('aws.bedrock.output', 'OutputTokenCount', { ModelId: `m${n}` }),
    );
    let open = 0;
    let most = 0;
    const counting = on('GetMetricData', async (request) => {
      open += 1;
      most = Math.max(most, open);
      for (let turn = 0; turn < 200; turn += 1) await setImmediate();
      open -= 1;
      return json({ MetricDataResults: results(sentData(request)) });
    });
    const samples = await withAws([counting], ({ collector }) =>
      collector.collect(dataRequest({ units }), never),
    );
    expect(samples).toHaveLength(2_500);
    expect(most).toBe(2);
  });

  it('names the owning account where the target is seen through a monitoring account', async () => {
    const linked = target({ account: otherAccount, labels: { monitoring_account: account } });
    const [sent] = await withAws([silent], async ({ collector, server }) => {
      await collector.collect(dataRequest({ target: linked }), never);
      return server.requests.map(sentData);
    });
    expect(new Set(sent?.MetricDataQueries.map(({ AccountId }) => AccountId))).toEqual(
      new Set([otherAccount]),
    );
  });
});

/** Points of a minute each, cut into pages at the places given. */
function paged(points: readonly (readonly [number, number])[], cuts: readonly number[]) {
  const edges = [0, ...cuts, points.length];
  return data((asked) => {
    const index = asked.NextToken === undefined ? 0 : Number(asked.NextToken);
    const last = index === edges.length - 2;
    const some = points.slice(edges[index], edges[index + 1]);
    return {
      MetricDataResults: results(asked, some, last ? 'Complete' : 'PartialData'),
      ...(last ? {} : { NextToken: String(index + 1) }),
    };
  });
}

describe('pages', () => {
  const all = Array.from({ length: 30 }, (_, n) => [noon - (30 - n) * minute, n * 7] as const);

  it('merge to the same wherever they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }),
        async (cuts) => {
          const sorted = cuts.toSorted((a, b) => a - b);
          const [sample] = await withAws([paged(all, sorted)], ({ collector }) =>
            collector.collect(dataRequest({ units: [tokens] }), never),
          );
          expect(sample?.starts).toEqual(all.map(([start]) => start));
          expect(sample?.values).toEqual(all.map(([, value]) => value));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('may come newest first', async () => {
    const [sample] = await withAws([paged(all.toReversed(), [7, 20])], ({ collector }) =>
      collector.collect(dataRequest({ units: [tokens] }), never),
    );
    expect(sample?.starts).toEqual(all.map(([start]) => start));
    expect(sample?.values).toEqual(all.map(([, value]) => value));
  });

  it('each repeat the whole question with the token of the last one', async () => {
    const [first, second] = await withAws([paged(all, [10])], async ({ collector, server }) => {
      await collector.collect(dataRequest({ units: [tokens] }), never);
      return server.requests.map(sentData);
    });
    expect(second).toEqual({ ...first, NextToken: '1' });
  });

  it('of several calls are put together, one window after the other', async () => {
    const long = { start: noon - 9 * 24 * 60 * minute, end: noon };
    const latency = unit('aws.bedrock.latency', 'InvocationLatency', { ModelId: 'zai.glm-5' });
    const edges = data((asked) => ({
      MetricDataResults: results(asked, [
        [asked.StartTime * 1_000, 1],
        [asked.EndTime * 1_000 - minute, 2],
      ]),
    }));
    const outcome = await withAws([edges], async ({ collector, server }) => ({
      samples: await collector.collect(dataRequest({ units: [latency], window: long }), never),
      windows: server.requests.map(sentData).map(({ StartTime, EndTime }) => [StartTime, EndTime]),
      planned: collector.price(dataRequest({ units: [latency], window: long })).calls,
    }));
    const [sample] = outcome.samples;
    expect(outcome.samples).toHaveLength(5);
    expect(outcome.windows).toHaveLength(outcome.planned);
    expect(sample?.starts).toEqual(sample?.starts.toSorted((a, b) => a - b));
    expect(sample?.starts.at(0)).toBe(long.start);
    expect(sample?.starts.at(-1)).toBe(long.end - minute);
    expect(sample?.starts).toHaveLength(outcome.planned * 2);
  });
});

describe('collect refuses to ask', () => {
  it.each<[string, Partial<CollectRequest>, RegExp]>([
    [
      'with a start between two minutes, for buckets would start there',
      { window: { start: noon - 90_001, end: noon } },
      /not aligned/,
    ],
    [
      'for minutes that are kept no longer, for none would come back',
      { window: { start: noon - 16 * 24 * 60 * minute, end: noon } },
      /no longer keeps points of 60 s/,
    ],
    [
      'for five minutes older than those are kept',
      { periodSeconds: 300, window: { start: noon - 64 * 24 * 60 * minute, end: noon } },
      /no longer keeps points of 300 s/,
    ],
    ['for a unit without a row', { target: target({ rows: [] }) }, /catalog row it does not have/],
  ])('%s', async (_what, overrides, message) => {
    const attempt = withAws([silent], ({ collector }) =>
      collector.collect(dataRequest(overrides), never),
    );
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(RangeError);
  });

  it('but takes a longer period where that is kept', async () => {
    const old = { start: noon - 20 * 24 * 60 * minute, end: noon - 19 * 24 * 60 * minute };
    const samples = await withAws([silent], ({ collector }) =>
      collector.collect(dataRequest({ periodSeconds: 300, window: old }), never),
    );
    expect(samples).toHaveLength(4);
  });

  it('for an account that no role of the source is in', async () => {
    const attempt = withAws(
      [silent],
      ({ collector }) => failureOf(collector.collect(dataRequest(), never)),
      { roles: [{ arn: `arn:aws:iam::${otherAccount}:role/crossbill` }] },
    );
    const failure = await attempt;
    expect(failure.reason).toBe('denied');
    expect(failure.message).toMatch(`no role of source prod is in account ${account}`);
  });
});

describe('price', () => {
  it('is known before the call, for the units asked', async () => {
    const cost = await withAws([], async ({ collector }) => collector.price(dataRequest()));
    expect(cost).toEqual({ operation: 'cloudwatch:GetMetricData', calls: 1, costNanoUsd: 20_000n });
  });

  it('is that of one metric where every meter has five statistics at most', () => {
    expect(rowsOf('AWS/Bedrock').every(({ statistics }) => statistics.length <= 5)).toBe(true);
  });
});
