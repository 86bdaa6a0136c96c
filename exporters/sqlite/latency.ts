import type { Phase } from '../../agent/core/meter.ts';
import type { Window } from '../../agent/core/time.ts';
import { ceilTo, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import { pointsWith } from './held.ts';
import type { Held } from './held.ts';
import { identityAt } from './identities.ts';
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
 * A traffic's latency by period of `periodSeconds`, as one point a bucket of `bucketMinutes`.
 * `held`: readings of it that need not be read
 */
export type LatencyPoints = (
  traffic: KnownTraffic,
  identities: Identities,
  window: Window,
  periodSeconds: number,
  bucketMinutes: number,
  held?: Held,
) => readonly LatencyPoint[];

/**
 * A mean over more than one is weighted by the vendor's count; where there is none (Azure) by the requests of the same
 * minute, which is the number of things that were averaged.
 */
export function openLatencyPoints(db: Db, readings: ReadingStore): LatencyPoints {
  const requestsOf = openRequests(db);
  return (traffic, identities, window, periodSeconds, bucketMinutes, held) => {
    const pointsOf = pointsWith(readings, held);
    const merged: Buckets = new Map();
    /** One for all rows, for `merge` takes copies. */
    const point: MutablePoint = { ...noPoint };
    let requests: ReadonlyMap<number, number> | undefined;
    for (const phase of ['request', 'first_token'] as const) {
      const claimed = new Set<number>();
      for (const series of latencySeries(traffic, phase)) {
        const spans = identities.of(traffic.id, series.facet);
        for (const row of pointsOf(series.id, periodSeconds, window)) {
          const minute = row[0];
          if (claimed.has(minute)) continue;
          const sum = row[1];
          const count = row[2] ?? null;
          const max = row[4] ?? null;
          const avgMs = row[5] ?? (sum !== null && count ? sum / count : null);
          if (avgMs === null && max === null) continue;
          claimed.add(minute);
          if (count === null) requests ??= requestsOf(identities.idsOf(traffic.id), window);
          const { id } = identityAt(spans, minute * minuteMs);
          point.identityId = id;
          point.phase = phase;
          point.minute = minute;
          point.count = count;
          point.weight = count ?? requests?.get(minute) ?? 1;
          point.avgMs = avgMs;
          point.minMs = row[3] ?? null;
          point.maxMs = max;
          point.p90Ms = row[6] ?? null;
          merge(merged, bucketMinutes, point);
        }
      }
    }
    return [...merged.values()];
  };
}

/** Latency of the traffic as a whole, the preferred vocabulary first. */
function latencySeries(traffic: KnownTraffic, phase: Phase): readonly KnownSeries[] {
  return traffic.series
    .filter((one) => one.measure.kind === 'latency' && one.measure.phase === phase)
    .toSorted((a, b) => a.rank - b.rank);
}

function openRequests(db: Db) {
  const find = db
    .prepare<[number, number, number], [number, number]>(
      `SELECT minute, requests FROM usage_minute WHERE identity_id = ? AND minute >= ? AND minute < ? AND requests > 0`,
    )
    .raw();
  return (identityIds: readonly number[], { start, end }: Window): ReadonlyMap<number, number> => {
    const requests = new Map<number, number>();
    for (const id of identityIds) {
      for (const [minute, count] of find.all(id, start / minuteMs, end / minuteMs)) {
        requests.set(minute, (requests.get(minute) ?? 0) + count);
      }
    }
    return requests;
  };
}

export interface LatencyRollup {
  /** @param held readings that need not be read for it */
  renew(traffic: KnownTraffic, window: Window, held?: Held): void;
}

/**
 * Latency by hour. Percentiles do not survive: they are never merged. An hour without a reading keeps its row: its minutes
 * have aged.
 */
export function openLatencyRollup(
  db: Db,
  coverage: Coverage,
  readings: ReadingStore,
  identities: Identities,
): LatencyRollup {
  const pointsOf = openLatencyPoints(db, readings);
  const drop = db.prepare(
    'DELETE FROM latency_hour WHERE identity_id = ? AND minute >= ? AND minute < ?',
  );
  const insert = db.prepare('INSERT INTO latency_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)');

  /** Hour-long readings of hours no minute tells of. */
  function coarseOf(
    traffic: KnownTraffic,
    hours: Window,
    ofMinutes: readonly LatencyPoint[],
    held: Held | undefined,
  ): readonly LatencyPoint[] {
    if (coverage.coarseUntil(traffic.series.map((one) => one.unitId)) <= hours.start) return [];
    const told = new Set(ofMinutes.map(hourOf));
    return pointsOf(traffic, identities, hours, 3_600, 60, held).filter(
      (point) => !told.has(hourOf(point)),
    );
  }

  return {
    renew(traffic, window, held) {
      const hours = { start: floorTo(window.start, hourMs), end: ceilTo(window.end, hourMs) };
      if (!traffic.series.some((one) => one.measure.kind === 'latency')) return;
      const ofMinutes = pointsOf(traffic, identities, hours, 60, 60, held);
      const points = [...ofMinutes, ...coarseOf(traffic, hours, ofMinutes, held)];
      const read = new Set<number>();
      for (const { minute } of points) read.add(Math.floor(minute / 60));
      for (const id of identities.idsOf(traffic.id)) {
        for (const hour of read) drop.run(id, hour * 60, (hour + 1) * 60);
      }
      for (const sum of points) {
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
  const merged: Buckets = new Map();
  for (const point of points) merge(merged, bucketMinutes, point);
  return [...merged.values()];
}

/** For sums that are made in place. */
export type Mutable<Point> = { -readonly [K in keyof Point]: Point[K] };
type MutablePoint = Mutable<LatencyPoint>;
type Buckets = Map<number, MutablePoint>;

const noPoint: LatencyPoint = {
  identityId: 0,
  phase: 'request',
  minute: 0,
  count: null,
  weight: 0,
  avgMs: null,
  minMs: null,
  maxMs: null,
  p90Ms: null,
};

function merge(into: Buckets, bucketMinutes: number, point: LatencyPoint): void {
  const bucket = bucketMinutes === 0 ? 0 : Math.floor(point.minute / bucketMinutes);
  const key = bucketKey(point, bucket);
  const known = into.get(key);
  if (known === undefined) {
    into.set(key, { ...point, minute: bucket * bucketMinutes });
    return;
  }
  addPoint(known, point);
}

type Figures = Pick<LatencyPoint, 'count' | 'weight' | 'avgMs' | 'minMs' | 'maxMs' | 'p90Ms'>;

/** Adds a point to one of its identity, phase and bucket. */
export function addPoint(known: Mutable<Figures>, point: Figures): void {
  known.avgMs = weightedMean(known, point);
  known.weight += point.weight;
  known.count = known.count === null || point.count === null ? null : known.count + point.count;
  known.minMs = extreme(Math.min, known.minMs, point.minMs);
  known.maxMs = extreme(Math.max, known.maxMs, point.maxMs);
  known.p90Ms = null;
}

function weightedMean(a: Figures, b: Figures): number | null {
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
