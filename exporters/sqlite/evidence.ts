import type {
  EvidencePoint,
  EvidenceReader,
  EvidenceRow,
  EvidenceSpan,
  NearestUsage,
  SeriesEvidence,
  TrafficEvidence,
} from '../../agent/core/evidence.ts';
import type { CatalogRow, Statistic } from '../../agent/core/meter.ts';
import type { Revision } from '../../agent/core/ledger-rows.ts';
import { facetName } from '../../agent/core/reading.ts';
import type { FacetKey } from '../../agent/core/reading.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { hourMs, minuteMs, secondMs } from '../../agent/core/time.ts';
import type { Interpretation, TracedRow } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import { identityAt, identityFrom } from './identities.ts';
import type { IdentityRecord, KnownIdentity } from './identities.ts';
import type { KnownSeries, KnownTraffic, Registry } from './registry.ts';
import { mostInput } from './most-input.ts';
import { revisionFrom } from './revisions.ts';
import type { RevisionRecord } from './revisions.ts';
import { usageRows } from './usage-rows.ts';

export interface EvidenceParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly interpretation: Interpretation;
}

const statistics: readonly Statistic[] = ['sum', 'count', 'min', 'max', 'avg', 'p90'];

/** Reads what stands behind one figure; nothing of it is kept in memory. */
export function createEvidenceReader(parts: EvidenceParts): EvidenceReader {
  return {
    evidence: (trafficId, window) => Promise.resolve(readEvidence(parts, trafficId, window)),
    nearestUsage: (ids, at) => Promise.resolve(readNearest(parts.db, ids, at)),
  };
}

function readEvidence(parts: EvidenceParts, trafficId: number, window: Window): TrafficEvidence {
  const { db, registry } = parts;
  const traffic = registry().traffic(trafficId);
  const series = traffic.series.map((one) => seriesEvidence(db, one, window));
  return {
    traffic: traffic.key,
    series,
    rows: rowsOf(parts, traffic, series, window),
    revisions: readRevisions(db, trafficId, window),
  };
}

interface UnitRecord {
  readonly target: string;
  readonly labels: string;
  readonly catalog_rows: string;
  readonly row_id: string;
}

function seriesEvidence(db: Db, series: KnownSeries, window: Window): SeriesEvidence {
  const unit = db
    .prepare(
      `SELECT target.name AS target, labels, catalog_rows, row_id
       FROM unit JOIN target ON target.id = target_id WHERE unit.id = ?`,
    )
    .get(series.unitId) as UnitRecord;
  const row = (JSON.parse(unit.catalog_rows) as CatalogRow[]).find(({ id }) => id === unit.row_id);
  return {
    series,
    target: unit.target,
    labels: JSON.parse(unit.labels) as Record<string, string>,
    statistics: row?.statistics ?? [],
    points: pointsOf(db, series.id, window),
    spans: spansOf(db, series.unitId, window),
  };
}

type PointRecord = { readonly minute: number; readonly period_seconds: number } & {
  readonly seen_at: number | null;
} & Readonly<Record<Statistic, number | null>>;

/** Readings of a period longer than the window tell nothing of it. */
function pointsOf(db: Db, seriesId: number, window: Window): readonly EvidencePoint[] {
  const rows = db
    .prepare(
      `SELECT minute, period_seconds, ${statistics.join(', ')}, seen_at
       FROM reading LEFT JOIN vanished USING (series_id, period_seconds, minute)
       WHERE series_id = ? AND period_seconds <= ? AND minute >= ? AND minute < ? ORDER BY period_seconds, minute`,
    )
    .all(
      seriesId,
      secondsOf(window),
      window.start / minuteMs,
      window.end / minuteMs,
    ) as PointRecord[];
  return rows.map((row) => ({
    start: row.minute * minuteMs,
    periodSeconds: row.period_seconds,
    values: Object.fromEntries(
      statistics.flatMap((name) => (row[name] === null ? [] : [[name, row[name]]])),
    ),
    vanishedAt: row.seen_at,
  }));
}

function spansOf(db: Db, unitId: number, window: Window): readonly EvidenceSpan[] {
  const rows = db
    .prepare(
      `SELECT period_seconds, start_minute, end_minute, settled, read_at FROM coverage
       WHERE unit_id = ? AND period_seconds <= ? AND start_minute < ? AND end_minute > ?
       ORDER BY period_seconds, start_minute`,
    )
    .all(unitId, secondsOf(window), window.end / minuteMs, window.start / minuteMs) as {
    period_seconds: number;
    start_minute: number;
    end_minute: number;
    settled: number;
    read_at: number;
  }[];
  return rows.map((row) => ({
    start: row.start_minute * minuteMs,
    end: row.end_minute * minuteMs,
    periodSeconds: row.period_seconds,
    settled: row.settled === 1,
    readAt: row.read_at,
  }));
}

/** The stored rows of the window, each with what its readings make of it now. */
function rowsOf(
  { db, interpretation }: EvidenceParts,
  { id: trafficId, series: all }: KnownTraffic,
  evidence: readonly SeriesEvidence[],
  window: Window,
): readonly EvidenceRow[] {
  const facets = facetsOf(db, trafficId);
  const ids = [...facets.values()].flat().map(({ id }) => id);
  const series = all.filter(({ measure: { kind } }) => kind === 'tokens' || kind === 'requests');
  const points = new Map<string, EvidencePoint>(
    evidence.flatMap(({ series: { id }, points: own }) =>
      own.map((point) => [`${id}@${point.periodSeconds}@${point.start}`, point] as const),
    ),
  );
  const known = new Map<string, ReadonlyMap<number, TracedRow>>();
  const tracedAt = (start: Instant, periodSeconds: number) => {
    const key = `${periodSeconds}@${start}`;
    let rows = known.get(key);
    if (rows === undefined) {
      const valueOf = (id: number) => points.get(`${id}@${key}`)?.values.sum;
      const familyOf = (facet: FacetKey) => identityOf(facets, facet, start)?.family ?? 'unknown';
      const traced = interpretation.trace(series, valueOf, familyOf);
      rows = new Map(
        traced.flatMap((row) => {
          const identity = identityOf(facets, row.facet, start);
          return identity === undefined ? [] : [[identity.id, row] as const];
        }),
      );
      known.set(key, rows);
    }
    return rows;
  };
  return usageRows(db, ids, window).map(({ peakTokens, ...row }) => {
    const largestOf = (id: number) => {
      const values = points.get(`${id}@${row.periodSeconds}@${row.start}`)?.values;
      return values && { sum: values.sum ?? null, max: values.max ?? null };
    };
    return {
      ...row,
      mostInputTokens: peakTokens ?? mostInput(series, largestOf),
      traced: tracedAt(row.start, row.periodSeconds).get(row.identityId),
    };
  });
}

type Facets = ReadonlyMap<string, readonly KnownIdentity[]>;

function facetsOf(db: Db, trafficId: number): Facets {
  const rows = db
    .prepare(
      `SELECT identity.*, facet.tier AS facet_tier, facet.model_name, facet.model_version AS facet_version
       FROM identity JOIN facet ON facet.id = facet_id WHERE traffic_id = ? ORDER BY from_at`,
    )
    .all(trafficId) as (IdentityRecord & {
    readonly facet_tier: FacetKey['tier'];
    readonly model_name: string;
    readonly facet_version: string;
  })[];
  const facets = new Map<string, KnownIdentity[]>();
  for (const row of rows) {
    const name = facetName({
      tier: row.facet_tier,
      modelName: row.model_name,
      modelVersion: row.facet_version,
    });
    facets.set(name, [...(facets.get(name) ?? []), identityFrom(row)]);
  }
  return facets;
}

function identityOf(facets: Facets, facet: FacetKey, at: Instant): KnownIdentity | undefined {
  const spans = facets.get(facetName(facet));
  return spans && identityAt(spans, at);
}

function readRevisions(db: Db, trafficId: number, window: Window): readonly Revision[] {
  const rows = db
    .prepare<[number, number, number], RevisionRecord>(
      `SELECT * FROM revision WHERE traffic_id = ? AND start_minute < ? AND end_minute > ? ORDER BY sequence`,
    )
    .all(trafficId, window.end / minuteMs, window.start / minuteMs);
  return rows.map(revisionFrom);
}

function readNearest(db: Db, identityIds: readonly number[], at: Instant): NearestUsage {
  const near = (table: string, step: number): Instant | null => {
    const minute = Math.floor(at / step) * (step / minuteMs);
    const { before, after } = db
      .prepare(
        `SELECT
           max((SELECT max(minute) FROM ${table} WHERE identity_id = value AND minute <= @minute)) AS before,
           min((SELECT min(minute) FROM ${table} WHERE identity_id = value AND minute >= @minute)) AS after
         FROM json_each(@ids)`,
      )
      .get({ minute, ids: JSON.stringify(identityIds) }) as {
      before: number | null;
      after: number | null;
    };
    if (before === null) return after === null ? null : after * minuteMs;
    const isBefore = after === null || minute - before <= after - minute;
    return (isBefore ? before : after) * minuteMs;
  };
  return { minute: near('usage_minute', minuteMs), hour: near('usage_hour', hourMs) };
}

function secondsOf({ start, end }: Window): number {
  return (end - start) / secondMs;
}
