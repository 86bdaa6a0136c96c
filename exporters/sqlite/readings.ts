import type { Readings } from '../../agent/core/reading.ts';
import type { Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { SeriesValues } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';

export interface ReadingRow {
  readonly minute: number;
  readonly sum: number | null;
  readonly count: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly avg: number | null;
  readonly p90: number | null;
}

export interface ReadingStore {
  /**
   * Puts a series' points of a window in place. A counter's zero is kept only where it corrects a point: coverage
   * says that the rest was read. Returns how many points changed.
   * @param readBefore whether any of the window was, so that there may be points to correct
   */
  write(seriesId: number, readings: Readings, readBefore: boolean): number;
  /** Notes points of the window the last read did not name any more; they keep their values. Returns how many are new. */
  noteVanished(
    seriesId: number,
    periodSeconds: number,
    window: Window,
    named: readonly number[],
    at: number,
  ): number;
  sums(seriesId: number, periodSeconds: number, window: Window): SeriesValues;
  rows(seriesId: number, periodSeconds: number, window: Window): readonly ReadingRow[];
}

/**
 * Rows of one statement: a call into SQLite costs as much as several rows do. Half an hour of minutes is what every poll
 * reads of a series, and a day is a multiple of it.
 */
const rowsAtOnce = 30;

export function openReadings(db: Db): ReadingStore {
  const counters = bulkUpsert(db, ['sum']);
  const gauges = bulkUpsert(db, ['sum', 'count', 'min', 'max', 'avg', 'p90']);
  const zero = db.prepare(
    `UPDATE reading SET sum = 0, count = NULL, min = NULL, max = NULL, avg = NULL, p90 = NULL
     WHERE series_id = ? AND period_seconds = ? AND minute = ? AND sum IS NOT 0`,
  );
  const inWindow = 'series_id = ? AND period_seconds = ? AND minute >= ? AND minute < ?';
  const minutes = db.prepare(`SELECT minute FROM reading WHERE ${inWindow}`).pluck();
  const sums = db
    .prepare(`SELECT minute, sum FROM reading WHERE ${inWindow} AND sum IS NOT NULL`)
    .raw();
  const rows = db.prepare(
    `SELECT minute, sum, count, min, max, avg, p90 FROM reading WHERE ${inWindow} ORDER BY minute`,
  );
  const vanish = db.prepare('INSERT OR IGNORE INTO vanished VALUES (?, ?, ?, ?)');
  const gone = db.prepare(`SELECT minute FROM vanished WHERE ${inWindow}`).pluck();
  const back = db.prepare(
    'DELETE FROM vanished WHERE series_id = ? AND period_seconds = ? AND minute = ?',
  );

  return {
    write(seriesId, { periodSeconds, starts, columns, series }, readBefore) {
      const isCounter = series.measure.kind === 'tokens' || series.measure.kind === 'requests';
      const { sum, count, min, max, avg, p90 } = columns;
      const onlySum = Object.keys(columns).every((statistic) => statistic === 'sum');
      const points: (number | null)[] = [];
      let changed = 0;
      for (let i = 0; i < starts.length; i += 1) {
        const minute = (starts[i] as number) / minuteMs;
        const total = sum?.[i] ?? null;
        if (isCounter && total === 0) {
          if (readBefore) changed += zero.run(seriesId, periodSeconds, minute).changes;
          continue;
        }
        points.push(minute, total);
        if (onlySum) continue;
        points.push(count?.[i] ?? null, min?.[i] ?? null, max?.[i] ?? null);
        points.push(avg?.[i] ?? null, p90?.[i] ?? null);
      }
      return changed + (onlySum ? counters : gauges)(seriesId, periodSeconds, points);
    },
    noteVanished(seriesId, periodSeconds, window, named, at) {
      const present = new Set(named.map((start) => start / minuteMs));
      for (const minute of gone.all(seriesId, periodSeconds, ...bounds(window)) as number[]) {
        if (present.has(minute)) back.run(seriesId, periodSeconds, minute);
      }
      let noted = 0;
      for (const minute of minutes.all(seriesId, periodSeconds, ...bounds(window)) as number[]) {
        if (!present.has(minute)) noted += vanish.run(seriesId, periodSeconds, minute, at).changes;
      }
      return noted;
    },
    sums(seriesId, periodSeconds, window) {
      const found = new Map<number, number>();
      for (const [minute, sum] of sums.all(seriesId, periodSeconds, ...bounds(window)) as [
        number,
        number,
      ][]) {
        found.set(minute * minuteMs, sum);
      }
      return found;
    },
    rows: (seriesId, periodSeconds, window) =>
      rows.all(seriesId, periodSeconds, ...bounds(window)) as ReadingRow[],
  };
}

function bounds(window: Window): readonly [number, number] {
  return [window.start / minuteMs, window.end / minuteMs];
}

/**
 * Puts points in place, `rowsAtOnce` a statement; a point that says the same already is left alone and not counted.
 * `points` are minute and statistics in turn.
 */
function bulkUpsert(
  db: Db,
  statistics: readonly string[],
): (seriesId: number, periodSeconds: number, points: readonly (number | null)[]) => number {
  const width = statistics.length + 1;
  const prepare = (count: number) =>
    db.prepare(
      `INSERT INTO reading (series_id, period_seconds, minute, ${statistics.join(', ')})
       VALUES ${Array(count)
         .fill(`(?, ?${', ?'.repeat(width)})`)
         .join(', ')}
       ON CONFLICT (series_id, period_seconds, minute) DO UPDATE SET
         ${statistics.map((name) => `${name} = excluded.${name}`).join(', ')}
       WHERE ${statistics.map((name) => `${name} IS NOT excluded.${name}`).join(' OR ')}`,
    );
  const one = prepare(1);
  const many = prepare(rowsAtOnce);
  return (seriesId, periodSeconds, points) => {
    const count = points.length / width;
    const whole = count - (count % rowsAtOnce);
    let changed = 0;
    const values: (number | null)[] = Array((width + 2) * rowsAtOnce);
    for (let row = 0; row < count; row += 1) {
      const slot = row < whole ? row % rowsAtOnce : 0;
      let at = slot * (width + 2);
      values[at++] = seriesId;
      values[at++] = periodSeconds;
      for (let i = 0; i < width; i += 1) values[at++] = points[row * width + i] ?? null;
      if (row >= whole) changed += one.run(values.slice(0, width + 2)).changes;
      else if (slot === rowsAtOnce - 1) changed += many.run(values).changes;
    }
    return changed;
  };
}
