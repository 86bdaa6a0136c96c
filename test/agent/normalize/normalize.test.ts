import { describe, expect, it } from 'vitest';
import type { MeterUnit } from '../../../agent/core/collector.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import type { Normalized } from '../../../agent/normalize/normalize.ts';
import { day0, rows, unitOf } from '../../support/ledger-world.ts';
import { ask, input, latency, sample } from './asking.ts';

/** The only reading, minutes by number. */
function only({ readings }: Normalized) {
  expect(readings).toHaveLength(1);
  const [reading] = readings;
  return {
    minutes: reading?.starts.map((start) => (start - day0) / minuteMs),
    columns: reading?.columns,
  };
}

describe('a series', () => {
  it('keeps the vendor’s identity as its key, and says what its meter means', () => {
    const tiered = unitOf({
      rowId: 'in.tier',
      dimensions: { ModelId: 'm', ServiceTier: 'flex', ResolvedServiceTier: 'flex' },
      values: [],
    });
    const { readings } = normalize(ask([tiered]), [sample(tiered, [0], [1])]);
    expect(readings).toMatchObject([
      {
        unitKey: tiered.key,
        periodSeconds: 60,
        series: {
          key: {
            cloud: 'aws',
            account: '111122223333',
            region: 'us-east-1',
            resource: '',
            namespace: 'AWS/Bedrock',
            metric: 'InputTokenCount',
            dimensions: { ModelId: 'm', ResolvedServiceTier: 'flex', ServiceTier: 'flex' },
          },
          facet: { tier: 'flex' },
          measure: { kind: 'tokens', meter: 'input' },
          contract: 'input_by_family',
          level: 'part',
          settleSeconds: 600,
        },
      },
    ]);
    expect(Object.keys(readings[0]?.series.key.dimensions ?? {})).toEqual([
      'ModelId',
      'ResolvedServiceTier',
      'ServiceTier',
    ]);
  });

  it('is one, in whatever order its dimensions are said', () => {
    const unit: MeterUnit = {
      ...input,
      rowId: 'in.tier',
      dimensions: { ModelId: 'm', ServiceTier: 'flex', ResolvedServiceTier: 'flex' },
    };
    const turned = { ResolvedServiceTier: 'flex', ServiceTier: 'flex', ModelId: 'm' };
    const samples = [sample(unit, [0], [5]), { ...sample(unit, [1], [7]), dimensions: turned }];
    expect(only(normalize(ask([unit]), samples))).toEqual({
      minutes: [0, 1],
      columns: { sum: [5, 7] },
    });
  });

  it('that said nothing is a reading without points, so that the ledger knows of its meter', () => {
    expect(only(normalize(ask([input]), []))).toEqual({ minutes: [], columns: {} });
    expect(only(normalize(ask([input]), [sample(input, [], [])]))).toEqual({
      minutes: [],
      columns: { sum: [] },
    });
  });

  it('is not made of a unit that stands for every series of a metric, nor of one whose row or traffic is unknown', () => {
    const every: MeterUnit = { ...input, dimensions: { ModelId: '*' } };
    const rowless: MeterUnit = { ...input, rowId: 'none' };
    const nameless: MeterUnit = { ...input, dimensions: {} };
    expect(normalize(ask([every, rowless, nameless]), [])).toEqual({
      readings: [],
      rejections: [],
    });
  });

  it('of a unit that stands for all is found in its samples, each with its own dimensions', () => {
    const every: MeterUnit = { ...input, dimensions: { ModelId: '*' } };
    const samples = ['a', 'b'].map((model) => ({
      ...sample(every, [1], [2]),
      dimensions: { ModelId: model },
    }));
    const { readings } = normalize(ask([every]), samples);
    expect(readings.map(({ series, unitKey }) => [series.traffic.vendorModel, unitKey])).toEqual([
      ['a', every.key],
      ['b', every.key],
    ]);
  });

  it('of a second spelling is a series of its own', () => {
    const { readings } = normalize(ask([input]), [
      sample(input, [0], [1]),
      { ...sample(input, [0], [1]), metric: 'InputTokens' },
    ]);
    expect(readings.map(({ series }) => series.key.metric)).toEqual([
      'InputTokenCount',
      'InputTokens',
    ]);
  });
});

describe('statistics', () => {
  it('stand side by side, in our words', () => {
    const samples = ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'p90'].map((statistic, index) =>
      sample(latency, [2, 3], [index + 0.5, index + 1.5], statistic),
    );
    expect(only(normalize(ask([latency]), samples))).toEqual({
      minutes: [2, 3],
      columns: {
        sum: [0.5, 1.5],
        count: [1.5, 2.5],
        min: [2.5, 3.5],
        max: [3.5, 4.5],
        p90: [4.5, 5.5],
      },
    });
  });

  it.each([
    ['Total', 'sum'],
    ['Count', 'count'],
    ['Average', 'avg'],
  ])('%s is %s', (vendor, ours) => {
    expect(only(normalize(ask([latency]), [sample(latency, [0], [3], vendor)])).columns).toEqual({
      [ours]: [3],
    });
  });

  it('with different starts keep theirs, and where one said nothing it says nothing', () => {
    const samples = [
      sample(latency, [1, 4], [10, 40]),
      sample(latency, [4, 6], [4, 6], 'Maximum'),
      sample(latency, [], [], 'p90'),
    ];
    expect(only(normalize(ask([latency]), samples))).toEqual({
      minutes: [1, 4, 6],
      columns: { sum: [10, 40, null], max: [null, 4, 6], p90: [null, null, null] },
    });
  });

  it('in pieces and out of order come out whole and in order', () => {
    const samples = [sample(input, [5, 3], [50, 30]), sample(input, [4, 1], [40, 10])];
    expect(only(normalize(ask([input]), samples))).toEqual({
      minutes: [1, 3, 4, 5],
      columns: { sum: [10, 30, 40, 50] },
    });
  });

  it('of a minute said twice are what was said last', () => {
    const samples = [sample(input, [1, 2], [10, 20]), sample(input, [2], [25])];
    expect(only(normalize(ask([input]), samples))).toEqual({
      minutes: [1, 2],
      columns: { sum: [10, 25] },
    });
  });

  it('keep a zero, for zero is something said', () => {
    expect(only(normalize(ask([input]), [sample(input, [1], [0])])).columns).toEqual({ sum: [0] });
  });
});

describe('of series that count the same, the first in rank', () => {
  const azureRow = (vocabulary: number, metricNames: readonly string[]): CatalogRow => ({
    ...(rows[0] as CatalogRow),
    id: `row${vocabulary}`,
    namespace: 'Microsoft.CognitiveServices/accounts',
    metricNames,
    vocabulary,
  });
  const catalog = [
    azureRow(0, ['ProcessedPromptTokens', 'PromptTokens']),
    azureRow(1, ['InputTokens']),
  ];
  const d = { ModelDeploymentName: 'd' };
  const told = { ServiceTierResponse: 'flex' };
  const version = { ModelVersion: '1' };
  const rankOf = (
    vocabulary: number,
    metric: string,
    dimensions: Readonly<Record<string, string>>,
  ) => {
    const unit: MeterUnit = { key: 'u', rowId: `row${vocabulary}`, metric, dimensions };
    const [reading] = normalize(ask([unit], { rows: catalog }), []).readings;
    return reading?.series.rank ?? Number.NaN;
  };
  it.each([
    [
      'is the one that tells the tier, even in the second vocabulary',
      rankOf(1, 'InputTokens', { ...d, ...told }),
      rankOf(0, 'ProcessedPromptTokens', { ...d, ...version }),
    ],
    [
      'then the one of the first vocabulary, even with fewer dimensions',
      rankOf(0, 'ProcessedPromptTokens', d),
      rankOf(1, 'InputTokens', { ...d, ...version }),
    ],
    [
      'then the one of the finer dimensions, even in the second spelling',
      rankOf(0, 'PromptTokens', { ...d, ...version }),
      rankOf(0, 'ProcessedPromptTokens', d),
    ],
    [
      'then the one of the first spelling',
      rankOf(0, 'ProcessedPromptTokens', d),
      rankOf(0, 'PromptTokens', d),
    ],
  ])('%s', (_what, first, second) => {
    expect(first).toBeLessThan(second);
  });

  it('a spelling that the catalog does not know ranks as the first', () => {
    expect(rankOf(0, 'prompttokens', d)).toBe(rankOf(0, 'ProcessedPromptTokens', d));
  });
});
