import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPatience } from '../../../agent/schedule/patience.ts';
import { failure } from './scripted-cloud.ts';

const minute = 60_000;

it('waits longer with every failure in a row of one piece, and not at all for another piece', () => {
  const patience = createPatience(() => 0.999);
  const waits = [0, 1, 2, 3].map(() => patience.fail('a', failure('timeout'), 0));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(new Set(waits).size).toBe(4);
  expect(patience.isReady('a', 0)).toBe(false);
  expect(patience.isReady('a', waits[3] ?? 0)).toBe(true);
  expect(patience.isReady('b', 0)).toBe(true);
});

it('forgets a piece that succeeds, and is calm once none has failed since', () => {
  const patience = createPatience(() => 0.5);
  patience.fail('a', failure('timeout'), 0);
  patience.fail('b', failure('timeout'), 0);
  patience.succeed('a');
  expect(patience.isReady('a', 0)).toBe(true);
  expect(patience.isCalm()).toBe(false);
  patience.succeed('b');
  expect(patience.isCalm()).toBe(true);
});

it('does not wait for a piece that is no longer due', () => {
  const patience = createPatience(() => 0.5);
  patience.fail('gone', failure('timeout'), 0);
  const kept = patience.fail('kept', failure('timeout'), minute);
  patience.keep(new Set(['kept']));
  expect(patience.firstReady(minute)).toBe(kept);
});

it('is never ready before what the other side asked for, and always ready at the time it names', () => {
  const reasons = fc.constantFrom('timeout', 'throttled', 'denied', 'bad_response', 'unreachable');
  fc.assert(
    fc.property(
      fc.array(fc.record({ reason: reasons, retryAfterMs: fc.nat(10 * minute) }), { minLength: 1 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const patience = createPatience(() => random);
        let now = 0;
        for (const { reason, retryAfterMs } of failures) {
          const nextTry = patience.fail('a', failure(reason, retryAfterMs), now);
          expect(nextTry - now).toBeGreaterThanOrEqual(retryAfterMs);
          expect(patience.isReady('a', nextTry - 1)).toBe(nextTry - 1 >= nextTry);
          expect(patience.isReady('a', nextTry)).toBe(true);
          expect(patience.firstReady(now)).toBe(nextTry);
          now = nextTry;
        }
      },
    ),
  );
});
