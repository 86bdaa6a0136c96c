import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { billWork } from '../../../agent/schedule/bill-due.ts';
import type { BillsKnown } from '../../../agent/schedule/bill-due.ts';
import { dayMs, floorTo, hourMs, isoUtc } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { billScope, november } from '../../support/bill-world.ts';

const now = november(20) + 9 * hourMs;
/** The last five days and today may change. */
const openFrom = (at: Instant) => floorTo(at, dayMs) - 5 * dayMs;
const daily = { everySeconds: 86_400 };

function known(change: Partial<BillsKnown> = {}): BillsKnown {
  return {
    scope: billScope(daily),
    now,
    told: [],
    openFrom,
    horizonSeconds: 80 * 86_400,
    ...change,
  };
}

/** `open 11-15..11-20 due`, or the hours until it is. */
function work(change: Partial<BillsKnown> = {}): readonly string[] {
  const given = known(change);
  return billWork(given).map(({ kind, days, dueAt }) => {
    const [from, to] = [days.start, days.end - dayMs].map((at) => isoUtc(at).slice(5, 10));
    const wait = dueAt <= given.now ? 'due' : `in ${(dueAt - given.now) / hourMs} h`;
    return `${kind} ${from}..${to} ${wait}`;
  });
}

const told = (first: number, last: number, fetchedAt: Instant) => ({
  start: november(first),
  end: november(last + 1),
  fetchedAt,
});

describe('what is asked of a scope', () => {
  it.each<readonly [string, Partial<BillsKnown>, readonly string[]]>([
    [
      'is at the first start the open days, then the months behind them, newest first',
      {},
      [
        'open 11-15..11-20 due',
        'history 11-01..11-14 due',
        'history 10-01..10-31 due',
        'history 09-02..09-30 due',
      ],
    ],
    [
      'goes back no further than the vendor tells it',
      { scope: billScope({ ...daily, reachSeconds: 10 * 86_400 }) },
      ['open 11-15..11-20 due', 'history 11-11..11-14 due'],
    ],
    [
      'is only today where the vendor tells no more',
      { scope: billScope({ ...daily, reachSeconds: 60 }) },
      ['open 11-20..11-20 due'],
    ],
    [
      'is cut into calls as long as the vendor takes, from the newest day back',
      { scope: billScope({ ...daily, longestSeconds: 4 * 86_400 }), horizonSeconds: 9 * 86_400 },
      ['open 11-17..11-20 due', 'open 11-15..11-16 due', 'history 11-12..11-14 due'],
    ],
    [
      'is the open days again a day after they were told, however often the agent started since',
      { told: [told(-70, 20, now - 7 * hourMs)] },
      ['open 11-15..11-20 in 17 h'],
    ],
    [
      'does not hurry for a day that began since: the next round tells it',
      { now: november(21) + hourMs, told: [told(-70, 20, november(20) + 20 * hourMs)] },
      ['open 11-15..11-21 in 19 h'],
    ],
    [
      'is due at once after the agent was away, closed days of that time with the open ones',
      { told: [told(-70, 12, november(12) + 9 * hourMs)] },
      ['open 11-07..11-20 due'],
    ],
    [
      'is a gap in the history, once',
      { told: [told(-70, -20, now), told(-9, 20, now)] },
      ['open 11-15..11-20 in 24 h', 'history 10-12..10-21 due'],
    ],
    [
      'is the open days at once where only history was told, though it was told just now',
      { told: [told(-70, 14, now)] },
      ['open 11-15..11-20 due'],
    ],
    [
      'is as history what closed more than a month ago',
      { now: november(20) + 60 * dayMs, told: [told(-70, 20, november(20) + 9 * hourMs)] },
      [
        'open 01-14..01-19 due',
        'history 01-01..01-13 due',
        'history 12-01..12-31 due',
        'history 11-15..11-30 due',
      ],
    ],
    [
      'waits no longer because the clock was set back',
      { told: [told(-70, 20, now + 3 * dayMs)] },
      ['open 11-15..11-20 in 24 h'],
    ],
    [
      'is today at least, where the vendor says that nothing changes any more',
      { openFrom: () => november(30), horizonSeconds: 86_400 * 2 },
      ['open 11-20..11-20 due', 'history 11-19..11-19 due'],
    ],
  ])('%s', (_sentence, change, expected) => {
    expect(work(change)).toEqual(expected);
  });
});

test('asking for what is due, over and over, tells every day and then rests until the next round', () => {
  fc.assert(
    fc.property(
      fc.record({
        longest: fc.integer({ min: 1, max: 60 }),
        reach: fc.integer({ min: 0, max: 120 }),
        open: fc.integer({ min: 0, max: 40 }),
        away: fc.array(fc.integer({ min: 1, max: 30 * 24 }), { maxLength: 6 }),
      }),
      ({ longest, reach, open, away }) => {
        const scope = billScope({
          everySeconds: 21_600,
          longestSeconds: longest * 86_400,
          reachSeconds: reach * 86_400,
        });
        const opens = (at: Instant) => floorTo(at, dayMs) - open * dayMs;
        let at = now;
        const days = new Map<Instant, Instant>();
        for (const hours of [0, ...away]) {
          at += hours * hourMs;
          const before = new Map(days);
          let calls = 0;
          for (;;) {
            const spans = [...days]
              .toSorted(([a], [b]) => a - b)
              .map(([start, fetchedAt]) => {
                return { start, end: start + dayMs, fetchedAt };
              });
            const due = billWork({
              scope,
              now: at,
              told: spans,
              openFrom: opens,
              horizonSeconds: 100 * 86_400,
            }).find(({ dueAt }) => dueAt <= at);
            if (due === undefined) break;
            calls += 1;
            expect(calls).toBeLessThan(400);
            expect(due.days.end - due.days.start).toBeLessThanOrEqual(longest * dayMs);
            for (let day = due.days.start; day < due.days.end; day += dayMs) days.set(day, at);
          }
          const first = Math.min(floorTo(at, dayMs), at - Math.min(reach, 100) * dayMs);
          for (let day = floorTo(at, dayMs); day >= first; day -= dayMs) {
            const fetchedAt = days.get(day) ?? before.get(day - dayMs);
            expect(fetchedAt).toBeDefined();
            const mayBe = day >= opens(at) ? scope.everySeconds * 1_000 : Infinity;
            expect(at - (fetchedAt ?? 0)).toBeLessThan(mayBe);
          }
        }
      },
    ),
  );
});
