import { ppmOfWhole } from '../../agent/core/money.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { intersect } from '../../agent/core/window.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';

/** A series that meters the utilization of a deployment, in percent. */
export interface UtilizationSeries {
  readonly id: number;
  readonly unitId: number;
}

/**
 * The share of a capacity that was in use from one minute to another of an hour, in millionths; null where no meter tells.
 *
 * The mean over the minutes that the first series with a reading tells, and over those it was read for, said nothing of, and
 * in which no token was served: they were idle. An hour of which only its own mean is known has that.
 */
export type UtilizationOf = (
  series: readonly UtilizationSeries[],
  hour: { readonly minute: number; readonly fromMinute: number; readonly toMinute: number },
  busyMinutes: ReadonlySet<number>,
) => { readonly ppm: number; readonly byMinutes: boolean } | null;

interface Told {
  readonly minute: number;
  readonly avg: number;
}

const wholePercent = 100;

export function openUtilization(db: Db, coverage: Coverage): UtilizationOf {
  const told = db.prepare<[number, number, number, number], Told>(
    `SELECT minute, avg FROM reading
     WHERE series_id = ? AND period_seconds = ? AND minute >= ? AND minute < ? AND avg IS NOT NULL`,
  );

  function coveredMinutes(unitId: number, fromMinute: number, toMinute: number): number[] {
    const window = { start: fromMinute * minuteMs, end: toMinute * minuteMs };
    const minutes = new Set<number>();
    for (const span of coverage.of(unitId)) {
      const both = span.periodSeconds === 60 ? intersect(span, window) : undefined;
      if (both === undefined) continue;
      for (let at = both.start; at < both.end; at += minuteMs) minutes.add(at / minuteMs);
    }
    return [...minutes];
  }

  return (series, { minute, fromMinute, toMinute }, busyMinutes) => {
    let silent = 0;
    for (const { id, unitId } of series) {
      const values = new Map(
        told.all(id, 60, fromMinute, toMinute).map((one) => [one.minute, one.avg]),
      );
      const quiet = coveredMinutes(unitId, fromMinute, toMinute).filter(
        (at) => !values.has(at) && !busyMinutes.has(at),
      ).length;
      if (values.size === 0) {
        silent = Math.max(silent, quiet);
        continue;
      }
      const sum = [...values.values()].reduce((all, value) => all + value, 0);
      return { ppm: ppmOf(sum / (values.size + quiet)), byMinutes: true };
    }
    for (const { id } of series) {
      const [hour] = told.all(id, 3_600, minute, minute + 1);
      if (hour !== undefined) return { ppm: ppmOf(hour.avg), byMinutes: false };
    }
    return silent > 0 && busyMinutes.size === 0 ? { ppm: 0, byMinutes: true } : null;
  };
}

/** More than the whole is the whole: what is asked beyond it is refused or handed on. */
function ppmOf(percent: number): number {
  return Math.min(ppmOfWhole, Math.max(0, Math.round((percent / wholePercent) * ppmOfWhole)));
}
