import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { bucketAt, bucketWindow, planQuery } from '../../../agent/query/plan.ts';
import { steps } from '../../../agent/query/step.ts';

const midnight = Date.UTC(2026, 10, 23);
const grainMs = { minute: minuteMs, hour: hourMs, day: dayMs };

describe('the tables a range is read from', () => {
  const wide = { from: midnight - 90 * minuteMs, to: midnight + dayMs + 61 * minuteMs };
  const cases = [
    ['minutes for 1m', wide, 60_000, ['minute']],
    ['minutes for 5m', wide, 300_000, ['minute']],
    ['hours for 1h, minutes where one is cut', wide, 3_600_000, ['minute', 'hour', 'minute']],
    [
      'days for 1d, then hours, then minutes',
      wide,
      86_400_000,
      ['minute', 'hour', 'day', 'hour', 'minute'],
    ],
    ['the same for the total', wide, 'total', ['minute', 'hour', 'day', 'hour', 'minute']],
    [
      'days alone where the range is days',
      { from: midnight, to: midnight + dayMs },
      'total',
      ['day'],
    ],
    [
      'hours where no day is whole',
      { from: midnight + hourMs, to: midnight + dayMs },
      'total',
      ['hour'],
    ],
    [
      'minutes where no hour is whole',
      { from: midnight + 1, to: midnight + hourMs },
      3_600_000,
      ['minute'],
    ],
    [
      'nothing where no minute starts',
      { from: midnight + 1, to: midnight + minuteMs },
      'total',
      [],
    ],
  ] as const;

  it.each(cases)('are %s', (_name, { from, to }, step, grains) => {
    expect(planQuery(from, to, step).segments.map(({ grain }) => grain)).toEqual(grains);
  });
});

function anyPlan(longest: number) {
  return fc
    .record({
      from: fc.nat({ max: 400 * dayMs }),
      length: fc.integer({ min: 1, max: longest }),
      step: fc.constantFrom(...steps),
    })
    .map(({ from, length, step }) => planQuery(from, from + length, step));
}

describe('a range that ends behind all that was read', () => {
  const from = midnight - 2 * dayMs;
  const to = midnight + 10 * hourMs + 33 * minuteMs;
  const grains = (step: Parameters<typeof planQuery>[2], readUntil: number | null) =>
    planQuery(from, to, step, readUntil).segments.map(({ grain }) => grain);

  it('is read from the day and the hour in progress, which hold all there is', () => {
    const readUntil = to - 4 * minuteMs;
    expect(grains('total', readUntil)).toEqual(['day']);
    expect(grains(hourMs, readUntil)).toEqual(['hour']);
    const { window, buckets, segments } = planQuery(from, to, hourMs, readUntil);
    expect(window.end).toBe(to);
    expect(buckets).toBe(59);
    expect(segments.at(-1)?.window.end).toBe(midnight + 11 * hourMs);
  });

  it('is cut to the minute where something later was read, or nobody knows', () => {
    expect(grains('total', to + minuteMs)).toEqual(['day', 'hour', 'minute']);
    expect(grains('total', null)).toEqual(['day', 'hour', 'minute']);
  });

  it('begins no coarser for it', () => {
    const plan = planQuery(midnight + 90 * minuteMs, to, 'total', to);
    expect(plan.segments.map(({ grain }) => grain)).toEqual(['minute', 'hour']);
  });
});

describe('any plan', () => {
  it('reads every minute of the range once, each table at its own grain', () => {
    fc.assert(
      fc.property(anyPlan(10 * dayMs), ({ window, segments }) => {
        let reached = window.start;
        for (const segment of segments) {
          expect(segment.window.start).toBe(reached);
          expect(segment.window.start % grainMs[segment.grain]).toBe(0);
          expect(segment.window.end % grainMs[segment.grain]).toBe(0);
          reached = segment.window.end;
        }
        expect(reached).toBe(window.end);
      }),
    );
  });

  it('has buckets that follow each other over the whole range and know their instants', () => {
    fc.assert(
      fc.property(anyPlan(5 * hourMs), (plan) => {
        let reached = plan.window.start;
        for (let bucket = 0; bucket < plan.buckets; bucket += 1) {
          const { start, end } = bucketWindow(plan, bucket);
          expect(start).toBe(reached);
          expect([bucketAt(plan, start), bucketAt(plan, end - 1)]).toEqual([bucket, bucket]);
          reached = end;
        }
        expect(reached).toBe(plan.window.end);
      }),
    );
  });
});
