import type { Revision, Sequence } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

export function readRevisions(db: Db, cursor: Sequence, limit: number): readonly Revision[] {
  const rows = db
    .prepare('SELECT * FROM revision WHERE sequence > ? ORDER BY sequence LIMIT ?')
    .all(cursor, limit) as {
    sequence: number;
    traffic_id: number;
    start_minute: number;
    end_minute: number;
    at: number;
  }[];
  return rows.map((row) => ({
    sequence: row.sequence,
    trafficId: row.traffic_id,
    window: { start: row.start_minute * minuteMs, end: row.end_minute * minuteMs },
    at: row.at,
  }));
}
