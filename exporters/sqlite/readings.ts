import type { Statistic } from '../../agent/core/meter.ts';
import type { Readings } from '../../agent/core/reading.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import { openManyRows } from './many-rows.ts';
import type { ManyRows } from './many-rows.ts';

/** A point as it is stored: its minute, its sum, and where they are asked for count, min, max, avg and p90. */
export type Point = readonly [minute: number, sum: number | null, ...more: (number | null)[]];

/** A series' sums in order of time: `sums[i]` belongs to `starts[i]`. */
export interface SeriesSums {
  readonly starts: readonly Instant[];
  readonly sums: readonly (number | null)[];
  /** All statistics beside them, where the ledger holds of the window just what was told. */
  readonly columns?: Readings['columns'];
}

/** What a read made of a series' points of its window. */
export interface Written {
  /** Points that say something else now. */
  readonly changed: number;
  /** From the first of them to behind the last; undefined: none. */
  readonly span: Window | undefined;
  /** Points that are missed for the first time. */
  readonly vanished: number;
  /** All the ledger holds of the window now. */
  readonly sums: SeriesSums;
}

export interface ReadingStore {
  /**
   * Puts a series' points of a window in place; they are in the file after `flush`. A counter's zero is kept only where
   * it corrects a point: coverage says that the rest was read. A point the last read does not name any more keeps its
   * value and is noted as vanished.
   * @param readBefore whether any of the window was, so that there may be points to compare with
   */
  write(
    seriesId: number,
    readings: Readings,
    window: Window,
    readBefore: boolean,
    at: number,
  ): Written;
  flush(): void;
  /** The last read did not name the series: every point of the window is missed. Returns how many for the first time. */
  missAll(seriesId: number, periodSeconds: number, window: Window, at: number): number;
  sums(seriesId: number, periodSeconds: number, window: Window): SeriesSums;
  /** Points in order, with all statistics. */
  points(seriesId: number, periodSeconds: number, window: Window): readonly Point[];
}

const statistics = ['sum', 'count', 'min', 'max', 'avg', 'p90'] as const;

const noValues: readonly (number | null)[] = [];

/** How points that carry the same statistics are written and read. */
interface Shape {
  /** The sum and what is beside it, in the order of the table. */
  readonly told: readonly Statistic[];
  readonly put: ManyRows;
  readonly stored: Selection;
}

export function openReadings(db: Db): ReadingStore {
  /** By which statistics are told, a bit each. */
  const shapes = new Map<number, Shape>();
  const zero = db.prepare(
    `UPDATE reading SET sum = 0, count = NULL, min = NULL, max = NULL, avg = NULL, p90 = NULL
     WHERE series_id = ? AND period_seconds = ? AND minute = ?`,
  );
  const sumsOnly = selection(db, ['sum']);
  const points = selection(db, statistics);
  const vanish = db.prepare('INSERT OR IGNORE INTO vanished VALUES (?, ?, ?, ?)');
  const back = db.prepare(
    'DELETE FROM vanished WHERE series_id = ? AND period_seconds = ? AND minute = ?',
  );
  /** Series of which a point vanished once: of all others none can come back. */
  const missed = new Set(db.prepare('SELECT DISTINCT series_id FROM vanished').pluck().all());

  function miss(seriesId: number, periodSeconds: number, minute: number, at: number): number {
    missed.add(seriesId);
    return vanish.run(seriesId, periodSeconds, minute, at).changes;
  }

  /** Most series have one or two of the statistics, and every value that is bound costs. */
  function shapeOf({ columns }: Readings): Shape {
    let bits = 0;
    for (let i = 0; i < statistics.length; i += 1) {
      if (columns[statistics[i] as Statistic] !== undefined) bits += 1 << i;
    }
    const known = shapes.get(bits);
    if (known !== undefined) return known;
    const told = statistics.filter((name) => name === 'sum' || columns[name] !== undefined);
    const put = openManyRows(db, 3 + told.length, upsertOf(told));
    const made = { told, put, stored: selection(db, told) };
    shapes.set(bits, made);
    return made;
  }

  return {
    write(seriesId, readings, window, readBefore, at) {
      const { periodSeconds, starts, columns, series } = readings;
      const isCounter = series.measure.kind === 'tokens' || series.measure.kind === 'requests';
      const shape = shapeOf(readings);
      const { put } = shape;
      const told = shape.told.map((name) => columns[name] ?? noValues);
      const totals = columns.sum ?? noValues;
      const before = readBefore ? stored(shape.stored, seriesId, periodSeconds, window) : [];
      /** Where the ledger holds other minutes than were told. */
      let kept: Kept | undefined;
      let first: number | undefined;
      let last = 0;
      let changed = 0;
      let vanished = 0;
      let next = 0;
      for (let i = 0; i < starts.length; i += 1) {
        const minute = (starts[i] as number) / minuteMs;
        let old = before[next];
        for (; old !== undefined && old[0] < minute; old = before[next]) {
          vanished += miss(seriesId, periodSeconds, old[0], at);
          kept ??= keptUntil(i, starts, totals);
          keep(kept, old[0], old[1]);
          next += 1;
        }
        if (old?.[0] === minute) {
          next += 1;
          if (missed.has(seriesId)) back.run(seriesId, periodSeconds, minute);
        } else old = undefined;
        const sum = totals[i] ?? null;
        const isZero = isCounter && sum === 0;
        if (isZero && old === undefined) {
          kept ??= keptUntil(i, starts, totals);
          continue;
        }
        if (kept !== undefined) keep(kept, minute, sum);
        if (old !== undefined && (isZero ? old[1] === 0 : isSame(old, told, i))) continue;
        if (isZero) zero.run(seriesId, periodSeconds, minute);
        else {
          put.value(seriesId);
          put.value(periodSeconds);
          put.value(minute);
          for (let column = 0; column < told.length; column += 1) {
            put.value(told[column]?.[i] ?? null);
          }
        }
        first ??= minute;
        last = minute;
        changed += 1;
      }
      for (; next < before.length; next += 1) {
        const [minute, sum] = before[next] as Point;
        vanished += miss(seriesId, periodSeconds, minute, at);
        kept ??= keptUntil(starts.length, starts, totals);
        keep(kept, minute, sum);
      }
      const span = first === undefined ? undefined : spanOf(first, last, periodSeconds);
      return { changed, span, vanished, sums: kept ?? { starts, sums: totals, columns } };
    },
    flush() {
      for (const { put } of shapes.values()) put.flush();
    },
    missAll(seriesId, periodSeconds, window, at) {
      let vanished = 0;
      for (const [minute] of stored(sumsOnly, seriesId, periodSeconds, window)) {
        vanished += miss(seriesId, periodSeconds, minute, at);
      }
      return vanished;
    },
    sums(seriesId, periodSeconds, window) {
      const kept: Kept = { starts: [], sums: [] };
      for (const [minute, sum] of stored(sumsOnly, seriesId, periodSeconds, window)) {
        keep(kept, minute, sum);
      }
      return kept;
    },
    points: (seriesId, periodSeconds, window) => stored(points, seriesId, periodSeconds, window),
  };
}

interface Selection {
  all(seriesId: number, periodSeconds: number, from: number, to: number): readonly Point[];
}

function stored(from: Selection, seriesId: number, periodSeconds: number, window: Window) {
  return from.all(seriesId, periodSeconds, window.start / minuteMs, window.end / minuteMs);
}

interface Kept {
  readonly starts: number[];
  readonly sums: (number | null)[];
}

function keptUntil(
  index: number,
  starts: readonly Instant[],
  sums: readonly (number | null)[],
): Kept {
  return { starts: starts.slice(0, index), sums: sums.slice(0, index) };
}

function keep({ starts, sums }: Kept, minute: number, sum: number | null): void {
  starts.push(minute * minuteMs);
  sums.push(sum);
}

function spanOf(first: number, last: number, periodSeconds: number): Window {
  return { start: first * minuteMs, end: last * minuteMs + periodSeconds * 1_000 };
}

/** Whether a stored point says what the columns say at an index. */
function isSame(
  point: Point,
  columns: readonly (readonly (number | null)[])[],
  index: number,
): boolean {
  for (let i = 0; i < columns.length; i += 1) {
    if (point[i + 1] !== (columns[i]?.[index] ?? null)) return false;
  }
  return true;
}

function selection(db: Db, columns: readonly Statistic[]): Selection {
  return db
    .prepare<[number, number, number, number], Point>(
      `SELECT ${['minute', ...columns].join(', ')} FROM reading
       WHERE series_id = ? AND period_seconds = ? AND minute >= ? AND minute < ? ORDER BY minute`,
    )
    .raw();
}

/** Statistics are replaced together: those not told any more are none. */
function upsertOf(told: readonly Statistic[]): (rows: string) => string {
  const set = statistics.map(
    (name) => `${name} = ${told.includes(name) ? 'excluded.' + name : 'NULL'}`,
  );
  return (rows) =>
    `INSERT INTO reading (${['series_id', 'period_seconds', 'minute', ...told].join(', ')}) VALUES ${rows}
     ON CONFLICT (series_id, period_seconds, minute) DO UPDATE SET ${set.join(', ')}`;
}
