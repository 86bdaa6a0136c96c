import type { CommitResult, UsageBatch } from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import { overlap } from '../../agent/core/window.ts';
import type { Capacity } from './capacity.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { Held } from './held.ts';
import type { ReadingStore, SeriesSums } from './readings.ts';
import type { Rederive, Stale } from './rederive.ts';
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
  readonly capacity: Pick<Capacity, 'renew'>;
}

/**
 * One window: readings, coverage, partition, rollups and revision. The caller makes it one transaction,
 * so that they stand or fall together. The same batch twice changes nothing the second time.
 */
export function createCommit(parts: CommitParts): (batch: UsageBatch) => CommitResult {
  const { db, targets, rederive } = parts;
  const success = db.prepare(
    `UPDATE target SET last_success_at = max(coalesce(last_success_at, 0), ?) WHERE id = ?`,
  );
  const newest = db.prepare('SELECT coalesce(max(sequence), 0) FROM revision').pluck();
  const noteRejections = openRejections(db);

  return (batch) => {
    const { window, periodSeconds, readAt } = batch;
    const targetId = targets.idOf(batch.target.id);
    const units = targets.unitsOf(targetId);
    const read = batch.units.flatMap((unit) => units.get(unit.key) ?? []);
    const ids = read.map(({ id }) => id);
    const spans = parts.coverage.around(ids, window, periodSeconds);
    const readBefore = new Set(
      ids.filter((id) => spans.get(id)?.some((span) => overlap(span, window)) === true),
    );
    const written = writeReadings(parts, batch, units, readBefore);
    const vanished = written.vanished + missUnnamed(parts, batch, readBefore, written.held.sums);
    for (const { id, settleSeconds } of read) {
      const known = spans.get(id) ?? [];
      parts.coverage.mark(id, known, settleSeconds, window, periodSeconds, readAt);
    }
    parts.coverage.flush();
    const stale = staleAfter(parts, batch, read, written);
    const usageChanged = rederive.renew(stale, readAt);
    parts.capacity.renew(batch.target, [window, ...stale.map((one) => one.window)], readAt);
    noteRejections(targetId, batch);
    success.run(readAt, targetId);
    const sequence = newest.get() as number;
    return { sequence, readingsChanged: written.changed, usageChanged, vanished };
  };
}

interface WrittenBatch {
  readonly changed: number;
  readonly vanished: number;
  /** By traffic: the span in which anything says something else now. */
  readonly spans: ReadonlyMap<number, Window>;
  /** Traffics whose every minute may mean something else now. */
  readonly turned: ReadonlySet<number>;
  /** Traffics that a series joined: its unit's coverage has a say in which grain their hours are made of. */
  readonly joined: ReadonlySet<number>;
  readonly held: Held;
}

function writeReadings(
  { registry, readings }: CommitParts,
  batch: UsageBatch,
  units: ReadonlyMap<string, KnownUnit>,
  readBefore: ReadonlySet<number>,
): WrittenBatch {
  const sums = new Map<number, SeriesSums>();
  const spans = new Map<number, Window>();
  const turned = new Set<number>();
  const joined = new Set<number>();
  const created = new Set<number>();
  let changed = 0;
  let vanished = 0;
  for (const told of batch.readings) {
    const unit = units.get(told.unitKey);
    if (unit === undefined) throw new Error(`unit ${told.unitKey} was never discovered`);
    const { known, origin } = registry.series(told.series, unit.id);
    if (origin === 'created') created.add(known.id);
    if (origin === 'created' && changesMeaning(known)) turned.add(known.trafficId);
    if (origin !== 'known') joined.add(known.trafficId);
    // A series that came from another unit has what was read under that one.
    const mayHavePoints = origin === 'moved' || (origin === 'known' && readBefore.has(unit.id));
    const one = readings.write(known.id, told, batch.window, mayHavePoints, batch.readAt);
    sums.set(known.id, one.sums);
    changed += one.changed;
    vanished += one.vanished;
    if (one.span !== undefined) widen(spans, known.trafficId, one.span);
  }
  readings.flush();
  registry.flush();
  for (const trafficId of union(turned, joined)) {
    // A traffic that is all new has no other past than this window.
    if (registry.traffic(trafficId).series.some(({ id }) => !created.has(id))) continue;
    turned.delete(trafficId);
    joined.delete(trafficId);
  }
  const held = { window: batch.window, periodSeconds: batch.periodSeconds, sums, created };
  return { changed, vanished, spans, turned, joined, held };
}

/** What has to be derived anew: where readings changed, and where coverage decides of which grain an hour is made. */
function staleAfter(
  { registry, rollups, rederive }: CommitParts,
  { window, periodSeconds }: UsageBatch,
  read: readonly KnownUnit[],
  { spans, turned, joined, held }: WrittenBatch,
): readonly Stale[] {
  const stale = new Map<number, Stale>();
  const seen = new Set<number>();
  for (const unit of read) {
    for (const { trafficId } of registry.seriesOfUnit(unit.id)) {
      if (seen.has(trafficId)) continue;
      seen.add(trafficId);
      if (!rollups.hasHourGrain(registry.traffic(trafficId), window)) continue;
      const minutes = periodSeconds === 60 && spans.has(trafficId);
      stale.set(trafficId, { trafficId, window, minutes, held });
    }
  }
  for (const [trafficId, span] of spans) {
    if (stale.has(trafficId)) continue;
    stale.set(trafficId, { trafficId, window: span, minutes: periodSeconds === 60, held });
  }
  for (const trafficId of union(turned, joined)) {
    const everything = rederive.everythingOf(trafficId);
    if (everything === undefined) continue;
    const isStale =
      turned.has(trafficId) || rollups.hasHourGrain(registry.traffic(trafficId), everything.window);
    if (isStale) stale.set(trafficId, everything);
  }
  return [...stale.values()];
}

function union(one: ReadonlySet<number>, other: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...one, ...other]);
}

/** A cache meter that comes to light turns unsplit input into input, for all of the traffic's past. */
function changesMeaning(series: KnownSeries): boolean {
  const { measure } = series;
  return measure.kind === 'tokens' && measure.meter !== 'output' && measure.meter !== 'input';
}

/** Of series the units hold and the answer did not name, every point may be gone. */
function missUnnamed(
  { readings, registry }: CommitParts,
  { periodSeconds, window, readAt }: UsageBatch,
  readBefore: ReadonlySet<number>,
  named: Held['sums'],
): number {
  let vanished = 0;
  for (const unitId of readBefore) {
    for (const { id } of registry.seriesOfUnit(unitId)) {
      if (!named.has(id)) vanished += readings.missAll(id, periodSeconds, window, readAt);
    }
  }
  return vanished;
}

function openRejections(db: Db): (targetId: number, batch: UsageBatch) => void {
  const upsert = db.prepare(
    `INSERT INTO rejection VALUES (@targetId, @reason, @count, @example, @at, @at)
     ON CONFLICT (target_id, reason) DO UPDATE SET count = count + excluded.count, example = excluded.example,
       last_at = excluded.last_at`,
  );
  return (targetId, batch) => {
    for (const { reason, count, example } of batch.rejections) {
      upsert.run({ targetId, reason, count, example, at: batch.readAt });
    }
  };
}

function widen(spans: Map<number, Window>, trafficId: number, { start, end }: Window): void {
  const known = spans.get(trafficId);
  if (known !== undefined && known.start <= start && known.end >= end) return;
  spans.set(trafficId, {
    start: Math.min(start, known?.start ?? start),
    end: Math.max(end, known?.end ?? end),
  });
}
