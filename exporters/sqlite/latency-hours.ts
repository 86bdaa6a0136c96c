import { setImmediate } from 'node:timers/promises';
import type { Phase } from '../../agent/core/meter.ts';
import type { AmountQuery } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import { addPoint } from './latency.ts';
import type { LatencyPoint, MutablePoint } from './latency.ts';

/** In the order of the table. */
const phases: readonly Phase[] = ['first_token', 'request'];

/** Rows that are read before others have their turn: some milliseconds. */
const rowsAtOnce = 4_000;

type Stored = readonly [
  minute: number,
  count: number | null,
  weight: number,
  weightedMs: number | null,
  minMs: number | null,
  maxMs: number | null,
  p90Ms: number | null,
];

/** Hours of latency as points by bucket, by identity, phase and time; lets other work through while it reads. */
export function openLatencyHours(
  db: Db,
): (query: Omit<AmountQuery, 'grain'>) => Promise<readonly LatencyPoint[]> {
  // With the phase named, the range of minutes is a part of the key.
  const find = db
    .prepare<[number, Phase, number, number], Stored>(
      `SELECT minute, count, weight, weighted_ms, min_ms, max_ms, p90_ms FROM latency_hour
       WHERE identity_id = ? AND phase = ? AND minute >= ? AND minute < ? ORDER BY minute`,
    )
    .raw();
  return async ({ identityIds, window, bucketMs }) => {
    const [start, end] = [window.start / minuteMs, window.end / minuteMs];
    const bucketMinutes = bucketMs / minuteMs;
    const points: MutablePoint[] = [];
    let turn = 0;
    for (const identityId of identityIds.toSorted((a, b) => a - b)) {
      for (const phase of phases) {
        const rows = find.all(identityId, phase, start, end);
        let last: MutablePoint | undefined;
        for (const row of rows) {
          const point = pointFrom(row, identityId, phase, bucketMinutes);
          if (last?.minute === point.minute) addPoint(last, point);
          else points.push((last = point));
        }
        turn += rows.length + 10;
      }
      if (turn < rowsAtOnce) continue;
      turn = 0;
      await setImmediate();
    }
    return points;
  };
}

/** Its minute is that of its bucket. */
function pointFrom(
  [minute, count, weight, weightedMs, minMs, maxMs, p90Ms]: Stored,
  identityId: number,
  phase: Phase,
  bucketMinutes: number,
): MutablePoint {
  return {
    identityId,
    phase,
    minute: bucketMinutes === 0 ? 0 : Math.floor(minute / bucketMinutes) * bucketMinutes,
    count,
    weight,
    avgMs: weightedMs === null ? null : weightedMs / weight,
    minMs,
    maxMs,
    p90Ms,
  };
}
