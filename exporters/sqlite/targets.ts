import type { Discovery, MeterUnit, Retention, Target } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

/** Targets and their units as the ledger remembers them. */
export interface Targets {
  idOf(name: string): number;
  /** Row id of each of the target's units, and how long its meter takes to settle, by unit key. */
  unitsOf(targetId: number): ReadonlyMap<string, KnownUnit>;
  record(source: string, discovery: Discovery, at: Instant): readonly Target[];
  /** All that are polled. */
  polled(): readonly Target[];
}

export interface KnownUnit {
  readonly id: number;
  readonly settleSeconds: number;
  readonly active: boolean;
}

interface TargetRecord {
  id: number;
  name: string;
  source: string;
  cloud: Target['cloud'];
  account: string;
  region: string;
  resource: string;
  labels: string;
  catalog_rows: string;
  retention: string;
  remember_units: number;
  active: number;
}

interface UnitRecord {
  id: number;
  key: string;
  row_id: string;
  metric: string;
  dimensions: string;
  active: number;
}

export function openTargets(db: Db): Targets {
  const upsertTarget = db.prepare(
    `INSERT INTO target (name, source, cloud, account, region, resource, labels, catalog_rows, retention,
       remember_units, active, first_seen_at)
     VALUES (@id, @source, @cloud, @account, @region, @resource, @labels, @rows, @retention, @rememberUnits, 1, @at)
     ON CONFLICT (name) DO UPDATE SET labels = excluded.labels, catalog_rows = excluded.catalog_rows,
       retention = excluded.retention, remember_units = excluded.remember_units, active = 1
     RETURNING id`,
  );
  const upsertUnit = db.prepare(
    `INSERT INTO unit (target_id, key, row_id, metric, dimensions, settle_seconds, active, first_seen_at, last_listed_at)
     VALUES (@targetId, @key, @rowId, @metric, @dimensions, @settleSeconds, 1, @at, @at)
     ON CONFLICT (target_id, key) DO UPDATE SET active = 1, last_listed_at = excluded.last_listed_at,
       settle_seconds = excluded.settle_seconds`,
  );
  const retireUnits = db.prepare(
    'UPDATE unit SET active = 0 WHERE target_id = ? AND active = 1 AND last_listed_at < ?',
  );
  const unitsByTarget = db.prepare('SELECT * FROM unit WHERE target_id = ? ORDER BY id');
  const knownUnits = db
    .prepare<[number], readonly [key: string, id: number, settleSeconds: number, isActive: number]>(
      'SELECT key, id, settle_seconds, active FROM unit WHERE target_id = ? ORDER BY id',
    )
    .raw();
  const targetByName = db.prepare('SELECT id FROM target WHERE name = ?').pluck();
  const bySource = db.prepare('SELECT * FROM target WHERE source = ? ORDER BY id');
  const active = db.prepare('SELECT * FROM target WHERE active = 1 ORDER BY name');
  const deactivate = db.prepare('UPDATE target SET active = 0 WHERE id = ?');

  function recordTarget(target: Target, at: Instant): void {
    const { id: targetId } = upsertTarget.get({
      ...target,
      labels: JSON.stringify(target.labels),
      rows: JSON.stringify(target.rows),
      retention: JSON.stringify(target.retention),
      rememberUnits: target.rememberUnits ? 1 : 0,
      at,
    }) as { id: number };
    const settle = new Map(target.rows.map((row) => [row.id, row.settleSeconds]));
    for (const unit of target.units) {
      upsertUnit.run({
        ...unit,
        targetId,
        dimensions: JSON.stringify(unit.dimensions),
        settleSeconds: settle.get(unit.rowId) ?? 0,
        at,
      });
    }
    if (!target.rememberUnits) retireUnits.run(targetId, at);
  }

  function targetFrom(record: TargetRecord): Target {
    const rows = JSON.parse(record.catalog_rows) as CatalogRow[];
    const known = new Set(rows.map((row) => row.id));
    const units = (unitsByTarget.all(record.id) as UnitRecord[])
      .filter((unit) => unit.active === 1 && known.has(unit.row_id))
      .map((unit): MeterUnit => ({
        key: unit.key,
        rowId: unit.row_id,
        metric: unit.metric,
        dimensions: JSON.parse(unit.dimensions) as Record<string, string>,
      }));
    return {
      id: record.name,
      source: record.source,
      cloud: record.cloud,
      account: record.account,
      region: record.region,
      resource: record.resource,
      labels: JSON.parse(record.labels) as Record<string, string>,
      rows,
      units,
      rememberUnits: record.remember_units === 1,
      retention: JSON.parse(record.retention) as Retention[],
    };
  }

  return {
    idOf(name) {
      const id = targetByName.get(name) as number | undefined;
      if (id === undefined) throw new Error(`target ${name} was never discovered`);
      return id;
    },
    unitsOf: (targetId) =>
      new Map(
        knownUnits
          .all(targetId)
          .map(([key, id, settleSeconds, isActive]) => [
            key,
            { id, settleSeconds, active: isActive === 1 },
          ]),
      ),
    record(source, discovery, at) {
      for (const target of discovery.targets) recordTarget(target, at);
      const listed = new Set(discovery.targets.map((target) => target.id));
      const failed = discovery.failures.map((failure) => failure.scope);
      const polled: Target[] = [];
      for (const record of bySource.all(source) as TargetRecord[]) {
        const hidden = under(record.name, failed);
        const kept = record.remember_units === 1 && under(record.name, discovery.scopes);
        if (listed.has(record.name) || (record.active === 1 && (hidden || kept))) {
          polled.push(targetFrom(record));
        } else {
          deactivate.run(record.id);
        }
      }
      return polled;
    },
    polled: () => (active.all() as TargetRecord[]).map(targetFrom),
  };
}

/** For the one writer: nobody else changes units, so between two listings they are read from the file once. */
export function rememberingUnits(targets: Targets): Targets {
  const known = new Map<number, ReadonlyMap<string, KnownUnit>>();
  return {
    ...targets,
    unitsOf(targetId) {
      const units = known.get(targetId) ?? targets.unitsOf(targetId);
      known.set(targetId, units);
      return units;
    },
    record(source, discovery, at) {
      known.clear();
      return targets.record(source, discovery, at);
    },
  };
}

function under(name: string, scopes: readonly string[]): boolean {
  return scopes.some((scope) => name === scope || name.startsWith(scope.replace(/\/?$/, '/')));
}
