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
    latency: (query) => readLatency(parts, query),
    ...createCapacityReader(parts.db, parts.interpretation),
    calibrations: () => calibrations.calibrations(),
  };
}

async function readLatency(
  { latencyHours, latencyMinutes }: ReaderParts,
  query: AmountQuery,
): Promise<readonly LatencyRow[]> {
  if (query.grain !== 'minute') return latencyHours.latency(query);
  return latencyMinutes.points(query).map(({ minute, ...figures }) => ({
    ...figures,
    bucket: query.bucketMs === 0 ? query.window.start : minute * minuteMs,
  }));
}
