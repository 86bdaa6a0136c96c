import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ceilTo, dayMs, floorTo, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';

const noon = Date.UTC(2026, 10, 20, 12);

describe('floorTo and ceilTo', () => {
  it.each([
    ['an instant on a step stays', noon, hourMs, noon, noon],
    ['a millisecond after goes down and up', noon + 1, minuteMs, noon, noon + minuteMs],
    ['a millisecond before goes down and up', noon - 1, hourMs, noon - hourMs, noon],
    ['a day is a UTC day', noon, dayMs, noon - 12 * hourMs, noon + 12 * hourMs],
    ['before the epoch down is still earlier', -1, minuteMs, -minuteMs, -0],
  ])('%s', (_what, instant, step, down, up) => {
    expect(floorTo(instant, step)).toBe(down);
    expect(ceilTo(instant, step)).toBe(up);
  });

  it('enclose any instant by multiples less than a step away', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e13, max: 1e13 }),
        fc.constantFrom(minuteMs, hourMs, dayMs),
        (instant, step) => {
          const down = floorTo(instant, step);
          const up = ceilTo(instant, step);
          expect(Math.abs(down % step) + Math.abs(up % step)).toBe(0);
          expect(instant - down).toBeGreaterThanOrEqual(0);
          expect(instant - down).toBeLessThan(step);
          expect(up - down).toBe(Math.abs(instant % step) === 0 ? 0 : step);
        },
      ),
    );
  });
});

it('isoUtc writes an instant in UTC', () => {
  expect(isoUtc(noon)).toBe('2026-11-20T12:00:00.000Z');
});
