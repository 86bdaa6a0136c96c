import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../../agent/core/collector.ts';
import { ceilTo, floorTo, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { dueWindows, headOf, recentWindow } from '../../../agent/schedule/due.ts';
import type { DueSettings, DueWindow } from '../../../agent/schedule/due.ts';
import { createCoverageBook } from '../../support/coverage-book.ts';
import type { CoverageBook } from '../../support/coverage-book.ts';
import { targetOf } from '../../support/ledger-world.ts';

const latest = Date.UTC(2026, 10, 20, 12, 34, 56);
const hourSeconds = 3_600;

interface Past {
  readonly target: Target;
  readonly settings: DueSettings;
  readonly now: number;
  /** Windows read before, some of them while they could still change. */
  readonly reads: readonly { readonly due: DueWindow; readonly at: number }[];
}

/** A target of one to three series with some past of reads: whole, patchy, by minute, by hour, early, late. */
const anyPast: fc.Arbitrary<Past> = fc
  .record({
    units: fc.integer({ min: 1, max: 3 }),
    settleSeconds: fc.constantFrom(0, 600, 900, 7_200),
    now: fc.nat({ max: 3 * hourSeconds }).map((s) => latest - s * 1_000),
    settings: fc.record({
      overlapSeconds: fc.integer({ min: 60, max: 7_200 }),
      backfillSeconds: fc.integer({ min: hourSeconds, max: 60 * hourSeconds }),
      minuteRetentionSeconds: fc.integer({ min: 0, max: 60 * hourSeconds }),
    }),
    minutesKept: fc.integer({ min: 0, max: 60 * hourSeconds }),
    hoursKept: fc.integer({ min: 0, max: 90 * hourSeconds }),
    reads: fc.array(
      fc.record({
        which: fc.subarray([0, 1, 2], { minLength: 1 }),
        minutesAgo: fc.integer({ min: 0, max: 62 * 60 }),
        minutes: fc.integer({ min: 1, max: 600 }),
        byHour: fc.boolean(),
        secondsLater: fc.nat({ max: 3 * hourSeconds }),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ units, settleSeconds, now, settings, minutesKept, hoursKept, reads }) => {
    const series = Array.from({ length: units }, (_, index) => ({
      rowId: 'in',
      dimensions: { ModelId: `m${index}` },
      values: [],
    }));
    const base = targetOf(series);
    const target: Target = {
      ...base,
      rows: base.rows.map((row) => ({ ...row, settleSeconds })),
      retention: [
        { periodSeconds: 60, ageSeconds: minutesKept },
        { periodSeconds: 3_600, ageSeconds: hoursKept },
      ],
    };
    return {
      target,
      settings,
      now,
      reads: reads.map(({ which, minutesAgo, minutes, byHour, secondsLater }) => {
        const periodSeconds = byHour ? 3_600 : 60;
        const step = periodSeconds * 1_000;
        const start = floorTo(now - (minutesAgo + minutes) * minuteMs, step);
        const window = { start, end: ceilTo(start + minutes * minuteMs, step) };
        const unitsRead = which.flatMap((index) => target.units[index] ?? []);
        return {
          due: { window, periodSeconds, units: unitsRead },
          at: Math.min(now, window.end + secondsLater * 1_000),
        };
      }),
    };
  });

function bookAfter({ target, reads }: Past) {
  const book = createCoverageBook(target);
  for (const { due, at } of reads) book.read(due, at);
  return book;
}

/** Whether all minutes of a period are. */
function isSettled(book: CoverageBook, unitKey: string, start: number, periodSeconds: number) {
  for (let at = start; at < start + periodSeconds * 1_000; at += minuteMs) {
    if (!book.isSettled(unitKey, at, periodSeconds)) return false;
  }
  return true;
}

describe('any target at any time', () => {
  it('is asked in whole periods, newest first, no series twice for a period, never for what is settled', () => {
    fc.assert(
      fc.property(anyPast, (past) => {
        const book = bookAfter(past);
        const due = dueWindows(past.target, book.coverage(), past.now, past.settings);
        const asked = new Set<string>();
        const wrong: string[] = [];
        let before = Number.POSITIVE_INFINITY;
        for (const { window, periodSeconds, units } of due) {
          const periodMs = periodSeconds * 1_000;
          expect(window.start % periodMs).toBe(0);
          expect(window.end % periodMs).toBe(0);
          expect(window.start).toBeLessThan(window.end);
          expect(window.end).toBeLessThanOrEqual(before);
          expect(window.end).toBeLessThanOrEqual(headOf(past.now));
          before = window.end;
          expect(units.length).toBeGreaterThan(0);
          for (const unit of units) {
            for (let start = window.start; start < window.end; start += periodMs) {
              const name = `${unit.key} ${start} ${periodSeconds}`;
              if (asked.has(name) || isSettled(book, unit.key, start, periodSeconds))
                wrong.push(name);
              asked.add(name);
            }
          }
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is asked for nothing the cloud no longer keeps and nothing behind the horizon', () => {
    fc.assert(
      fc.property(anyPast, (past) => {
        const { target, settings, now } = past;
        const due = dueWindows(target, bookAfter(past).coverage(), now, settings);
        for (const { window, periodSeconds } of due) {
          const kept = target.retention
            .filter((one) => one.periodSeconds <= periodSeconds)
            .map((one) => one.ageSeconds);
          expect(window.start).toBeGreaterThan(now - Math.max(...kept) * 1_000);
          expect(window.start).toBeGreaterThanOrEqual(now - settings.backfillSeconds * 1_000);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has nothing due once it was read, and with the recent window the whole horizon behind it', () => {
    fc.assert(
      fc.property(anyPast, (past) => {
        const { target, settings, now } = past;
        const book = bookAfter(past);
        for (const due of dueWindows(target, book.coverage(), now, settings)) book.read(due, now);
        expect(dueWindows(target, book.coverage(), now, settings)).toEqual([]);

        const [minutesKept, hoursKept] = target.retention.map((one) => one.ageSeconds) as [
          number,
          number,
        ];
        const tenMinutes = 10 * minuteMs;
        const minutesAge = Math.min(minutesKept, settings.minuteRetentionSeconds) * 1_000;
        const horizon = now - settings.backfillSeconds * 1_000;
        const firstMinute = Math.max(horizon, ceilTo(now - minutesAge + tenMinutes, hourMs));
        const hoursAge = Math.max(hoursKept, minutesKept) * 1_000;
        const firstHour = ceilTo(Math.max(horizon, now - hoursAge + tenMinutes), hourMs);
        const end = recentWindow(target, now, settings).window.start;
        for (const { key } of target.units) {
          const missing: number[] = [];
          for (
            let at = ceilTo(Math.min(firstHour, firstMinute), minuteMs);
            at < end;
            at += minuteMs
          ) {
            const period = at >= firstMinute ? 60 : 3_600;
            const isTail = at >= floorTo(end, hourMs) && period === 3_600;
            if (at < firstHour && period === 3_600) continue;
            if (!isTail && !book.isSettled(key, at, period)) missing.push(at);
          }
          expect(missing).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('comes to rest when it is polled every minute: what a poll leaves due is read once and settled', () => {
    fc.assert(
      fc.property(anyPast, (past) => {
        const { target, settings, now } = past;
        const book = bookAfter(past);
        for (let at = now; at < now + 10 * minuteMs; at += minuteMs) {
          book.read(recentWindow(target, at, settings), at);
          for (const due of dueWindows(target, book.coverage(), at, settings)) book.read(due, at);
          expect(dueWindows(target, book.coverage(), at, settings)).toEqual([]);
        }
      }),
      { numRuns: 20 },
    );
  });
});
