import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countHours,
  sampleHours,
  seededRandom,
  settledHours,
} from '../../../agent/cli/verify-sample.ts';
import type { CoverageSpan } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { day0, targetOf } from '../../support/ledger-world.ts';

const target = targetOf(
  ['a', 'b'].map((model) => ({ rowId: 'in', dimensions: { ModelId: model }, values: [] })),
);
const [first = '', second = ''] = target.units.map(({ key }) => key);
const now = day0 + 5 * dayMs;
const ever = { start: 0, end: now };

function span(start: number, end: number, change: Partial<CoverageSpan> = {}): CoverageSpan {
  return { start, end, periodSeconds: 60, settled: true, ...change };
}

describe('the hours to draw from', () => {
  it.each<[string, CoverageSpan, number]>([
    ['every whole hour of a settled span', span(day0, day0 + 5 * hourMs), 5],
    ['no half hour at its ends', span(day0 + minuteMs, day0 + 3 * hourMs - minuteMs), 1],
    ['none that may still change', span(day0, day0 + 5 * hourMs, { settled: false }), 0],
    ['hours read by the hour', span(day0, day0 + 2 * hourMs, { periodSeconds: 3_600 }), 2],
    ['no minutes that the cloud has given up', span(now - 16 * dayMs, now - 15 * dayMs), 0],
    [
      'hours that it still keeps as hours',
      span(now - 16 * dayMs, now - 15 * dayMs, { periodSeconds: 3_600 }),
      24,
    ],
  ])('are %s', (_, one, hours) => {
    expect(countHours(settledHours(target, new Map([[first, [one]]]), ever, now))).toBe(hours);
  });

  it('lie in the span that is asked for', () => {
    const coverage = new Map([[first, [span(day0, day0 + dayMs)]]]);
    const within = { start: day0 + 90 * minuteMs, end: day0 + 4 * hourMs };
    expect(settledHours(target, coverage, within, now)).toMatchObject([
      { start: day0 + 2 * hourMs, end: day0 + 4 * hourMs },
    ]);
  });
});

describe('a sample', () => {
  const anySpans = fc
    .array(fc.tuple(fc.nat({ max: 100 }), fc.integer({ min: 1, max: 20 })), { maxLength: 5 })
    .map((spans) =>
      settledHours(
        target,
        new Map([
          [
            first,
            spans.map(([at, hours], i) =>
              span(
                day0 + (i * 130 + at) * minuteMs * 60 - 90 * dayMs,
                day0 + (i * 130 + at + hours) * hourMs - 90 * dayMs,
                { periodSeconds: 3_600 },
              ),
            ),
          ],
          [second, [span(day0, day0 + 3 * hourMs)]],
        ]),
        ever,
        now,
      ),
    );

  it('holds different hours of the settled ones, as many as there are at most', () => {
    fc.assert(
      fc.property(anySpans, fc.integer({ min: 1, max: 200 }), fc.nat(), (settled, count, seed) => {
        const sample = sampleHours(settled, count, seededRandom(seed));
        expect(sample.length).toBe(Math.min(count, countHours(settled)));
        const names = sample.map(({ unit, window }) => `${unit.key} ${window.start}`);
        expect(new Set(names).size).toBe(sample.length);
        for (const { unit, window, periodSeconds } of sample) {
          expect(window.end - window.start).toBe(hourMs);
          expect(
            settled.some(
              (one) =>
                one.unit.key === unit.key &&
                one.periodSeconds === periodSeconds &&
                one.start <= window.start &&
                window.end <= one.end,
            ),
          ).toBe(true);
        }
        expect(sampleHours(settled, count, seededRandom(seed))).toEqual(sample);
      }),
    );
  });

  it('prefers no hour', () => {
    const settled = settledHours(
      target,
      new Map([[first, [span(day0, day0 + 10 * hourMs)]]]),
      ever,
      now,
    );
    const drawn = new Map<number, number>();
    for (let seed = 0; seed < 4_000; seed += 1) {
      for (const { window } of sampleHours(settled, 3, seededRandom(seed))) {
        drawn.set(window.start, (drawn.get(window.start) ?? 0) + 1);
      }
    }
    // 1,200 times each, were luck even; 120 are four standard deviations.
    for (const times of drawn.values()) expect(Math.abs(times - 1_200)).toBeLessThan(120);
    expect(drawn.size).toBe(10);
  });
});
