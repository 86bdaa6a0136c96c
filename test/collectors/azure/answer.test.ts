import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Window } from '../../../agent/core/time.ts';
import { readAnswer, topSeries } from '../../../collectors/azure/answer.ts';
import type {
  AnsweredMetric,
  AnsweredSeries,
  MetricsAnswer,
} from '../../../collectors/azure/metrics-api.ts';
import { planCalls } from '../../../collectors/azure/plan.ts';
import { lastMinutes, noon, requestOf } from '../../support/azure-source.ts';

const attempt = { operation: 'Microsoft.Insights/metrics/read', subject: 'account a', role: 'r' };
const window = lastMinutes(3);
const [tokensCall] = planCalls(requestOf(['InputTokens', 'OutputTokens']), () => 1);
const [latencyCall] = planCalls(requestOf(['TimeToLastByte']), () => 1);
if (tokensCall === undefined || latencyCall === undefined) throw new Error('nothing planned');
const call = tokensCall;

function series(deployment: string, points: AnsweredSeries['points']): AnsweredSeries {
  return {
    dimensions: new Map([
      ['modeldeploymentname', deployment],
      ['modelname', 'gpt-4o'],
      ['modelversion', '2024-08-06'],
      ['region', 'East US'],
    ]),
    points,
  };
}

function metric(name: string, all: readonly AnsweredSeries[] = []): AnsweredMetric {
  return { name, errorCode: 'Success', errorMessage: undefined, series: all };
}

const points = [0, 1, 2].map((minute) => ({
  timeStamp: new Date(window.start + minute * 60_000),
  total: minute * 100,
}));
const good: MetricsAnswer = {
  start: window.start,
  end: window.end,
  interval: 'PT1M',
  metrics: [metric('InputTokens', [series('chat', points)]), metric('OutputTokens')],
};

function failureOf(answer: MetricsAnswer, whole: Window = window): ExternalError {
  try {
    readAnswer(call, answer, whole, attempt);
  } catch (thrown) {
    if (thrown instanceof ExternalError) return thrown;
    throw thrown;
  }
  throw new Error('the answer was taken');
}

describe('an answer that says all that was asked', () => {
  it('gives names in the catalog’s spelling, values as sent, and drops what was not asked', () => {
    const { samples, seriesSeen } = readAnswer(call, good, window, attempt);
    expect(samples).toEqual([
      {
        unitKey: 'InputTokens[ModelDeploymentName,ModelName,ModelVersion]',
        rowId: 'azure.models.InputTokens',
        metric: 'InputTokens',
        dimensions: {
          ModelDeploymentName: 'chat',
          ModelName: 'gpt-4o',
          ModelVersion: '2024-08-06',
        },
        statistic: 'Total',
        starts: points.map((point) => point.timeStamp.getTime()),
        values: [0, 100, 200],
      },
    ]);
    expect(seriesSeen).toBe(1);
  });

  it('takes a point without the aggregation for nothing said, and zero for zero', () => {
    const [first, second, third] = points.map(({ timeStamp }) => timeStamp);
    if (!first || !second || !third) throw new Error('no points');
    const said = series('chat', [
      { timeStamp: first },
      { timeStamp: second, total: null },
      { timeStamp: third, total: 0 },
    ]);
    const answer = { ...good, metrics: [metric('InputTokens', [said]), metric('OutputTokens')] };
    const [sample] = readAnswer(call, answer, window, attempt).samples;
    expect([sample?.starts, sample?.values]).toEqual([[third.getTime()], [0]]);
  });

  it('makes a sample of each aggregation of a latency', () => {
    const at = new Date(window.start);
    const said = {
      dimensions: new Map([['modeldeploymentname', 'chat']]),
      points: [{ timeStamp: at, minimum: 5, maximum: 50, average: 12.5 }],
    };
    const answer = { ...good, metrics: [metric('TimeToLastByte', [said])] };
    const { samples } = readAnswer(latencyCall, answer, window, attempt);
    expect(samples.map(({ statistic, values }) => [statistic, ...values])).toEqual([
      ['Minimum', 5],
      ['Maximum', 50],
      ['Average', 12.5],
    ]);
  });

  it('passes points off the grid on, for the normalizer to count', () => {
    const shifted = new Date(window.start + 9_000);
    const said = series('chat', [{ timeStamp: shifted, total: 1 }]);
    const answer = { ...good, metrics: [metric('InputTokens', [said]), metric('OutputTokens')] };
    const [sample] = readAnswer(call, answer, window, attempt).samples;
    expect(sample?.starts).toEqual([shifted.getTime()]);
  });

  it('takes a metric name in another case, an unknown metric beside, and a wider span', () => {
    const answer = {
      ...good,
      start: window.start - 60_000,
      end: window.end + 60_000,
      metrics: [metric('inputtokens'), metric('OUTPUTTOKENS'), metric('Other')],
    };
    expect(readAnswer(call, answer, window, attempt).samples).toEqual([]);
  });

  it('tells a deployment from one of the same name in another case', () => {
    const both = [series('chat', points), series('Chat', points)];
    const answer = { ...good, metrics: [metric('InputTokens', both), metric('OutputTokens')] };
    expect(readAnswer(call, answer, window, attempt).samples).toHaveLength(2);
  });
});

function within(start: number, span: Window): boolean {
  return start >= span.start && start < span.end;
}

describe('points of another piece', () => {
  it('leaves to the other calls of the window what is theirs, and passes on what is nobody’s', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -10, max: 20 }), { maxLength: 30 }), (minutes) => {
        const whole = { start: window.start - 5 * 60_000, end: window.end + 5 * 60_000 };
        const at = minutes.map((minute) => window.start + minute * 60_000);
        const said = series(
          'chat',
          at.map((start) => ({ timeStamp: new Date(start), total: 1 })),
        );
        const answer = {
          ...good,
          metrics: [metric('InputTokens', [said]), metric('OutputTokens')],
        };
        const { samples } = readAnswer(call, answer, whole, attempt);
        expect(samples.flatMap((sample) => sample.starts)).toEqual(
          at.filter((start) => within(start, window) || !within(start, whole)),
        );
      }),
    );
  });
});

const tooMany = Array.from({ length: topSeries }, (_, i) => series(`d${i}`, []));
const lacking: readonly [string, MetricsAnswer, RegExp][] = [
  [
    'the last month of three',
    { ...good, start: window.start + 60_000 },
    /covers .* where .* was asked/,
  ],
  ['a span that ends early', { ...good, end: window.end - 1 }, /was asked/],
  ['no span', { ...good, start: Number.NaN, end: Number.NaN }, /covers no span/],
  ['another grain', { ...good, interval: 'PT5M' }, /grain is PT5M where PT1M/],
  ['no grain', { ...good, interval: undefined }, /grain is undefined/],
  ['a metric left out', { ...good, metrics: [metric('InputTokens')] }, /OutputTokens was asked/],
  ['a metric twice', { ...good, metrics: [...good.metrics, metric('outputTokens')] }, /twice/],
  [
    'a failed metric',
    {
      ...good,
      metrics: [
        metric('InputTokens'),
        { ...metric('OutputTokens'), errorCode: 'InternalError', errorMessage: 'no luck' },
      ],
    },
    /OutputTokens: InternalError: no luck/,
  ],
  [
    'a metric with a message of failure only',
    {
      ...good,
      metrics: [
        metric('InputTokens'),
        { ...metric('OutputTokens'), errorCode: undefined, errorMessage: 'no luck' },
      ],
    },
    /OutputTokens: failed: no luck/,
  ],
  [
    'as many series as Azure was allowed to send',
    { ...good, metrics: [metric('InputTokens', tooMany), metric('OutputTokens')] },
    /10000 series or more/,
  ],
  [
    'two series that are the same one',
    {
      ...good,
      metrics: [
        metric('InputTokens', [series('chat', points), series('chat', points)]),
        metric('OutputTokens'),
      ],
    },
    /two series of/,
  ],
  [
    'a point without a time',
    {
      ...good,
      metrics: [metric('InputTokens', [series('chat', [{ total: 3 }])]), metric('OutputTokens')],
    },
    /a point without a time/,
  ],
];

describe('an answer that lacks something is no answer', () => {
  it.each(lacking)('%s', (_name, answer, message) => {
    const failure = failureOf(answer);
    expect(failure.reason).toBe('bad_response');
    expect(failure.message).toMatch(message);
    expect(failure.retryable).toBe(true);
  });

  it('a throttled metric inside a 200 is throttled, not silent', () => {
    const throttled = { ...metric('OutputTokens'), errorCode: 'Throttled', errorMessage: 'Busy' };
    const failure = failureOf({ ...good, metrics: [metric('InputTokens'), throttled] });
    expect(failure.reason).toBe('throttled');
    expect(failure.message).toContain('OutputTokens: Throttled: Busy');
  });

  it('noon is on the grid, so that the tables above test what they say', () => {
    expect(noon % 60_000).toBe(0);
  });
});
