import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../agent/core/collector.ts';
import type { RejectReason } from '../../../agent/core/reading.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import { day0 } from '../../support/ledger-world.ts';
import { ask, input, latency, sample } from './asking.ts';

describe('what cannot be a reading', () => {
  const fine = sample(input, [1], [10]);
  const cases: readonly [string, RejectReason, readonly Sample[], number][] = [
    [
      'no number',
      'not_a_number',
      [sample(input, [2, 3], [Number.NaN, Number.POSITIVE_INFINITY])],
      2,
    ],
    ['a start without a value', 'not_a_number', [sample(input, [2, 3], [7])], 1],
    ['a start that is no time', 'not_a_number', [sample(input, [Number.NaN], [7])], 1],
    ['less than nothing', 'negative', [sample(input, [2], [-1])], 1],
    ['a part of a token', 'fractional', [sample(input, [2], [1.5])], 1],
    ['more than a counter can hold exactly', 'fractional', [sample(input, [2], [2 ** 53])], 1],
    ['a start inside a period', 'misaligned', [sample(input, [2.5], [7])], 1],
    ['a start before the window', 'outside_window', [sample(input, [-1], [7])], 1],
    ['a start at the window’s end', 'outside_window', [sample(input, [10], [7])], 1],
    [
      'a row that was not asked',
      'unknown_row',
      [{ ...sample(input, [2, 3], [7, 8]), rowId: 'none' }],
      2,
    ],
    [
      'a unit that was not asked',
      'unknown_row',
      [{ ...sample(input, [2], [7]), unitKey: 'none' }],
      1,
    ],
    ['a statistic without a column', 'unknown_statistic', [sample(input, [2], [7], 'tm99')], 1],
    [
      'a series that names no traffic',
      'unknown_dimensions',
      [{ ...sample(input, [2], [7]), dimensions: { Region: 'x' } }],
      1,
    ],
  ];
  it.each(cases)(
    '%s is counted as %s, and the rest of the window stands',
    (_what, reason, samples, count) => {
      const normalized = normalize(ask([input]), [...samples, fine]);
      expect(normalized.rejections).toMatchObject([{ reason, count }]);
      const sums = normalized.readings.flatMap(({ starts, columns }) =>
        starts.map((start, i) => [(start - day0) / minuteMs, columns.sum?.[i]]),
      );
      expect(sums).toContainEqual([1, 10]);
      const points = samples.reduce((sum, { starts }) => sum + starts.length, 1);
      expect(sums).toHaveLength(points - count);
    },
  );

  it('is told with its first example: whose, what, when and how much', () => {
    const samples = [sample(input, [2], [-3]), sample(input, [4, 5], [-4, -5])];
    expect(normalize(ask([input]), samples).rejections).toEqual([
      {
        reason: 'negative',
        count: 3,
        example:
          'aws/111122223333/us-east-1/AWS/Bedrock InputTokenCount Sum {ModelId=us.openai.gpt-5.6-sol} at 2026-11-10T00:02:00.000Z: -3',
      },
    ]);
  });

  it.each([
    ['is no number', Number.NaN],
    ['is beyond all calendars', 1e20],
  ])('is told without a time where its start %s', (_what, start) => {
    const bent = { ...sample(input, [0], [1]), starts: [start] };
    const [rejection] = normalize(ask([input]), [bent]).rejections;
    expect(rejection?.example).toContain('at no valid time: 1');
  });

  it('is not counted where there was no point', () => {
    const empty = { ...sample(input, [], []), rowId: 'none' };
    expect(normalize(ask([input]), [empty]).rejections).toEqual([]);
  });

  it('is no fraction of what is measured rather than counted', () => {
    const samples = [sample(latency, [2], [812.25]), sample(latency, [2], [0.5], 'p90')];
    expect(normalize(ask([latency]), samples).rejections).toEqual([]);
    expect(normalize(ask([input]), [sample(input, [2], [0.5], 'SampleCount')]).rejections).toEqual(
      [],
    );
  });

  it('is misaligned by the period that was asked: a minute is no hour', () => {
    const hour = { ...ask([input]), periodSeconds: 3_600 };
    expect(normalize(hour, [sample(input, [1], [7])]).rejections).toMatchObject([
      { reason: 'misaligned', count: 1 },
    ]);
  });
});
