import type { AmountQuery, LatencyRow, UsageReader } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import { openLatencyHours } from './latency-hours.ts';
import { mergeLatency, openLatencyPoints } from './latency.ts';
import type { LatencyPoint } from './latency.ts';
import type { ReadingStore } from './readings.ts';
import type { Registry } from './registry.ts';
import { openIdentityRows } from './identity-rows.ts';
import { openTrafficCoverage } from './traffic-coverage.ts';
import { openAmounts } from './amounts.ts';
import { openCalibrations } from './calibrations.ts';
import { createCapacityReader } from './capacity-reader.ts';
import type { Coverage } from './coverage.ts';
import type { Sums } from './sums.ts';

export interface ReaderParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly identities: () => Identities;
  readonly readings: ReadingStore;
  readonly coverage: () => Coverage;
  /** Another one whenever targets were listed. */
  readonly listings: () => number;
  readonly sums: Sums;
  readonly interpretation: Interpretation;
}

export function createReader(parts: ReaderParts): UsageReader {
  const calibrations = openCalibrations(parts.db);
  const names = openIdentityRows(parts);
  const covered = openTrafficCoverage(parts);
  const hours = openLatencyHours(parts.db);
  return {
    identities: () => Promise.resolve(names()),
    coverageByTraffic: (periodSeconds) => Promise.resolve(covered(periodSeconds)),
    amounts: openAmounts(parts.db),
    sums: (query) => parts.sums.sums(query),
    readUntil: () => Promise.resolve(parts.coverage().readUntil()),
    latency: (query) => readLatency(parts, hours, query),
    ...createCapacityReader(parts.db, parts.interpretation),
    calibrations: () => calibrations.calibrations(),
  };
}

async function readLatency(
  parts: ReaderParts,
  hours: ReturnType<typeof openLatencyHours>,
  query: AmountQuery,
): Promise<readonly LatencyRow[]> {
  const points =
    query.grain === 'minute'
      ? mergeLatency(minutePoints(parts, query), query.bucketMs / minuteMs)
      : await hours(query);
  return points.map((point) => ({
    identityId: point.identityId,
    phase: point.phase,
    bucket: query.bucketMs === 0 ? query.window.start : point.minute * minuteMs,
    count: point.count,
    weight: point.weight,
    avgMs: point.avgMs,
    minMs: point.minMs,
    maxMs: point.maxMs,
    p90Ms: point.p90Ms,
  }));
}

function minutePoints(parts: ReaderParts, query: AmountQuery): readonly LatencyPoint[] {
  const wanted = new Set(query.identityIds);
  const identities = parts.identities();
  const pointsOf = openLatencyPoints(parts.db, parts.readings);
  return [...parts.registry().traffics()].flatMap((traffic) =>
    identities.idsOf(traffic.id).some((id) => wanted.has(id))
      ? pointsOf(traffic, identities, query.window, 60, 1).filter((point) =>
          wanted.has(point.identityId),
        )
      : [],
  );
}
