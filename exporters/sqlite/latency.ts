import type { Phase } from '../../agent/core/meter.ts';
import type { Window } from '../../agent/core/time.ts';
import { ceilTo, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { ReadingStore } from './readings.ts';
import type { KnownSeries, KnownTraffic } from './registry.ts';

export interface LatencyPoint {
  readonly identityId: number;
  readonly phase: Phase;
  readonly minute: number;
  readonly count: number | null;
  readonly weight: number;
  readonly avgMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly p90Ms: number | null;
}

/**
 * A traffic's latency by period of `periodSeconds`. A mean over more than one is weighted by the vendor's count; where
 * there is none (Azure) by the requests of the same minute, which is the number of things that were averaged.
 */
export function latencyPoints(
  db: Db,
  readings: ReadingStore,
  identities: Identities,
  traffic: KnownTraffic,
  window: Window,
  periodSeconds: number,
): readonly LatencyPoint[] {
  const points: LatencyPoint[] = [];
  let requests: ReadonlyMap<number, number> | undefined;
  for (const phase of ['request', 'first_token'] as const) {
    const claimed = new Set<number>();
    for (const series of latencySeries(traffic, phase)) {
      for (const row of readings.rows(series.id, periodSeconds, window)) {
        if (claimed.has(row.minute)) continue;
        const avgMs = row.avg ?? (row.sum !== null && row.count ? row.sum / row.count : null);
        if (avgMs === null && row.max === null) continue;
        claimed.add(row.minute);
        requests ??= requestsByMinute(db, identities.idsOf(traffic.id), window);
        points.push({
          identityId: identities.at(traffic.id, series.facet, row.minute * minuteMs).id,
          phase,
          minute: row.minute,
          count: row.count,
          weight: row.count ?? requests.get(row.minute) ?? 1,
          avgMs,
          minMs: row.min,
          maxMs: row.max,
          p90Ms: row.p90,
        });
      }
    }
  }
  return points;
}

/** Latency of the traffic as a whole, the preferred vocabulary first. */
function latencySeries(traffic: KnownTraffic, phase: Phase): readonly KnownSeries[] {
  return traffic.series
    .filter((one) => one.measure.kind === 'latency' && one.measure.phase === phase)
    .toSorted((a, b) => a.rank - b.rank);
}

function requestsByMinute(
  db: Db,
  identityIds: readonly number[],
  window: Window,
): ReadonlyMap<number, number> {
  const rows = db
    .prepare(
      `SELECT minute, sum(requests) FROM usage_minute WHERE identity_id IN (SELECT value FROM json_each(?))
       AND minute >= ? AND minute < ? AND requests > 0 GROUP BY minute`,
    )
    .raw()
    .all(JSON.stringify(identityIds), window.start / minuteMs, window.end / minuteMs);
  return new Map(rows as [number, number][]);
}

export interface LatencyRollup {
  renew(traffic: KnownTraffic, window: Window): void;
}

/**
 * Latency by hour. Percentiles do not survive: they are never merged. An hour without a reading keeps its row: its minutes
 * have aged.
 */
export function openLatencyRollup(
  db: Db,
  readings: ReadingStore,
  identities: Identities,
): LatencyRollup {
  const drop = db.prepare(
    'DELETE FROM latency_hour WHERE identity_id = ? AND minute >= ? AND minute < ?',
  );
  const insert = db.prepare('INSERT INTO latency_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)');
  return {
    renew(traffic, window) {
      const hours = { start: floorTo(window.start, hourMs), end: ceilTo(window.end, hourMs) };
      if (!traffic.series.some((one) => one.measure.kind === 'latency')) return;
      const minutes = latencyPoints(db, readings, identities, traffic, hours, 60);
      const covered = new Set(minutes.map(hourOf));
      const coarse = latencyPoints(db, readings, identities, traffic, hours, 3_600).filter(
        (point) => !covered.has(hourOf(point)),
      );
      const read = new Set([...minutes, ...coarse].map(({ minute }) => Math.floor(minute / 60)));
      for (const id of identities.idsOf(traffic.id)) {
        for (const hour of read) drop.run(id, hour * 60, (hour + 1) * 60);
      }
      for (const sum of mergeLatency([...minutes, ...coarse], 60)) {
        insert.run(
          sum.identityId,
          sum.phase,
          sum.minute,
          sum.count,
          sum.weight,
          sum.avgMs === null ? null : sum.avgMs * sum.weight,
          sum.minMs,
          sum.maxMs,
        );
      }
    },
  };
}

/** Numbers make a cheaper key than text: there are as many points as minutes. */
function bucketKey({ identityId, phase }: LatencyPoint, bucket: number): number {
  return (identityId * 2 + (phase === 'request' ? 0 : 1)) * 2 ** 26 + bucket;
}

function hourOf(point: LatencyPoint): number {
  return bucketKey(point, Math.floor(point.minute / 60));
}

/** Points of one identity and phase that share a bucket, as one; `bucketMinutes` 0: all of them. */
export function mergeLatency(
  points: readonly LatencyPoint[],
  bucketMinutes: number,
): readonly LatencyPoint[] {
  const merged = new Map<number, { -readonly [K in keyof LatencyPoint]: LatencyPoint[K] }>();
  for (const point of points) {
    const bucket = bucketMinutes === 0 ? 0 : Math.floor(point.minute / bucketMinutes);
    const key = bucketKey(point, bucket);
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, { ...point, minute: bucket * bucketMinutes });
      continue;
    }
    known.avgMs = weightedMean(known, point);
    known.weight += point.weight;
    known.count = known.count === null || point.count === null ? null : known.count + point.count;
    known.minMs = extreme(Math.min, known.minMs, point.minMs);
    known.maxMs = extreme(Math.max, known.maxMs, point.maxMs);
    known.p90Ms = null;
  }
  return [...merged.values()];
}

function weightedMean(a: LatencyPoint, b: LatencyPoint): number | null {
  if (a.avgMs === null || b.avgMs === null) return a.avgMs ?? b.avgMs;
  return (a.avgMs * a.weight + b.avgMs * b.weight) / (a.weight + b.weight);
}

function extreme(
  pick: (a: number, b: number) => number,
  a: number | null,
  b: number | null,
): number | null {
  if (a === null || b === null) return a ?? b;
  return pick(a, b);
}
