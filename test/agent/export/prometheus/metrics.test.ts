import { describe, expect, it, test } from 'vitest';
import type { Correction, FeedSums, ToldName, ToldTotal } from '../../../../agent/core/exporter.ts';
import { renderMetrics } from '../../../../agent/export/prometheus/metrics.ts';
import type { MetricsState } from '../../../../agent/export/prometheus/metrics.ts';
import { labelsKey, parseExposition } from '../../../support/exposition.ts';

function nameOf(id: number, change: Partial<ToldName> = {}): ToldName {
  return {
    id,
    trafficId: id,
    meteredModel: 'us.openai.gpt-5.6-sol',
    cloud: 'aws',
    account: '111122223333',
    region: 'us-east-1',
    resource: '',
    endpoint: 'runtime',
    model: 'openai/gpt-5.6-sol',
    modelVersion: '',
    vendorModel: 'openai.gpt-5.6-sol',
    deployment: '',
    routing: 'geo',
    tier: 'standard',
    family: 'openai',
    tags: {},
    ...change,
  };
}

function sums(change: Partial<FeedSums['amounts']>, costs: Partial<FeedSums> = {}): FeedSums {
  return {
    amounts: {
      input: null,
      cacheRead: null,
      cacheWrite: null,
      output: null,
      unsplitInput: null,
      requests: null,
      errors: null,
      throttles: null,
      ...change,
    },
    cost: null,
    costLow: null,
    costHigh: null,
    unpricedTokens: 0,
    ...costs,
  };
}

function total(name: ToldName, told: FeedSums, succeeded: number | null = null): ToldTotal {
  return { name, until: 0, succeeded, ...told };
}

function read(state: Partial<MetricsState> & { totals?: ToldTotal[]; corrections?: Correction[] }) {
  const { totals = [], corrections = [], ...rest } = state;
  const text = renderMetrics({
    usage: { totals, corrections },
    labelsOf: ({ model, region }) => ({ region, model }),
    monthToDate: [],
    prices: [],
    agent: undefined,
    ...rest,
  });
  const families = parseExposition(text);
  return (family: string, labels: Readonly<Record<string, string>>) =>
    families.get(family)?.samples.get(labelsKey(labels));
}

const sol = { region: 'us-east-1', model: 'openai/gpt-5.6-sol' };

describe('usage', () => {
  const at = read({
    totals: [
      total(
        nameOf(1),
        sums(
          { input: 100, cacheRead: 0, output: 7, requests: 10, errors: 2, throttles: 1 },
          { cost: 1_500_000_001n, unpricedTokens: 3 },
        ),
        8,
      ),
      total(nameOf(2, { tier: 'flex' }), sums({ input: 11 })),
    ],
    corrections: [{ name: nameOf(1), ...sums({ input: -5, output: 1 }, { cost: -20n }) }],
  });

  it.each([
    ['tokens of names that share their labels add up', 'tokens_total', 'input', '111'],
    ['a meter that was silent is zero', 'tokens_total', 'cache_read', '0'],
    ['a meter that is not there is absent', 'tokens_total', 'cache_write', undefined],
    ['a correction goes either way', 'correction_tokens', 'input', '-5'],
    ['and is told by token type', 'correction_tokens', 'output', '1'],
  ])('%s', (_why, family, token_type, value) => {
    expect(at(`crossbill_${family}`, { ...sol, token_type })).toBe(value);
  });

  it('requests are told by outcome, and the outcomes share nothing', () => {
    const outcome = (name: string) => at('crossbill_requests_total', { ...sol, outcome: name });
    expect(['succeeded', 'failed', 'throttled'].map(outcome)).toEqual(['8', '2', '1']);
  });

  it('money is told to the nano-dollar', () => {
    expect(at('crossbill_estimated_cost_usd_total', sol)).toBe('1.500000001');
    expect(at('crossbill_correction_cost_usd', sol)).toBe('-0.00000002');
    expect(at('crossbill_unpriced_tokens_total', sol)).toBe('3');
  });

  it('what nothing of has a price has no cost, which is not zero', () => {
    const silent = read({ totals: [total(nameOf(1), sums({ input: 1 }))] });
    expect(silent('crossbill_estimated_cost_usd_total', sol)).toBeUndefined();
  });
});

test('label sets beyond the bound are one that says overflow, and how many they are is told', () => {
  const names = Array.from({ length: 5 }, (_, i) => nameOf(i + 1, { model: `model-${i}` }));
  const at = read({
    totals: names.map((name, i) => total(name, sums({ input: 10 ** i }))),
    mostSeries: 3 * 16,
  });
  const input = (model: string, region = 'us-east-1') =>
    at('crossbill_tokens_total', { region, model, token_type: 'input' });
  expect(input('model-2')).toBe('100');
  expect(input('model-3')).toBeUndefined();
  expect(input('overflow', 'overflow')).toBe('11000');
  expect(at('crossbill_folded_label_sets', {})).toBe('2');
});

test('the agent tells of its sources, its own calls, exporters, deliveries and budgets', () => {
  const status = {
    source: 'prod-aws',
    target: 'aws/1/us-east-1/AWS/Bedrock',
    cloud: 'aws' as const,
    account: '1',
    region: 'us-east-1',
    resource: '',
    labels: {},
    lastSuccess: 1_700_000_000_500,
    watermark: null,
    failure: null,
    series: 1,
    units: 1,
    nextPoll: null,
    cadenceSeconds: null,
    slowed: null,
    irregularities: {},
  };
  const at = read({
    agent: {
      version: '1.2.3',
      sources: [status],
      apiCalls: [
        {
          source: 'prod-aws',
          scope: '',
          operation: 'cloudwatch:GetMetricData',
          calls: 9,
          metrics: 90,
          costNanoUsd: 900_000n,
        },
      ],
      exporters: [
        {
          name: 'otlp',
          lastSuccess: null,
          failingSince: 5,
          failure: null,
          nextTry: null,
          failures: 2,
          points: 7,
          rejected: 1,
        },
      ],
      deliveries: [{ result: 'delivered', count: 4 }],
      budgets: [{ budget: 'b', unit: 'usd', amount: 500, spent: 2.5, forecast: null }],
    },
    prices: [{ labels: { model: 'm', token_type: 'input' }, rate: 5_000_000_000n }],
    monthToDate: [{ labels: { model: 'm' }, costUsd: 1.25 }],
  });
  const target = {
    source: 'prod-aws',
    target: status.target,
    cloud: 'aws',
    account: '1',
    region: 'us-east-1',
    resource: '',
  };
  const call = { source: 'prod-aws', operation: 'cloudwatch:GetMetricData' };
  const budget = { budget: 'b', unit: 'usd' };
  expect(at('crossbill_build_info', { version: '1.2.3' })).toBe('1');
  expect(at('crossbill_source_last_success_timestamp_seconds', target)).toBe('1700000000.5');
  expect(at('crossbill_source_watermark_timestamp_seconds', target)).toBeUndefined();
  expect(at('crossbill_api_requests_total', call)).toBe('9');
  expect(at('crossbill_api_cost_usd_total', call)).toBe('0.0009');
  expect(at('crossbill_exporter_failures_total', { exporter: 'otlp' })).toBe('2');
  expect(at('crossbill_exporter_rejected_points_total', { exporter: 'otlp' })).toBe('1');
  expect(at('crossbill_deliveries_total', { result: 'delivered' })).toBe('4');
  expect(at('crossbill_budget_spent', budget)).toBe('2.5');
  expect(at('crossbill_budget_forecast', budget)).toBeUndefined();
  expect(at('crossbill_cost_month_to_date_usd', { model: 'm' })).toBe('1.25');
  expect(at('crossbill_price_usd_per_million_tokens', { model: 'm', token_type: 'input' })).toBe(
    '5',
  );
});

test('a part of the traffic is told without a word of the agent', () => {
  const at = read({ totals: [total(nameOf(1), sums({ input: 1 }))] });
  expect(at('crossbill_build_info', { version: '1.2.3' })).toBeUndefined();
});
