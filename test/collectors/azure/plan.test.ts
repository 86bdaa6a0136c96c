import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../../agent/core/collector.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { union } from '../../../agent/core/window.ts';
import {
  filterOf,
  groupUnits,
  guessSeries,
  intervalOf,
  metricsPerCall,
  planCalls,
  pointsPerCall,
} from '../../../collectors/azure/plan.ts';
import {
  allDefined,
  modelsDefined,
  noon,
  openaiDefined,
  requestOf,
  targetOf,
} from '../../support/azure-source.ts';

/** Of every metric of the catalog a unit, those too that no one account has beside one another. */
const target = {
  ...targetOf(),
  units: [openaiDefined, modelsDefined].flatMap((defined) => targetOf('aoai-1', defined).units),
};
const everyMetric = target.units.map((unit) => unit.metric);

const requests = fc
  .record({
    metrics: fc.uniqueArray(fc.constantFrom(...everyMetric), { minLength: 1 }),
    offset: fc.integer({ min: 0, max: 50_000 }),
    periods: fc.integer({ min: 1, max: 1_500 }),
    periodSeconds: fc.constantFrom(60, 300, 3_600),
  })
  .map(({ metrics, offset, periods, periodSeconds }) => {
    const start = (Math.floor(noon / hourMs) - offset) * hourMs;
    const end = start + periods * periodSeconds * 1_000;
    return { ...requestOf(metrics, { start, end }, target), periodSeconds };
  });

function groupsOf({ units, rows }: Target): readonly string[] {
  return groupUnits(units, rows).map((group) => group.units.map((unit) => unit.metric).join(' '));
}

const cache = 'cacheReadInputTokens ephemeral5mInputTokens ephemeral1hInputTokens';
const gauges = 'TimeToLastByte NormalizedTimeToFirstToken ProvisionedUtilization';
const accounts: readonly [string, typeof allDefined, readonly string[]][] = [
  [
    'both families',
    allDefined,
    [
      'ProcessedPromptTokens GeneratedTokens',
      'InputTokens OutputTokens',
      cache,
      'ModelRequests',
      gauges,
    ],
  ],
  [
    'the OpenAI family alone',
    openaiDefined,
    [
      'ProcessedPromptTokens GeneratedTokens',
      'AzureOpenAIRequests',
      'AzureOpenAITTLTInMS AzureOpenAINormalizedTTFTInMS AzureOpenAIProvisionedManagedUtilizationV2',
    ],
  ],
  [
    'the Models family alone',
    modelsDefined,
    ['InputTokens OutputTokens', cache, 'ModelRequests', gauges],
  ],
];

describe('the plan of a window', () => {
  it('reads every unit over the whole window, and no span of it twice', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 900 }), (request, series) => {
        const calls = planCalls(request, () => series);
        for (const unit of request.units) {
          const mine = calls.filter((call) => call.group.units.includes(unit));
          const spans = mine.map((call) => call.window);
          expect(union(spans)).toEqual([request.window]);
          const length = spans.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(length).toBe(request.window.end - request.window.start);
          expect(spans).toEqual(spans.toSorted((a, b) => a.start - b.start));
        }
      }),
    );
  });

  it('keeps each call within the points, metrics and days of one call, on the grid of the period', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 900 }), (request, series) => {
        const periodMs = request.periodSeconds * 1_000;
        const wrong = planCalls(request, () => series).filter(({ group, window }) => {
          const periods = (window.end - window.start) / periodMs;
          const points = group.units.length * series * periods;
          return (
            (periods > 1 && points > pointsPerCall) ||
            group.units.length > metricsPerCall ||
            window.end - window.start > 30 * 24 * hourMs ||
            window.start % periodMs !== 0
          );
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  it('puts only metrics with one dimension set and one set of aggregations into a call', () => {
    expect(target.units).toHaveLength(target.rows.length);
    expect(groupsOf(target)).toEqual([
      'ProcessedPromptTokens GeneratedTokens',
      'AzureOpenAIRequests ModelRequests',
      'AzureOpenAITTLTInMS AzureOpenAINormalizedTTFTInMS AzureOpenAIProvisionedManagedUtilizationV2 ' +
        'TimeToLastByte NormalizedTimeToFirstToken ProvisionedUtilization',
      'InputTokens OutputTokens',
      'cacheReadInputTokens ephemeral5mInputTokens ephemeral1hInputTokens',
    ]);
  });

  it.each(accounts)('reads in as few calls an account that defines %s', (_, defined, expected) => {
    expect(groupsOf(targetOf('aoai-1', defined))).toEqual(expected);
  });

  it('cuts a group of more than twenty metrics', () => {
    const [unit] = target.units;
    if (unit === undefined) throw new Error('no unit');
    const many = Array.from({ length: 45 }, (_, i) => ({ ...unit, key: `${i}`, metric: `m${i}` }));
    const sizes = groupUnits(many, target.rows).map((group) => group.units.length);
    expect(sizes).toEqual([20, 20, 5]);
  });

  it('refuses a window off the grid, and a unit of no row', () => {
    const request = requestOf(['InputTokens']);
    const shifted = { start: request.window.start + 1_000, end: request.window.end };
    expect(() => planCalls({ ...request, window: shifted }, () => 1)).toThrow(/not aligned/);
    const [unit] = request.units;
    if (unit === undefined) throw new Error('no unit');
    expect(() => groupUnits([{ ...unit, rowId: 'gone' }], target.rows)).toThrow(/no catalog row/);
  });
});

describe('the words of a call', () => {
  it('asks for every value of each dimension', () => {
    expect(filterOf(['ModelDeploymentName', 'StatusCode'])).toBe(
      "ModelDeploymentName eq '*' and StatusCode eq '*'",
    );
    expect(filterOf([])).toBe('');
  });

  it.each([
    [60, 'PT1M'],
    [3_600, 'PT1H'],
    [86_400, 'P1D'],
  ])('writes a period of %i s as %s', (seconds, interval) => {
    expect(intervalOf(seconds)).toBe(interval);
  });

  it('knows no period that Azure does not serve', () => {
    expect(() => intervalOf(120)).toThrow(RangeError);
  });

  it('expects more series where a deployment splits', () => {
    expect(guessSeries(['ModelDeploymentName'], 7)).toBe(7);
    expect(guessSeries(['ModelDeploymentName', 'StatusCode', 'ServiceTierResponse'], 7)).toBe(42);
  });
});
