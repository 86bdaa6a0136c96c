import type { RereadBook, StatusWriter, TargetStatus } from '../../agent/core/store.ts';
import type { Cloud } from '../../agent/core/collector.ts';
import type { FailureReason } from '../../agent/core/errors.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { intersectAll, union } from '../../agent/core/window.ts';
import { readBillStatus } from './bill-status.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';

export function openStatus(db: Db): StatusWriter & RereadBook {
  const fail = db.prepare(
    `INSERT INTO failure (scope, source, kind, reason, operation, message, hint, at, since_at, next_try_at)
     VALUES (@scope, @source, @kind, @reason, @operation, @message, @hint, @at, @at, @nextTry)
     ON CONFLICT (scope) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, operation = excluded.operation,
       message = excluded.message, hint = excluded.hint, at = excluded.at, next_try_at = excluded.next_try_at`,
  );
  const clear = db.prepare('DELETE FROM failure WHERE scope = ?');
  const settle = db.prepare(
    `DELETE FROM failure WHERE source = @source AND kind = @kind
       AND scope NOT IN (SELECT name FROM target WHERE active = 1)
       AND scope NOT IN (SELECT scope || '/bills/' || source FROM bill_scope WHERE asked_by = @source)
       AND scope NOT IN (SELECT value FROM json_each(@failing))`,
  );
  const nextPoll = db.prepare('UPDATE target SET next_poll_at = ? WHERE name = ?');
  const pace = db.prepare('UPDATE target SET cadence_seconds = ?, slowed = ? WHERE name = ?');
  const reread = db.prepare('UPDATE target SET reread_at = ? WHERE name = ?');
  const rereadAt = db.prepare('SELECT reread_at FROM target WHERE name = ?').pluck();
  return {
    recordFailure({ source, scope, error, at, nextTry, kind = 'usage' }) {
      const { reason, operation, message, hint } = error;
      fail.run({ source, scope, kind, reason, operation, message, hint, at, nextTry });
    },
    clearFailure: (scope) => void clear.run(scope),
    settleScopes: (source, failing, kind = 'usage') =>
      void settle.run({ source, kind, failing: JSON.stringify(failing) }),
    recordNextPoll: (targetId, at) => void nextPoll.run(at, targetId),
    recordPace: (targetId, cadenceSeconds, slowed) =>
      void pace.run(cadenceSeconds, slowed, targetId),
    recordReread: (targetId, at) => void reread.run(at, targetId),
    rereadAt: (targetId) => (rereadAt.get(targetId) as number | null | undefined) ?? undefined,
  };
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
  series: number;
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

/**
 * One row a target, one for each scope that is asked for bills, and one for each scope that failed before anything could
 * be seen in it.
 */
export function readSources(db: Db, coverage: Coverage): readonly TargetStatus[] {
  const failures = new Map(
    (db.prepare('SELECT * FROM failure ORDER BY scope').all() as FailureRecord[]).map((row) => [
      row.scope,
      row,
    ]),
  );
  const targets = db
    .prepare(
      `SELECT target.*, coalesce(told.series, 0) AS series FROM target
         LEFT JOIN (SELECT unit.target_id, count(*) AS series FROM series JOIN unit ON unit.id = series.unit_id
           GROUP BY 1) AS told ON told.target_id = target.id
       WHERE active = 1 ORDER BY name`,
    )
    .all() as StatusRecord[];
  const known = targets.map((row) => statusOf(db, coverage, row, failures.get(row.name)));
  const billed = readBillStatus(db).map((row) => withFailure(row, failures.get(row.target)));
  const names = new Set([...known, ...billed].map(({ target }) => target));
  const blind = [...failures.values()].filter((row) => !names.has(row.scope)).map(blindStatus);
  return [...known, ...billed, ...blind];
}

function withFailure(row: TargetStatus, failure: FailureRecord | undefined): TargetStatus {
  if (failure === undefined) return row;
  return { ...row, failure: failureOf(failure), nextPoll: failure.next_try_at };
}

function statusOf(
  db: Db,
  coverage: Coverage,
  row: StatusRecord,
  failure: FailureRecord | undefined,
): TargetStatus {
  const units = db
    .prepare('SELECT id FROM unit WHERE target_id = ? AND active = 1')
    .pluck()
    .all(row.id) as number[];
  return {
    source: row.source,
    target: row.name,
    cloud: row.cloud,
    account: row.account,
    region: row.region,
    resource: row.resource,
    labels: JSON.parse(row.labels) as Record<string, string>,
    lastSuccess: row.last_success_at,
    watermark: watermarkOf(coverage, units),
    failure: failure === undefined ? null : failureOf(failure),
    series: row.series,
    units: units.length,
    nextPoll: failure?.next_try_at ?? row.next_poll_at,
    cadenceSeconds: row.cadence_seconds,
    slowed: row.slowed,
    irregularities: irregularitiesOf(db, row.id),
  };
}

function blindStatus(failure: FailureRecord): TargetStatus {
  return {
    source: failure.source,
    target: failure.scope,
    cloud: null,
    account: '',
    region: '',
    resource: '',
    labels: {},
    lastSuccess: null,
    watermark: null,
    failure: failureOf(failure),
    series: 0,
    units: 0,
    nextPoll: failure.next_try_at,
    cadenceSeconds: null,
    slowed: null,
    irregularities: {},
  };
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

function irregularitiesOf(db: Db, targetId: number): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  const rejected = db
    .prepare('SELECT reason, count FROM rejection WHERE target_id = ?')
    .all(targetId) as { reason: string; count: number }[];
  for (const { reason, count } of rejected) found[`rejected_${reason}`] = count;
  const ofTarget =
    'SELECT series.id FROM series JOIN unit ON unit.id = series.unit_id WHERE unit.target_id = ?';
  const vanished = db
    .prepare(`SELECT count(*) FROM vanished WHERE series_id IN (${ofTarget})`)
    .pluck()
    .get(targetId) as number;
  if (vanished > 0) found['vanished'] = vanished;
  const violations = db
    .prepare(
      `SELECT count(*) FROM usage_minute WHERE violation = 1 AND identity_id IN (SELECT identity.id FROM identity
         JOIN facet ON facet.id = identity.facet_id WHERE facet.traffic_id IN (SELECT series.traffic_id FROM series
         JOIN unit ON unit.id = series.unit_id WHERE unit.target_id = ?))
         AND minute < (SELECT max(end_minute) FROM coverage JOIN unit ON unit.id = coverage.unit_id
           WHERE unit.target_id = ? AND settled = 1)`,
    )
    .pluck()
    .get(targetId, targetId) as number;
  if (violations > 0) found['contract_violation'] = violations;
  return found;
}
