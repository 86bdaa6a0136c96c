import type { GetMetricDataCommandOutput, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import { startAnswer } from '../../../collectors/aws/answer.ts';
import { planCalls } from '../../../collectors/aws/plan.ts';
import type { PlannedCall } from '../../../collectors/aws/plan.ts';
import { inputUnit, noon, outputUnit, target } from './fake-aws.ts';

type Page = Pick<GetMetricDataCommandOutput, 'MetricDataResults' | 'Messages'>;

const minute = 60_000;
const [plan] = planCalls({
  target: target(),
  units: [inputUnit, outputUnit],
  window: { start: noon - 10 * minute, end: noon },
  periodSeconds: 60,
});
const call = plan as PlannedCall;
const ids = call.queries.map(({ id }) => id);

/** Every query silent and complete but for the results given. */
function page(results: readonly MetricDataResult[], Messages: Page['Messages'] = []): Page {
  const rest = ids.filter((id) => !results.some(({ Id }) => Id === id));
  const silent = rest.map((Id) => ({
    Id,
    Timestamps: [],
    Values: [],
    StatusCode: 'Complete' as const,
  }));
  return { MetricDataResults: [...results, ...silent], Messages };
}

function result(overrides: Partial<MetricDataResult> = {}): MetricDataResult {
  return {
    Id: 'm0s0',
    Timestamps: [new Date(noon - minute)],
    Values: [7],
    StatusCode: 'Complete',
    ...overrides,
  };
}

function merged(pages: readonly Page[]): Record<string, readonly (readonly [number, number])[]> {
  const answer = startAnswer(call);
  for (const one of pages) answer.add(one);
  return Object.fromEntries(
    Array.from(answer.finish(), ([{ id }, points]) => [
      id,
      [...points].toSorted(([a], [b]) => a - b),
    ]),
  );
}

function refusalOf(pages: readonly Page[]): ExternalError {
  try {
    merged(pages);
  } catch (thrown) {
    if (thrown instanceof ExternalError) return thrown;
    throw thrown;
  }
  throw new Error('expected a refusal');
}

describe('pages of one answer', () => {
  it('merge to the same however the points are split over them', () => {
    const points = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom(...ids),
        at: fc.integer({ min: 0, max: 9 }),
        value: fc.oneof(fc.nat(), fc.double(), fc.constant(NaN)),
        page: fc.nat({ max: 4 }),
      }),
      { selector: ({ id, at }) => `${id} ${at}`, maxLength: 40 },
    );
    fc.assert(
      fc.property(points, fc.boolean(), (some, reversed) => {
        const cut = Array.from({ length: 5 }, (_, index): Page => ({
          MetricDataResults: (reversed ? ids.toReversed() : ids).map((Id) => {
            const mine = some.filter((point) => point.page === index && point.id === Id);
            return {
              Id,
              Timestamps: mine.map(({ at }) => new Date(noon - at * minute)),
              Values: mine.map(({ value }) => value),
              StatusCode: index === 4 ? 'Complete' : 'PartialData',
            };
          }),
        }));
        const whole = Object.fromEntries(
          ids.map((id) => [
            id,
            some
              .filter((point) => point.id === id)
              .map(({ at, value }) => [noon - at * minute, value])
              .toSorted(([a = 0], [b = 0]) => a - b),
          ]),
        );
        expect(merged(cut)).toEqual(whole);
      }),
    );
  });

  it('may name only the ids that go on', () => {
    const first = page([result({ StatusCode: 'PartialData' })]);
    const last = { MetricDataResults: [result({ Timestamps: [new Date(noon)], Values: [8] })] };
    expect(merged([first, last])['m0s0']).toEqual([
      [noon - minute, 7],
      [noon, 8],
    ]);
  });

  it('may say the same point twice', () => {
    const first = page([result({ StatusCode: 'PartialData' })]);
    expect(merged([first, { MetricDataResults: [result()] }])['m0s0']).toEqual([
      [noon - minute, 7],
    ]);
  });

  it('pass on values that are no number, for the normalizer to count', () => {
    expect(merged([page([result({ Values: [NaN] })])])['m0s0']).toEqual([[noon - minute, NaN]]);
  });

  it('are silent where every id is complete and empty', () => {
    expect(Object.values(merged([page([])])).flat()).toEqual([]);
  });
});

describe('an answer is refused', () => {
  it.each<[string, readonly Page[], RegExp]>([
    ['with an empty body', [{}], /the answer is empty/],
    ['with an id missing', [{ MetricDataResults: [result()] }], /no result for SampleCount of Inp/],
    ['with no result at all', [{ MetricDataResults: [] }], /no result for Sum/],
    [
      'with partial data at its end',
      [page([result({ StatusCode: 'PartialData' })])],
      /PartialData/,
    ],
    [
      'that turns partial after it was complete',
      [page([result()]), { MetricDataResults: [result({ StatusCode: 'PartialData' })] }],
      /PartialData and no further page/,
    ],
    ['with an internal error', [page([result({ StatusCode: 'InternalError' })])], /InternalError/],
    ['without a status', [page([result({ StatusCode: undefined })])], /no status/],
    ['with more times than values', [page([result({ Values: [] })])], /1 times but 0 values/],
    ['with values but no times', [page([result({ Timestamps: undefined })])], /0 times but 1/],
    ['with a time that is none', [page([result({ Timestamps: [new Date(NaN)] })])], /time that is/],
    ['with an id nobody asked for', [page([result({ Id: 'zz' })])], /nobody asked for: zz/],
    ['without an id', [page([result({ Id: undefined })])], /nobody asked for/],
    [
      'with two values of one minute',
      [
        page([result({ StatusCode: 'PartialData' })]),
        { MetricDataResults: [result({ Values: [8] })] },
      ],
      /two values of one period/,
    ],
    [
      'with a note that metrics were left out',
      [page([], [{ Code: 'MaxMetrics', Value: 'Maximum number of allowed metrics exceeded' }])],
      /may be cut: MaxMetrics Maximum number/,
    ],
    [
      'with a note on one metric',
      [page([result({ Messages: [{ Code: 'Truncated', Value: 'Results were truncated' }] })])],
      /note on Sum of InputTokenCount.*Truncated/,
    ],
  ])('%s', (_what, pages, message) => {
    const refusal = refusalOf(pages);
    expect(refusal.message).toMatch(message);
    expect(refusal).toMatchObject({
      reason: 'bad_response',
      operation: 'cloudwatch:GetMetricData',
      retryable: true,
    });
  });

  it('that has text for a value, which would be lost as if nothing had been said', () => {
    const text = JSON.parse('["7"]') as number[];
    expect(refusalOf([page([result({ Values: text })])])).toMatchObject({
      reason: 'bad_response',
      message: expect.stringMatching(/a value that is no number for Sum of InputTokenCount/),
    });
  });

  it('as denied where one metric is forbidden', () => {
    const refusal = refusalOf([page([result({ StatusCode: 'Forbidden' })])]);
    expect(refusal).toMatchObject({ reason: 'denied', retryable: false });
    expect(refusal.hint).toMatch(/lacks cloudwatch:GetMetricData/);
  });
});
