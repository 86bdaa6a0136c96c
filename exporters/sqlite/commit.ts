import type { CommitResult, UsageBatch } from '../../agent/core/store.ts';
import { dayMs, floorTo } from '../../agent/core/time.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { ReadingStore } from './readings.ts';
import type { Rederive } from './rederive.ts';
import type { KnownSeries, Registry } from './registry.ts';
import type { Rollups } from './rollups.ts';
import type { KnownUnit, Targets } from './targets.ts';

export interface CommitParts {
  readonly db: Db;
  readonly registry: Registry;
  readonly targets: Targets;
  readonly coverage: Coverage;
  readonly readings: ReadingStore;
  readonly rollups: Rollups;
  readonly rederive: Rederive;
}

/**
 * One window: readings, coverage, partition, rollups, revision and the call's cost. The caller makes it one transaction,
 * so that they stand or fall together. The same batch twice changes nothing the second time.
 */
export function createCommit(parts: CommitParts): (batch: UsageBatch) => CommitResult {
  const { db, targets, rederive, registry } = parts;
  const success = db.prepare(
    `UPDATE target SET last_success_at = max(coalesce(last_success_at, 0), ?) WHERE id = ?`,
  );
  const newest = db.prepare('SELECT coalesce(max(sequence), 0) FROM revision').pluck();

  return (batch) => {
    const targetId = targets.idOf(batch.target.id);
    const units = targets.unitsOf(targetId);
    const read = batch.units.flatMap((unit) => units.get(unit.key) ?? []);
    const readBefore = new Set(
      read
        .filter(({ id }) => parts.coverage.touches(id, batch.window, batch.periodSeconds))
        .map(({ id }) => id),
    );
    const seen = new Map<number, readonly number[]>();
    const touched = new Set<number>();
    const turned = new Set<number>();
    let readingsChanged = 0;
    for (const readings of batch.readings) {
      const unit = units.get(readings.unitKey);
      if (unit === undefined) throw new Error(`unit ${readings.unitKey} was never discovered`);
      const { known, created } = registry.series(readings.series, unit.id);
      if (created && changesMeaning(known)) turned.add(known.trafficId);
      const changed = parts.readings.write(known.id, readings, readBefore.has(unit.id));
      seen.set(known.id, readings.starts);
      readingsChanged += changed;
      if (changed > 0) touched.add(known.trafficId);
    }
    const vanished = noteVanished(parts, batch, readBefore, seen);
    for (const unit of read) {
      parts.coverage.mark(
        unit.id,
        unit.settleSeconds,
        batch.window,
        batch.periodSeconds,
        batch.readAt,
      );
    }
    for (const trafficId of movedByCoverage(parts, batch, read)) touched.add(trafficId);
    let usageChanged = 0;
    for (const trafficId of turned) usageChanged += rederive.everything(trafficId, batch.readAt);
    for (const trafficId of touched) {
      // All of its readings include the window's.
      if (turned.has(trafficId)) continue;
      usageChanged += rederive.window(trafficId, batch.window, batch.readAt);
    }
    noteRejections(db, targetId, batch);
    noteCost(db, batch);
    success.run(batch.readAt, targetId);
    return { sequence: newest.get() as number, readingsChanged, usageChanged, vanished };
  };
}

/** A cache meter that comes to light turns unsplit input into input, for all of the traffic's past. */
function changesMeaning(series: KnownSeries): boolean {
  const { measure } = series;
  return measure.kind === 'tokens' && measure.meter !== 'output' && measure.meter !== 'input';
}

/** Every series the units hold, those included the answer did not name: their points may be gone. */
function noteVanished(
  { readings, registry }: CommitParts,
  batch: UsageBatch,
  readBefore: ReadonlySet<number>,
  seen: ReadonlyMap<number, readonly number[]>,
): number {
  let vanished = 0;
  for (const unitId of readBefore) {
    for (const series of registry.seriesOfUnit(unitId)) {
      vanished += readings.noteVanished(
        series.id,
        batch.periodSeconds,
        batch.window,
        seen.get(series.id) ?? [],
        batch.readAt,
      );
    }
  }
  return vanished;
}

/** Where hour-long readings stand beside minutes, coverage alone decides which of them an hour is made of. */
function movedByCoverage(
  { registry, rollups }: CommitParts,
  batch: UsageBatch,
  read: readonly KnownUnit[],
): readonly number[] {
  const traffics = new Set(
    read.flatMap((unit) => registry.seriesOfUnit(unit.id).map((series) => series.trafficId)),
  );
  return [...traffics].filter((id) => rollups.hasHourGrain(registry.traffic(id), batch.window));
}

function noteRejections(db: Db, targetId: number, batch: UsageBatch): void {
  const upsert = db.prepare(
    `INSERT INTO rejection VALUES (@targetId, @reason, @count, @example, @at, @at)
     ON CONFLICT (target_id, reason) DO UPDATE SET count = count + excluded.count, example = excluded.example,
       last_at = excluded.last_at`,
  );
  for (const { reason, count, example } of batch.rejections) {
    upsert.run({ targetId, reason, count, example, at: batch.readAt });
  }
}

function noteCost(db: Db, batch: UsageBatch): void {
  db.prepare(
    `INSERT INTO api_call VALUES (@day, @source, @target, @operation, @calls, @cost)
     ON CONFLICT (day, source, target, operation) DO UPDATE SET calls = calls + excluded.calls,
       cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd`,
  ).run({
    day: floorTo(batch.readAt, dayMs),
    source: batch.target.source,
    target: batch.target.id,
    operation: batch.cost.operation,
    calls: batch.cost.calls,
    cost: batch.cost.costNanoUsd,
  });
}
