import type {
  AmountQuery,
  AmountRow,
  IdentityRow,
  LatencyRow,
  TrafficCoverage,
  UsageReader,
} from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import type { Phase } from '../../agent/core/meter.ts';
import type { Db } from './database.ts';
import { identityFrom } from './identities.ts';
import type { IdentityRecord } from './identities.ts';
import type { Identities } from './identities.ts';
import { mergeLatency, openLatencyPoints } from './latency.ts';
import type { LatencyPoint } from './latency.ts';
import type { ReadingStore } from './readings.ts';
import type { Registry, TrafficRecord } from './registry.ts';
import { trafficCoverage } from './traffic-coverage.ts';
import { amountColumns, costColumns, costsFrom, costSums, tokensOfRow } from './amount-columns.ts';
import { amountsFrom } from './amount-columns.ts';
import type { AmountRecord, CostRecord } from './amount-columns.ts';
import { openCalibrations } from './calibrations.ts';
import { createCapacityReader } from './capacity-reader.ts';
import type { Coverage } from './coverage.ts';

export interface ReaderParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly identities: () => Identities;
  readonly readings: ReadingStore;
  readonly coverage: Coverage;
  readonly interpretation: Interpretation;
}

const tables = { minute: 'usage_minute', hour: 'usage_hour', day: 'usage_day' } as const;

export function createReader(parts: ReaderParts): UsageReader {
  const calibrations = openCalibrations(parts.db);
  return {
    identities: () => Promise.resolve(readIdentities(parts)),
    coverageByTraffic: (periodSeconds) => Promise.resolve(readCoverage(parts, periodSeconds)),
    amounts: (query) => Promise.resolve(readAmounts(parts.db, query)),
    latency: (query) => Promise.resolve(readLatency(parts, query)),
    ...createCapacityReader(parts.db, parts.interpretation),
    calibrations: () => calibrations.calibrations(),
  };
}

function readIdentities({ db, registry, interpretation }: ReaderParts): readonly IdentityRow[] {
  const known = registry();
  const rows = db
    .prepare(
      `SELECT identity.*, facet.traffic_id, facet.tier AS facet_tier, facet.model_name, facet.model_version AS facet_version,
         traffic.cloud, traffic.account, traffic.region, traffic.resource, traffic.endpoint
       FROM identity JOIN facet ON facet.id = identity.facet_id JOIN traffic ON traffic.id = facet.traffic_id
       ORDER BY identity.id`,
    )
    .all() as (IdentityRecord &
    TrafficRecord & {
      traffic_id: number;
      facet_tier: string;
      model_name: string;
      facet_version: string;
    })[];
  return rows.map((row) => {
    const { series } = known.traffic(row.traffic_id);
    const { facetId: _, ...identity } = identityFrom(row);
    const metersUsage = series.some(
      (one) =>
        (one.measure.kind === 'tokens' || one.measure.kind === 'requests') &&
        one.facet.tier === row.facet_tier &&
        one.facet.modelName === row.model_name &&
        one.facet.modelVersion === row.facet_version,
    );
    return {
      ...identity,
      trafficId: row.traffic_id,
      cloud: row.cloud,
      account: row.account,
      region: row.region,
      resource: row.resource,
      endpoint: row.endpoint,
      reports: metersUsage
        ? interpretation.reports(series, row.endpoint, row.family)
        : new Set<never>(),
    };
  });
}

function readCoverage(
  { registry, coverage, db }: ReaderParts,
  periodSeconds: number,
): ReadonlyMap<number, TrafficCoverage> {
  const active = new Set(
    db.prepare('SELECT id FROM unit WHERE active = 1').pluck().all() as number[],
  );
  return trafficCoverage([...registry().traffics()], coverage, active, periodSeconds);
}

type Stored<Numbers> = { readonly [Name in keyof Numbers]: bigint | null };

/** Every number is a bigint: money must stay exact. */
interface SumRecord extends Stored<AmountRecord>, Stored<CostRecord> {
  readonly identity_id: bigint;
  readonly bucket: bigint;
  readonly peak: bigint | null;
}

const sums = [
  ...amountColumns.map((name) => `sum(${name}) AS ${name}`),
  ...costColumns.map((name, i) => `${costSums[i]} AS ${name}`),
].join(', ');

function readAmounts(db: Db, query: AmountQuery): readonly AmountRow[] {
  const start = query.window.start / minuteMs;
  const step = query.bucketMs / minuteMs;
  const bucket = step === 0 ? String(start) : `minute / ${step} * ${step}`;
  const peak = query.grain === 'minute' ? `max(${tokensOfRow})` : 'max(peak_tokens)';
  const rows = db
    .prepare(
      `SELECT identity_id, ${bucket} AS bucket, ${sums}, ${peak} AS peak
       FROM ${tables[query.grain]}
       WHERE identity_id IN (SELECT value FROM json_each(?)) AND minute >= ? AND minute < ?
       GROUP BY 1, 2`,
    )
    .safeIntegers(true)
    .all(JSON.stringify(query.identityIds), start, query.window.end / minuteMs) as SumRecord[];
  return rows.map((row) => ({
    identityId: Number(row.identity_id),
    bucket: Number(row.bucket) * minuteMs,
    ...amountsFrom(numbersOf(row)),
    peakTokens: numberOf(row.peak),
    ...costsFrom(row),
  }));
}

function numbersOf(row: Stored<AmountRecord>): AmountRecord {
  return {
    input: numberOf(row.input),
    cache_read: numberOf(row.cache_read),
    cache_write: numberOf(row.cache_write),
    output: numberOf(row.output),
    unsplit_input: numberOf(row.unsplit_input),
    requests: numberOf(row.requests),
    errors: numberOf(row.errors),
    throttles: numberOf(row.throttles),
  };
}

function numberOf(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}

function readLatency(parts: ReaderParts, query: AmountQuery): readonly LatencyRow[] {
  const points =
    query.grain === 'minute' ? minutePoints(parts, query) : hourPoints(parts.db, query);
  return mergeLatency(points, query.bucketMs / minuteMs).map((point) => ({
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

function hourPoints(db: Db, query: AmountQuery): readonly LatencyPoint[] {
  const rows = db
    .prepare(
      `SELECT identity_id, phase, minute, count, weight, weighted_ms, min_ms, max_ms, p90_ms FROM latency_hour
       WHERE identity_id IN (SELECT value FROM json_each(?)) AND minute >= ? AND minute < ?`,
    )
    .all(
      JSON.stringify(query.identityIds),
      query.window.start / minuteMs,
      query.window.end / minuteMs,
    ) as {
    identity_id: number;
    phase: Phase;
    minute: Instant;
    count: number | null;
    weight: number;
    weighted_ms: number | null;
    min_ms: number | null;
    max_ms: number | null;
    p90_ms: number | null;
  }[];
  return rows.map((row) => ({
    identityId: row.identity_id,
    phase: row.phase,
    minute: row.minute,
    count: row.count,
    weight: row.weight,
    avgMs: row.weighted_ms === null ? null : row.weighted_ms / row.weight,
    minMs: row.min_ms,
    maxMs: row.max_ms,
    p90Ms: row.p90_ms,
  }));
}
