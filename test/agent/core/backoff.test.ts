import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { FailureReason } from '../../../agent/core/errors.ts';
import { backoffMs, defaultBackoff } from '../../../agent/core/backoff.ts';

function failed(reason: FailureReason, retryAfterMs?: number): ExternalError {
  return new ExternalError('no', {
    reason,
    operation: 'x:Get',
    hint: 'Wait.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const settings = { firstMs: 5_000, mostMs: 900_000 };

describe('how long a failure waits', () => {
  const cases: readonly [string, ExternalError, number, number, number][] = [
    ['the first one half the bound, at half the die', failed('timeout'), 1, 0.5, 2_500],
    ['the second one under twice the bound', failed('timeout'), 2, 0.5, 5_000],
    ['the fifth one under sixteen times the bound', failed('timeout'), 5, 0.5, 40_000],
    ['the hundredth one under the greatest bound', failed('timeout'), 100, 0.5, 450_000],
    ['the ten thousandth one still a number', failed('timeout'), 10_000, 0.5, 450_000],
    ['at least a second at the lowest throw', failed('timeout'), 8, 0, 1_000],
    ['as long as the other side asked', failed('throttled', 60_000), 1, 0.9, 60_000],
    ['its own time where that is longer than asked', failed('throttled', 100), 3, 0.5, 10_000],
    ['longer than the greatest bound where asked to', failed('throttled', 3.6e6), 1, 0, 3_600_000],
    ['half the greatest bound where a person is needed', failed('denied'), 1, 0.9, 450_000],
    ['the same for a conflict', failed('conflict'), 1, 0, 450_000],
    ['more than half of it when a denial stays', failed('denied'), 20, 0.9, 810_000],
  ];
  it.each(cases)('%s', (_what, error, failures, random, wait) => {
    expect(backoffMs(error, failures, random, settings)).toBe(wait);
  });

  it('is 5 s to 15 min where nothing else is set', () => {
    expect(defaultBackoff).toEqual(settings);
    expect(backoffMs(failed('timeout'), 30, 0.999_999)).toBeLessThanOrEqual(900_000);
  });
});

const reasons: readonly FailureReason[] = [
  'unreachable',
  'timeout',
  'throttled',
  'denied',
  'bad_response',
  'conflict',
];
const anySettings = fc
  .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 100 }))
  .map(([firstMs, times]) => ({ firstMs, mostMs: firstMs * times }));
const die = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('any wait', () => {
  it('lies between what was asked for and the greatest bound, whichever is more', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...reasons),
        fc.option(fc.nat({ max: 1e7 }), { nil: undefined }),
        fc.integer({ min: 1, max: 5_000 }),
        die,
        anySettings,
        (reason, asked, failures, random, bounds) => {
          const wait = backoffMs(failed(reason, asked), failures, random, bounds);
          expect(wait).toBeGreaterThanOrEqual(asked ?? 0);
          expect(wait).toBeGreaterThan(0);
          expect(wait).toBeLessThanOrEqual(Math.max(bounds.mostMs, asked ?? 0));
        },
      ),
    );
  });

  it('spreads over all of the bound: a higher throw waits longer, the ends are the ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), die, die, anySettings, (failures, a, b, s) => {
        const error = failed('unreachable');
        const waits = [a, b].toSorted((x, y) => x - y).map((r) => backoffMs(error, failures, r, s));
        expect(waits[0]).toBeLessThanOrEqual(waits[1] ?? 0);
        const bound = Math.min(s.mostMs, s.firstMs * 2 ** (failures - 1));
        expect(backoffMs(error, failures, 0, s)).toBe(Math.min(1_000, s.firstMs));
        expect(backoffMs(error, failures, 1 - Number.EPSILON, s)).toBe(
          Math.max(bound, Math.min(1_000, s.firstMs)),
        );
      }),
    );
  });
});
