import type { Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { subtract, union } from '../../agent/core/window.ts';
import type { Db } from './database.ts';

/** Which periods of a traffic a feed has told. */
export interface ToldSpans {
  readonly trafficId: number;
  /** All that is told, or will never be. Sorted, disjoint. */
  readonly told: readonly Window[];
  /** Of it, what the ledger is asked for when corrections are told; the rest it no longer holds apart. */
  readonly counted: readonly Window[];
}

interface ToldRecord {
  readonly traffic_id: number;
  readonly start_minute: number;
  readonly end_minute: number;
  readonly gone: number;
}

export interface FeedTold {
  all(feedId: number): ReadonlyMap<number, ToldSpans>;
  of(feedId: number, trafficId: number): ToldSpans;
  add(feedId: number, trafficId: number, windows: readonly Window[]): void;
  /** What is told there stays told, and is not counted any more. */
  retire(feedId: number, trafficId: number, windows: readonly Window[]): void;
}

/** Settled spans grow at their end, so they are few. */
export function openFeedTold(db: Db): FeedTold {
  const every = db.prepare<[number], ToldRecord>(
    `SELECT traffic_id, start_minute, end_minute, gone FROM feed_told WHERE feed_id = ?
     ORDER BY traffic_id, start_minute`,
  );
  const one = db.prepare<[number, number], ToldRecord>(
    `SELECT traffic_id, start_minute, end_minute, gone FROM feed_told WHERE feed_id = ? AND traffic_id = ?
     ORDER BY start_minute`,
  );
  const drop = db.prepare(
    'DELETE FROM feed_told WHERE feed_id = ? AND traffic_id = ? AND start_minute = ?',
  );
  const insert = db.prepare('INSERT INTO feed_told VALUES (?, ?, ?, ?, ?)');

  function put(feedId: number, trafficId: number, counted: Spans, gone: Spans): void {
    const before = one.all(feedId, trafficId);
    const after = [...recordsOf(counted, 0), ...recordsOf(gone, 1)];
    const bounds = before.map((row): Bounds => [row.start_minute, row.end_minute, row.gone]);
    for (const row of bounds) {
      if (!after.some((next) => isSame(next, row))) drop.run(feedId, trafficId, row[0]);
    }
    for (const row of after) {
      if (!bounds.some((known) => isSame(known, row))) insert.run(feedId, trafficId, ...row);
    }
  }

  const of = (feedId: number, trafficId: number) => spansOf(trafficId, one.all(feedId, trafficId));
  return {
    all(feedId) {
      const rows = new Map<number, ToldRecord[]>();
      for (const row of every.all(feedId)) {
        const known = rows.get(row.traffic_id);
        if (known === undefined) rows.set(row.traffic_id, [row]);
        else known.push(row);
      }
      return new Map([...rows].map(([id, records]) => [id, spansOf(id, records)]));
    },
    of,
    add(feedId, trafficId, windows) {
      const { told, counted } = of(feedId, trafficId);
      const gone = told.flatMap((span) => subtract(span, counted));
      const fresh = windows.flatMap((window) => subtract(window, gone));
      put(feedId, trafficId, union([...counted, ...fresh]), gone);
    },
    retire(feedId, trafficId, windows) {
      const { told, counted } = of(feedId, trafficId);
      const gone = union([...told.flatMap((span) => subtract(span, counted)), ...windows]);
      put(
        feedId,
        trafficId,
        counted.flatMap((span) => subtract(span, windows)),
        gone,
      );
    },
  };
}

type Spans = readonly Window[];
type Bounds = readonly [startMinute: number, endMinute: number, gone: number];

function isSame(a: Bounds, b: Bounds): boolean {
  return a.every((value, i) => value === b[i]);
}

function recordsOf(spans: Spans, gone: 0 | 1): readonly Bounds[] {
  return spans.map(({ start, end }) => [start / minuteMs, end / minuteMs, gone]);
}

function spansOf(trafficId: number, rows: readonly ToldRecord[]): ToldSpans {
  const windowsOf = (records: readonly ToldRecord[]) =>
    union(
      records.map((row) => ({
        start: row.start_minute * minuteMs,
        end: row.end_minute * minuteMs,
      })),
    );
  return {
    trafficId,
    told: windowsOf(rows),
    counted: windowsOf(rows.filter(({ gone }) => gone === 0)),
  };
}
