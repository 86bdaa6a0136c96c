import type { Revision, Sequence } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

export interface RevisionRecord {
  readonly sequence: number;
  readonly traffic_id: number;
  readonly start_minute: number;
  readonly end_minute: number;
  readonly at: number;
}

export function readRevisions(db: Db, cursor: Sequence, limit: number): readonly Revision[] {
  const rows = db
    .prepare<[number, number], RevisionRecord>(
      'SELECT * FROM revision WHERE sequence > ? ORDER BY sequence LIMIT ?',
    )
    .all(cursor, limit);
  return rows.map(revisionFrom);
}

export function revisionFrom(row: RevisionRecord): Revision {
  return {
    sequence: row.sequence,
    trafficId: row.traffic_id,
    window: { start: row.start_minute * minuteMs, end: row.end_minute * minuteMs },
    at: row.at,
  };
}
