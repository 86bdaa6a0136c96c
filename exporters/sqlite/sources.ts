import type { Cloud } from '../../agent/core/collector.ts';
import type { FailureReason } from '../../agent/core/errors.ts';
import type { TargetStatus } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { unreadTarget } from '../../agent/core/unread-target.ts';
import { intersectAll, union } from '../../agent/core/window.ts';
import { readBillStatus } from './bill-status.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import { openIrregularities } from './irregularities.ts';
import type { Registry } from './registry.ts';

interface SourceParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly coverage: () => Coverage;
  /** Another one whenever targets were listed. */
  readonly listings: () => number;
}

interface StatusRecord {
  id: number;
  name: string;
  source: string;
  cloud: Cloud;
  account: string;
  region: string;
  resource: string;
  labels: string;
  last_success_at: number | null;
  next_poll_at: number | null;
  cadence_seconds: number | null;
  slowed: string | null;
}

interface FailureRecord {
  scope: string;
  source: string;
  reason: FailureReason;
  operation: string;
  message: string;
  hint: string;
  at: number;
  /** Null of what failed before the column was there. */
  since_at: number | null;
  next_try_at: number;
}

/** What a target is made of and how far it was read: another one when something was listed or read. */
interface Made {
  readonly series: number;
  readonly units: readonly number[];
  readonly watermark: Instant | null;
}

/**
 * One row a target, one for each scope that is asked for bills, and one for each scope that failed before anything could
 * be seen in it.
 */
export function openSources(parts: SourceParts): () => readonly TargetStatus[] {
  const { db } = parts;
  const failed = db.prepare<[], FailureRecord>('SELECT * FROM failure ORDER BY scope');
  const listed = db.prepare<[], StatusRecord>(
    `SELECT id, name, source, cloud, account, region, resource, labels, last_success_at, next_poll_at,
       cadence_seconds, slowed FROM target WHERE active = 1 ORDER BY name`,
  );
  const makeOf = rememberedMakes(parts);
  const irregularities = openIrregularities(db);
  return () => {
    const failures = new Map(failed.all().map((row) => [row.scope, row]));
    const make = makeOf();
    const oddOf = irregularities();
    const known = listed
      .all()
      .map((row) => statusOf(row, make(row.id), failures.get(row.name), oddOf(row.id)));
    const billed = readBillStatus(db).map((row) => withFailure(row, failures.get(row.target)));
    const names = new Set([...known, ...billed].map(({ target }) => target));
    const blind = [...failures.values()].filter((row) => !names.has(row.scope)).map(blindStatus);
    return [...known, ...billed, ...blind];
  };
}

const nothingMade = { series: 0, units: [] };

/** By target: what stays the same until anything is listed, read or new. */
function rememberedMakes(parts: SourceParts): () => (targetId: number) => Made {
  const { db } = parts;
  const countSeries = db
    .prepare<[], [targetId: number, count: number]>(
      'SELECT unit.target_id, count(*) FROM series JOIN unit ON unit.id = series.unit_id GROUP BY 1',
    )
    .raw();
  const activeUnits = db
    .prepare<[], [targetId: number, id: number]>(
      'SELECT target_id, id FROM unit WHERE active = 1 ORDER BY target_id, id',
    )
    .raw();

  function readMakes(): ReadonlyMap<number, Omit<Made, 'watermark'>> {
    const units = new Map<number, number[]>();
    for (const [targetId, id] of activeUnits.all()) {
      const own = units.get(targetId);
      if (own === undefined) units.set(targetId, [id]);
      else own.push(id);
    }
    const series = new Map(countSeries.all());
    const targets = new Set([...units.keys(), ...series.keys()]);
    return new Map(
      [...targets].map((id) => [id, { series: series.get(id) ?? 0, units: units.get(id) ?? [] }]),
    );
  }

  const makes = keptWhile(readMakes);
  const watermarks = keptWhile(() => new Map<number, Instant | null>());
  return () => {
    const coverage = parts.coverage();
    // What another process writes is not seen here before it is read: then the same is read each time.
    const registry = db.readonly ? undefined : parts.registry();
    const made = makes([registry ?? {}, registry?.version, parts.listings()]);
    const known = watermarks([coverage, coverage.version, made]);
    return (targetId) => {
      const own = made.get(targetId) ?? nothingMade;
      let watermark = known.get(targetId);
      if (watermark === undefined) {
        watermark = watermarkOf(coverage, own.units);
        known.set(targetId, watermark);
      }
      return { ...own, watermark };
    };
  };
}

/** Makes something anew whenever one of those that it is made from is another. */
function keptWhile<Kept>(make: () => Kept): (of: readonly unknown[]) => Kept {
  let kept: { readonly made: Kept; readonly of: readonly unknown[] } | undefined;
  return (of) => {
    if (kept === undefined || of.some((one, place) => one !== kept?.of[place])) {
      kept = { made: make(), of };
    }
    return kept.made;
  };
}

function withFailure(row: TargetStatus, failure: FailureRecord | undefined): TargetStatus {
  if (failure === undefined) return row;
  return { ...row, failure: failureOf(failure), nextPoll: failure.next_try_at };
}

function statusOf(
  row: StatusRecord,
  { series, units, watermark }: Made,
  failure: FailureRecord | undefined,
  irregularities: TargetStatus['irregularities'],
): TargetStatus {
  return {
    source: row.source,
    target: row.name,
    cloud: row.cloud,
    account: row.account,
    region: row.region,
    resource: row.resource,
    labels: JSON.parse(row.labels) as Record<string, string>,
    lastSuccess: row.last_success_at,
    watermark,
    failure: failure === undefined ? null : failureOf(failure),
    series,
    units: units.length,
    nextPoll: failure?.next_try_at ?? row.next_poll_at,
    cadenceSeconds: row.cadence_seconds,
    slowed: row.slowed,
    irregularities,
  };
}

function blindStatus(failure: FailureRecord): TargetStatus {
  return withFailure(unreadTarget(failure.source, failure.scope), failure);
}

function failureOf(row: FailureRecord): NonNullable<TargetStatus['failure']> {
  const { reason, operation, message, hint, at } = row;
  return { reason, operation, message, hint, at, since: row.since_at ?? at };
}

function watermarkOf(coverage: Coverage, units: readonly number[]): Instant | null {
  let settled: readonly Window[] | undefined;
  // Units that were read alike have the same list.
  for (const read of new Set(units.map((unit) => coverage.of(unit)))) {
    const spans = union(read.filter((span) => span.settled));
    settled = settled === undefined ? spans : intersectAll(settled, spans);
  }
  return settled?.at(-1)?.end ?? null;
}
