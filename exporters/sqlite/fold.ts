import type { Instant } from '../../agent/core/time.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import type { Registry } from './registry.ts';
import type { Rollups } from './rollups.ts';

/** Minute readings of an hour become one hour-long reading a series, which is what the hour is derived from later. */
export interface Fold {
  /** Folds the hour that starts at the instant, of every series; returns the minute readings that went. */
  hour(start: Instant): number;
}

/**
 * Where an hour is made of hour-long readings already, its minutes only go. Latency is not folded: a mean over minutes
 * needs the requests of each, so `latency_hour` keeps what it was made of.
 */
export function openFold(db: Db, registry: Registry, rollups: Rollups): Fold {
  const range = 'series_id = ? AND period_seconds = 60 AND minute >= ? AND minute < ?';
  const any = db.prepare(`SELECT 1 FROM reading WHERE ${range} LIMIT 1`);
  const dropHour = db.prepare(
    'DELETE FROM reading WHERE series_id = ? AND period_seconds = 3600 AND minute = ?',
  );
  const makeHour = db.prepare(
    `INSERT INTO reading SELECT series_id, 3600, minute / 60 * 60, sum(sum), sum(count), min(min), max(max), avg(avg), NULL
     FROM reading WHERE ${range} GROUP BY 1, 3`,
  );
  const dropMinutes = db.prepare(`DELETE FROM reading WHERE ${range}`);
  return {
    hour(start) {
      const minute = start / minuteMs;
      const window = { start, end: start + hourMs };
      let gone = 0;
      for (const traffic of registry.traffics()) {
        const stored = traffic.series.filter(
          ({ id }) => any.get(id, minute, minute + 60) !== undefined,
        );
        if (stored.length === 0) continue;
        const ofMinutes = rollups.isOfMinutes(traffic, window);
        for (const { id } of ofMinutes ? traffic.series : []) dropHour.run(id, minute);
        for (const { id, measure } of stored) {
          if (ofMinutes && measure.kind !== 'latency') makeHour.run(id, minute, minute + 60);
          gone += dropMinutes.run(id, minute, minute + 60).changes;
        }
      }
      return gone;
    },
  };
}
