import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTrace, minutesOf } from '../../../../collectors/emulator/trace.ts';
import { forecastRest } from '../../../../agent/alerts/budgets/forecast.ts';
import { dayMs, hourMs } from '../../../../agent/core/time.ts';

const trace = loadTrace();
/** Tokens of each minute of the recorded hour. */
const recorded = (() => {
  const { count, firstRow } = minutesOf(trace);
  return Array.from({ length: count }, (_, minute) => {
    let tokens = 0;
    for (let row = firstRow[minute] ?? 0; row < (firstRow[minute + 1] ?? 0); row += 1) {
      tokens += (trace.contextTokens[row] ?? 0) + (trace.generatedTokens[row] ?? 0);
    }
    return tokens;
  });
})();

/** 0 ≤ x < 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const weekday = [0.35, 1.1, 1.2, 1.25, 1.2, 1.1, 0.45];
const hourOfDay = Array.from(
  { length: 24 },
  (_, h) => 0.3 + Math.max(0, Math.sin(((h - 6) * Math.PI) / 14)),
);

/** Days of the recording, hour by hour: minutes of it drawn anew, with the rhythm of day and week and noise of a day. */
function world(seed: number, firstDay: number, days: number, noise: number): number[] {
  const random = randomOf(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: days }, (_, day) => {
    const factor =
      (weekday[new Date(firstDay + day * dayMs).getUTCDay()] ?? 1) *
      Math.exp(noise * normal() - noise ** 2 / 2);
    return hourOfDay.map((share) => {
      let tokens = 0;
      for (let minute = 0; minute < 60; minute += 1) {
        tokens += recorded[Math.floor(random() * recorded.length)] ?? 0;
      }
      return tokens * share * factor;
    });
  }).flat();
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const byDay = (hours: readonly number[]) =>
  Array.from({ length: hours.length / 24 }, (_, day) => sum(hours.slice(day * 24, day * 24 + 24)));

/** November 2026 with 45 days of history before it, asked at noon of the 15th. */
const firstDay = Date.UTC(2026, 8, 17);
const month = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1) };
const asked = Date.UTC(2026, 10, 15, 12);
const allDays = (month.end - firstDay) / dayMs;

function atMidMonth(hours: readonly number[], history = 56) {
  const known = Math.floor((asked - firstDay) / dayMs);
  const days = byDay(hours).slice(0, known);
  const from = Math.max(0, known - history);
  const shape = Array.from({ length: 24 }, (_, hour) =>
    sum(Array.from({ length: 7 }, (__, back) => hours[(known - 1 - back) * 24 + hour] ?? 0)),
  );
  const rest = forecastRest(
    { firstDay: firstDay + from * dayMs, days: days.slice(from), hours: shape },
    { start: asked, end: month.end },
  );
  const place = (at: number) => (at - firstDay) / hourMs;
  const spent = sum(hours.slice(place(month.start), place(asked)));
  return { rest, spent, truly: sum(hours.slice(place(asked), place(month.end))) };
}

function figures(
  noise: number,
  seeds: number,
  history?: number,
  change?: (hours: number[]) => void,
) {
  const errors: number[] = [];
  let inside = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const hours = world(seed, firstDay, allDays, noise);
    change?.(hours);
    const { rest, spent, truly } = atMidMonth(hours, history);
    if (rest === null) throw new Error('no forecast');
    errors.push(Math.abs(rest.mean - truly) / (spent + truly));
    if (rest.low <= truly && truly <= rest.high) inside += 1;
  }
  return { error: sum(errors) / seeds, worst: Math.max(...errors), inside: inside / seeds };
}

describe('what is left of a month at its middle, of a recorded hour tiled with rhythm and noise', () => {
  const cases = [
    { says: 'days vary by 5 %', noise: 0.05, error: 0.015 },
    { says: 'days vary by 15 %', noise: 0.15, error: 0.03 },
    { says: 'days vary by 30 %', noise: 0.3, error: 0.05 },
    { says: 'four weeks of history', noise: 0.15, history: 28, error: 0.03 },
    { says: 'two weeks of history', noise: 0.15, history: 14, error: 0.035 },
  ];
  it.each(cases)(
    '$says: near the truth, inside four times in five',
    ({ noise, history, error }) => {
      const found = figures(noise, 150, history);
      expect(found.error).toBeLessThan(error);
      expect(found.inside).toBeGreaterThanOrEqual(0.75);
      expect(found.inside).toBeLessThanOrEqual(0.9);
    },
  );

  it('is not moved by one day of ten times the usual', () => {
    const odd = (Date.UTC(2026, 10, 9) - firstDay) / hourMs;
    const found = figures(0.1, 100, undefined, (hours) => {
      for (let at = odd; at < odd + 24; at += 1) hours[at] = (hours[at] ?? 0) * 10;
    });
    expect(found.error).toBeLessThan(0.05);
    expect(found.inside).toBeGreaterThanOrEqual(0.7);
  });

  it.each([4, 7, 14])('follows a level that doubled %d days ago', (back) => {
    const since = Math.floor((asked - firstDay) / dayMs) * 24 - back * 24;
    const found = figures(0.1, 100, undefined, (hours) => {
      for (let at = since; at < hours.length; at += 1) hours[at] = (hours[at] ?? 0) * 2;
    });
    expect(found.error).toBeLessThan(0.05);
    expect(found.inside).toBeGreaterThanOrEqual(0.7);
  });

  it('says less of a week it has not seen', () => {
    const [few, many] = [5, 56].map((history) => {
      const { rest } = atMidMonth(world(1, firstDay, allDays, 0.1), history);
      return rest === null ? Number.NaN : (rest.high - rest.low) / rest.mean;
    });
    expect(few).toBeGreaterThan(1.5 * (many ?? Number.NaN));
  });
});

describe('a forecast', () => {
  const rest = { start: Date.UTC(2026, 10, 10), end: Date.UTC(2026, 10, 20) };
  const of = (days: readonly (number | null)[], hours: readonly number[] = []) =>
    forecastRest({ firstDay: rest.start - days.length * dayMs, days, hours }, rest);

  it.each([
    ['no day', []],
    ['two days', [1, 1]],
    ['days that are not settled', [null, null, null, 1, 1]],
    ['days before the first use', [0, 0, 0, 0, 1, 1]],
  ])('is not made of %s', (_, days) => {
    expect(of(days)).toBeNull();
  });

  it('of even days is even, and as wide as what nobody saw', () => {
    const few = of([3, 3, 3]);
    expect(few?.mean).toBeCloseTo(30);
    expect((few?.high ?? 0) - (few?.low ?? 0)).toBeGreaterThan(3);
    expect(of(Array.from({ length: 28 }, () => 3))).toEqual({
      mean: expect.closeTo(30),
      low: expect.closeTo(30),
      high: expect.closeTo(30),
    });
  });

  it('of nothing used is nothing', () => {
    expect(of([0, 0, 0, 0])).toEqual({ mean: 0, low: 0, high: 0 });
  });

  it('of no time left is nothing, whatever is known', () => {
    const none = { start: rest.start, end: rest.start };
    expect(forecastRest({ firstDay: 0, days: [], hours: [] }, none)).toEqual({
      mean: 0,
      low: 0,
      high: 0,
    });
  });

  it('knows how the hours of a day go', () => {
    const days = Array.from({ length: 28 }, () => 24);
    const hours = Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 20 ? 2 : 0));
    const firstOf = rest.start - 28 * dayMs;
    const evening = { start: rest.start + 18 * hourMs, end: rest.start + dayMs };
    expect(forecastRest({ firstDay: firstOf, days, hours }, evening)?.mean).toBeCloseTo(4);
    expect(forecastRest({ firstDay: firstOf, days, hours: [] }, evening)?.mean).toBeCloseTo(6);
  });

  it('never turns negative, and holds its mean', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1e12, noNaN: true })), {
          maxLength: 60,
        }),
        (days) => {
          const found = of(days);
          if (found === null) return;
          expect(found.low).toBeGreaterThanOrEqual(0);
          expect(found.mean).toBeGreaterThanOrEqual(found.low);
          expect(found.high).toBeGreaterThanOrEqual(found.mean);
          expect(Number.isFinite(found.high)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
