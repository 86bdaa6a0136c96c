import type { CoverageSpan } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { subtract, union } from '../../agent/core/window.ts';
import type { Db } from './database.ts';

interface CoverageRecord {
  period_seconds: number;
  start_minute: number;
  end_minute: number;
  settled: number;
}

interface StoredCoverage extends CoverageRecord {
  unit_id: number;
  read_at: number;
}

/** Where each unit was read, kept as few, disjoint spans. Settled never turns back to provisional. */
export interface Coverage {
  mark(
    unitId: number,
    settleSeconds: number,
    window: Window,
    periodSeconds: number,
    readAt: number,
  ): void;
  of(unitId: number): readonly CoverageSpan[];
  /** Of what was read at one period before a moment, only a longer period is known from now on. */
  coarsen(fromSeconds: number, toSeconds: number, before: Instant): void;
  /** Whether any of the window was read before at this period. */
  touches(unitId: number, window: Window, periodSeconds: number): boolean;
}

export function openCoverage(db: Db): Coverage {
  const touching = db.prepare(
    `SELECT period_seconds, start_minute, end_minute, settled FROM coverage
     WHERE unit_id = ? AND period_seconds = ? AND start_minute <= ? AND end_minute >= ?`,
  );
  const remove = db.prepare(
    `DELETE FROM coverage WHERE unit_id = ? AND period_seconds = ? AND start_minute <= ? AND end_minute >= ?`,
  );
  const overlapping = db.prepare(
    `SELECT 1 FROM coverage WHERE unit_id = ? AND period_seconds = ? AND start_minute < ? AND end_minute > ?`,
  );
  const insert = db.prepare('INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)');
  const all = db.prepare(
    `SELECT period_seconds, start_minute, end_minute, settled FROM coverage WHERE unit_id = ?
     ORDER BY period_seconds, start_minute`,
  );
  const older = db.prepare(
    `SELECT unit_id, period_seconds, start_minute, end_minute, settled, read_at FROM coverage
     WHERE period_seconds = ? AND start_minute < ? ORDER BY unit_id, start_minute`,
  );
  const removeOne = db.prepare(
    'DELETE FROM coverage WHERE unit_id = ? AND period_seconds = ? AND start_minute = ?',
  );

  function addCoarse(row: StoredCoverage, periodSeconds: number, span: Span): void {
    const start = span.start / minuteMs;
    const end = span.end / minuteMs;
    const known = touching.all(row.unit_id, periodSeconds, end, start) as CoverageRecord[];
    const now = markRead(
      known.map((one) => ({ ...spanOf(one), settled: one.settled === 1 })),
      span,
      span.settled ? span.end : span.start,
    );
    if (known.length > 0) remove.run(row.unit_id, periodSeconds, end, start);
    for (const one of now) put(row.unit_id, periodSeconds, one, row.read_at);
  }

  function put(unitId: number, periodSeconds: number, span: Span, readAt: Instant): void {
    insert.run(
      unitId,
      periodSeconds,
      span.start / minuteMs,
      span.end / minuteMs,
      span.settled ? 1 : 0,
      readAt,
    );
  }

  return {
    coarsen(fromSeconds, toSeconds, before) {
      for (const row of older.all(fromSeconds, before / minuteMs) as StoredCoverage[]) {
        const span = { ...spanOf(row), settled: row.settled === 1 };
        removeOne.run(row.unit_id, fromSeconds, row.start_minute);
        if (span.end > before) {
          put(row.unit_id, fromSeconds, { ...span, start: before }, row.read_at);
        }
        addCoarse(row, toSeconds, { ...span, end: Math.min(span.end, before) });
      }
    },
    mark(unitId, settleSeconds, window, periodSeconds, readAt) {
      const start = window.start / minuteMs;
      const end = window.end / minuteMs;
      const known = touching.all(unitId, periodSeconds, end, start) as CoverageRecord[];
      const now = markRead(
        known.map((row) => ({ ...spanOf(row), settled: row.settled === 1 })),
        window,
        settledUntil(window, periodSeconds, readAt - settleSeconds * 1_000),
      );
      if (known.length > 0) remove.run(unitId, periodSeconds, end, start);
      for (const span of now) put(unitId, periodSeconds, span, readAt);
    },
    touches: (unitId, window, periodSeconds) =>
      overlapping.get(unitId, periodSeconds, window.end / minuteMs, window.start / minuteMs) !==
      undefined,
    of: (unitId) =>
      (all.all(unitId) as CoverageRecord[]).map((row) => ({
        ...spanOf(row),
        periodSeconds: row.period_seconds,
        settled: row.settled === 1,
      })),
  };
}

/** The end of the last period of the window that ended at or before `horizon`. */
function settledUntil(window: Window, periodSeconds: number, horizon: number): number {
  const periodMs = periodSeconds * 1_000;
  const periods = Math.floor((Math.min(window.end, horizon) - window.start) / periodMs);
  return window.start + Math.max(0, periods) * periodMs;
}

interface Span extends Window {
  readonly settled: boolean;
}

/** The spans after one more read: settled ones grow, the rest of what was read is provisional. */
export function markRead(
  known: readonly Span[],
  read: Window,
  settledEnd: number,
): readonly Span[] {
  const settled = union([
    ...known.filter((span) => span.settled),
    { start: read.start, end: settledEnd },
  ]);
  const everything = union([...known, read]);
  const provisional = everything.flatMap((span) => subtract(span, settled));
  return [
    ...settled.map((span) => ({ ...span, settled: true })),
    ...provisional.map((span) => ({ ...span, settled: false })),
  ].toSorted((a, b) => a.start - b.start);
}

function spanOf(row: CoverageRecord): Window {
  return { start: row.start_minute * minuteMs, end: row.end_minute * minuteMs };
}
