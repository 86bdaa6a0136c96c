import type { CoverageSpan } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { subtract, union } from '../../agent/core/window.ts';
import { openCoverageLists } from './coverage-lists.ts';
import type { Db } from './database.ts';
import { openManyRows } from './many-rows.ts';

interface CoverageRecord {
  period_seconds: number;
  start_minute: number;
  end_minute: number;
  settled: number;
}

type TouchingRow = readonly [
  unitId: number,
  startMinute: number,
  endMinute: number,
  settled: number,
];

interface StoredCoverage extends CoverageRecord {
  unit_id: number;
  read_at: number;
}

/** Where each unit was read, kept as few, disjoint spans. Settled never turns back to provisional. */
export interface Coverage {
  /** Another one whenever anything was read. */
  readonly version: number;
  /** The end of the newest span of any unit; null where nothing was read. */
  readUntil(): Instant | null;
  /** What was read at this period and meets the window, were it only at its edge: of each unit that has any. */
  around(
    unitIds: readonly number[],
    window: Window,
    periodSeconds: number,
  ): ReadonlyMap<number, readonly Span[]>;
  /**
   * Notes a read; it is in the file after `flush`.
   * @param known what `around` says of the same window
   */
  mark(
    unitId: number,
    known: readonly Span[],
    settleSeconds: number,
    window: Window,
    periodSeconds: number,
    readAt: number,
  ): void;
  flush(): void;
  /** The same list, until one of its units is read again, for all that were read alike. */
  of(unitId: number): readonly CoverageSpan[];
  /** Of what was read at one period before a moment, only a longer period is known from now on. */
  coarsen(fromSeconds: number, toSeconds: number, before: Instant): void;
  /** Spans of that period that end by then are not known any more. */
  dropBefore(periodSeconds: number, before: Instant): void;
  /** The latest moment up to which any of the units may have been read at a longer period than a minute. */
  coarseUntil(unitIds: Iterable<number>): Instant;
  /** Whether any unit was ever read at a longer period than a minute. */
  readonly hasCoarse: boolean;
}

/** A span that was read, and whether it was settled by then. */
export interface Span extends Window {
  readonly settled: boolean;
}

export function openCoverage(db: Db): Coverage {
  const touching = db
    .prepare<[string, number, number, number], TouchingRow>(
      `SELECT unit_id, start_minute, end_minute, settled FROM coverage
       WHERE unit_id IN (SELECT value FROM json_each(?)) AND period_seconds = ?
         AND start_minute <= ? AND end_minute >= ?`,
    )
    .raw();
  const puts = openManyRows(
    db,
    6,
    (rows) =>
      `INSERT INTO coverage (unit_id, period_seconds, start_minute, end_minute, settled, read_at) VALUES ${rows}
       ON CONFLICT (unit_id, period_seconds, start_minute) DO UPDATE SET end_minute = excluded.end_minute,
         settled = excluded.settled, read_at = excluded.read_at`,
  );
  const older = db.prepare(
    `SELECT unit_id, period_seconds, start_minute, end_minute, settled, read_at FROM coverage
     WHERE period_seconds = ? AND start_minute < ? ORDER BY unit_id, start_minute`,
  );
  const remove = db.prepare(
    'DELETE FROM coverage WHERE unit_id = ? AND period_seconds = ? AND start_minute = ?',
  );

  const coarseEnds = new Map(
    db
      .prepare<[], [number, number]>(
        'SELECT unit_id, max(end_minute) FROM coverage WHERE period_seconds > 60 GROUP BY unit_id',
      )
      .raw()
      .all(),
  );

  const removeBefore = db.prepare(
    'DELETE FROM coverage WHERE period_seconds = ? AND end_minute <= ?',
  );
  const newest = db.prepare('SELECT max(end_minute) FROM coverage').pluck();
  const lists = openCoverageLists(db);
  /** Units of which the file is going to say something else. */
  let touched: number[] = [];
  let version = 0;
  let lastMinute: number | null | undefined;

  function flush(): void {
    puts.flush();
    for (const unitId of touched) lists.forget(unitId);
    touched = [];
  }

  function drop(unitId: number, periodSeconds: number, startMinute: number): void {
    remove.run(unitId, periodSeconds, startMinute);
    touch(unitId);
  }

  function touch(unitId: number): void {
    version += 1;
    lists.forget(unitId);
    touched.push(unitId);
  }

  function around(unitIds: readonly number[], { start, end }: Window, periodSeconds: number) {
    const spans = new Map<number, Span[]>();
    const ids = JSON.stringify(unitIds);
    for (const row of touching.all(ids, periodSeconds, end / minuteMs, start / minuteMs)) {
      const [unitId, from, to, settled] = row;
      const span = { start: from * minuteMs, end: to * minuteMs, settled: settled === 1 };
      const found = spans.get(unitId);
      if (found === undefined) spans.set(unitId, [span]);
      else found.push(span);
    }
    return spans;
  }

  function addCoarse(row: StoredCoverage, periodSeconds: number, span: Span): void {
    const before = around([row.unit_id], span, periodSeconds).get(row.unit_id) ?? [];
    const now = markRead(before, span, span.settled ? span.end : span.start);
    replace(row.unit_id, periodSeconds, before, now, row.read_at);
    flush();
  }

  function replace(
    unitId: number,
    periodSeconds: number,
    before: readonly Span[],
    now: readonly Span[],
    readAt: Instant,
  ): void {
    for (const { start } of before) {
      if (now.some((span) => span.start === start)) continue;
      drop(unitId, periodSeconds, start / minuteMs);
    }
    for (const span of now) put(unitId, periodSeconds, span, readAt);
  }

  function put(unitId: number, periodSeconds: number, span: Span, readAt: Instant): void {
    const end = span.end / minuteMs;
    if (periodSeconds > 60) coarseEnds.set(unitId, Math.max(end, coarseEnds.get(unitId) ?? end));
    if (lastMinute !== undefined) lastMinute = Math.max(end, lastMinute ?? end);
    touch(unitId);
    puts.value(unitId);
    puts.value(periodSeconds);
    puts.value(span.start / minuteMs);
    puts.value(end);
    puts.value(span.settled ? 1 : 0);
    puts.value(readAt);
  }

  return {
    get version() {
      return version;
    },
    readUntil() {
      if (lastMinute === undefined || db.readonly) lastMinute = newest.get() as number | null;
      return lastMinute === null ? null : lastMinute * minuteMs;
    },
    coarsen(fromSeconds, toSeconds, before) {
      for (const row of older.all(fromSeconds, before / minuteMs) as StoredCoverage[]) {
        const span = { ...spanOf(row), settled: row.settled === 1 };
        drop(row.unit_id, fromSeconds, row.start_minute);
        if (span.end > before) {
          put(row.unit_id, fromSeconds, { ...span, start: before }, row.read_at);
        }
        addCoarse(row, toSeconds, { ...span, end: Math.min(span.end, before) });
      }
    },
    dropBefore(periodSeconds, before) {
      if (removeBefore.run(periodSeconds, before / minuteMs).changes === 0) return;
      version += 1;
      lists.forgetAll();
    },
    around,
    mark(unitId, before, settleSeconds, window, periodSeconds, readAt) {
      const settledEnd = settledUntil(window, periodSeconds, readAt - settleSeconds * 1_000);
      const now = markRead(before, window, settledEnd);
      replace(unitId, periodSeconds, before, now, readAt);
    },
    flush,
    get hasCoarse() {
      return coarseEnds.size > 0;
    },
    coarseUntil(unitIds) {
      let last = Number.NEGATIVE_INFINITY;
      if (coarseEnds.size === 0) return last;
      for (const id of unitIds) {
        const end = coarseEnds.get(id);
        if (end !== undefined && end > last) last = end;
      }
      return last * minuteMs;
    },
    of: (unitId) => lists.of(unitId),
  };
}

/** The end of the last period of the window that ended at or before `horizon`. */
function settledUntil(window: Window, periodSeconds: number, horizon: number): number {
  const periodMs = periodSeconds * 1_000;
  const periods = Math.floor((Math.min(window.end, horizon) - window.start) / periodMs);
  return window.start + Math.max(0, periods) * periodMs;
}

/** The spans after one more read: settled ones grow, the rest of what was read is provisional. */
export function markRead(
  known: readonly Span[],
  read: Window,
  settledEnd: number,
): readonly Span[] {
  if (known.length === 0) {
    const { start, end } = read;
    if (settledEnd >= end)
      return start < settledEnd ? [{ start, end: settledEnd, settled: true }] : [];
    const provisional = { start: settledEnd, end, settled: false };
    return start < settledEnd
      ? [{ start, end: settledEnd, settled: true }, provisional]
      : [provisional];
  }
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
