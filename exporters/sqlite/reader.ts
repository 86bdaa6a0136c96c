import type { AmountQuery, LatencyRow, UsageReader } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { LatencyHours } from './latency-hours.ts';
import type { LatencyMinutes } from './latency-minutes.ts';
import type { Registry } from './registry.ts';
import { openHoursOfDay } from './hours-of-day.ts';
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
  readonly coverage: () => Coverage;
  /** Another one whenever targets were listed. */
  readonly listings: () => number;
  readonly sums: Sums;
  readonly latencyHours: LatencyHours;
  readonly latencyMinutes: LatencyMinutes;
  readonly interpretation: Interpretation;
}

export function createReader(parts: ReaderParts): UsageReader {
  const calibrations = openCalibrations(parts.db);
  const names = openIdentityRows(parts);
  const covered = openTrafficCoverage(parts);
  return {
    identities: () => Promise.resolve(names()),
    coverageByTraffic: (periodSeconds) => Promise.resolve(covered(periodSeconds)),
    amounts: openAmounts(parts.db),
    sums: (query) => parts.sums.sums(query),
    sumTable: (query) => parts.sums.sumTable(query),
    hoursOfDay: openHoursOfDay(parts.db),
    readUntil: () => Promise.resolve(parts.coverage().readUntil()),
    async latency(query) {
      if (query.grain !== 'minute') return parts.latencyHours.latency(query);
      return minuteRows(parts, query);
    },
    async eachLatency(query, visit) {
      if (query.grain !== 'minute') return parts.latencyHours.each(query, visit);
      for (const row of minuteRows(parts, query)) visit(row);
    },
    ...createCapacityReader(parts.db, parts.interpretation),
    calibrations: () => calibrations.calibrations(),
  };
}

function minuteRows({ latencyMinutes }: ReaderParts, query: AmountQuery): readonly LatencyRow[] {
  const { bucketMs, window } = query;
  // Named one by one: copying the rest of an object is many times slower.
  return latencyMinutes.points(query).map((point) => ({
    identityId: point.identityId,
    phase: point.phase,
    bucket: bucketMs === 0 ? window.start : point.minute * minuteMs,
    count: point.count,
    weight: point.weight,
    avgMs: point.avgMs,
    minMs: point.minMs,
    maxMs: point.maxMs,
    p90Ms: point.p90Ms,
  }));
}
