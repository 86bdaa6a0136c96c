import { addKnown } from '../../agent/core/money.ts';
import type { CostChange } from '../../agent/core/price-store.ts';
import type { Consumer, RateRange, Rater } from '../../agent/core/rating.ts';
import type { TrafficKey } from '../../agent/core/reading.ts';
import { floorTo, minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { union } from '../../agent/core/window.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import { tokensOfRow } from './amount-columns.ts';
import { openCapacityRows } from './capacity-rows.ts';
import type { Cards } from './cards.ts';
import { addChanges } from './cost-changes.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import { capacityCosts, missingParts, partsOf } from './capacity-parts.ts';
import type { CapacityPart } from './capacity-parts.ts';
import { heldCapacity } from './held-capacity.ts';
import type { HeldCapacity } from './held-capacity.ts';
import { openMeta } from './meta.ts';
import { openUtilization } from './utilization.ts';
import type { UtilizationSeries } from './utilization.ts';

/**
 * Provisioned capacity in the ledger: capacity × hours × list price, used or not, spread by hour over who used it. Each hour is
 * made anew from the inventory, the prices and the usage whenever one of them changed, so that doing it twice changes nothing.
 *
 * A capacity is charged from when the inventory first named it until it no longer does, or until its source was last read
 * where that is no longer configured. What the first look found is taken to have been there for as long as anything of its
 * account was read, and no longer, for nobody knows; where the cloud says when it came to be, from then on at most. What one hour was charged stays when the clock is set back.
 */
export interface Capacity {
  /** After usage or coverage of the windows changed in an account. Nothing where it has no capacity. */
  renew(place: CapacityPlace, windows: readonly Window[], at: Instant): void;
  /** Charges all up to a moment; the hours that were written. The caller makes it one transaction. */
  accrue(at: Instant): number;
  /** The inventory changed: what is held is read anew. */
  forget(): void;
  /** Charges with the prices of now, a transaction for each capacity. What it did to costs, by model. */
  rate(identityVersion: string, at: Instant): readonly CostChange[];
}

export interface CapacityParts {
  readonly db: Db;
  readonly coverage: Coverage;
  readonly interpretation: Interpretation;
  readonly cards: Pick<Cards, 'rater'>;
}

type CapacityPlace = Pick<TrafficKey, 'cloud' | 'account' | 'region' | 'resource'>;

export function openCapacity({ db, coverage, interpretation, cards }: CapacityParts): Capacity {
  const rows = openCapacityRows(db);
  const utilizationOf = openUtilization(db, coverage);
  const meta = openMeta(db);
  const scope =
    'cloud = @cloud AND account = @account AND region = @region AND resource = @resource';
  const traffics = `${scope} AND endpoint = @endpoint AND traffic.deployment = @deployment COLLATE NOCASE
    AND traffic.vendor_model IN (@vendorModel, @modelArn)`;
  const users = db.prepare<[object], { readonly id: number; readonly tokens: number }>(
    `SELECT identity.id, ${tokensOfRow} AS tokens FROM traffic JOIN facet ON facet.traffic_id = traffic.id
     JOIN identity ON identity.facet_id = facet.id AND identity.tier = 'provisioned'
       AND identity.from_at < @to AND identity.to_at > @from
     JOIN usage_hour ON usage_hour.identity_id = identity.id AND usage_hour.minute = @minute
     WHERE ${traffics} ORDER BY identity.id`,
  );
  const busy = db
    .prepare<[string, number, number], number>(
      `SELECT DISTINCT minute FROM usage_minute WHERE identity_id IN (SELECT value FROM json_each(?))
       AND minute >= ? AND minute < ? AND ${tokensOfRow} > 0`,
    )
    .pluck();
  const meters = db.prepare<[object], UtilizationSeries>(
    `SELECT series.id, unit_id AS unitId FROM traffic JOIN series ON series.traffic_id = traffic.id
     WHERE ${traffics} AND measure = '{"kind":"utilization"}' ORDER BY rank, series.id`,
  );
  const reading = db.prepare<[object], { readonly active: number; readonly last: number | null }>(
    `SELECT active, last_success_at AS last FROM target WHERE ${scope}`,
  );
  const firstCovered = db
    .prepare<[object], number | null>(
      `SELECT min(start_minute) FROM target JOIN unit ON unit.target_id = target.id
       JOIN coverage ON coverage.unit_id = unit.id WHERE ${scope}`,
    )
    .pluck();
  const oldestHour = db.prepare<[], number | null>('SELECT min(minute) FROM usage_hour').pluck();
  let known: ReadonlyMap<string, readonly HeldCapacity[]> | undefined;
  let isListedAnew = false;

  function held(): ReadonlyMap<string, readonly HeldCapacity[]> {
    if (known !== undefined) return known;
    const byPlace = new Map<string, HeldCapacity[]>();
    for (const one of heldCapacity(db, interpretation)) {
      const name = placeName(one.key);
      byPlace.set(name, [...(byPlace.get(name) ?? []), one]);
    }
    known = byPlace;
    return known;
  }

  /** What is charged of it at a moment, in minutes; empty where nothing is. */
  function chargedUntil(one: HeldCapacity, at: Instant): Window {
    const targets = reading.all(one.key);
    const isRead = targets.length === 0 || targets.some(({ active }) => active === 1);
    const lastRead = Math.max(...targets.map(({ last }) => last ?? 0));
    const end = Math.min(one.to, floorTo(isRead ? at : Math.min(at, lastRead), minuteMs));
    const first = one.assumed ? firstCovered.get(one.key) : undefined;
    const created = floorTo(one.createdAt ?? 0, minuteMs) / minuteMs;
    const start = Math.min(one.from / minuteMs, Math.max(first ?? Infinity, created));
    const agedUntil = Number(meta.get('capacity_aged_until') ?? 0);
    return { start: Math.max(start, agedUntil), end: end / minuteMs };
  }

  function write(one: HeldCapacity, part: CapacityPart, rater: Rater): void {
    const from = part.fromMinute * minuteMs;
    const to = part.toMinute * minuteMs;
    const { key, modelArn } = one;
    const found = users.all({ ...key, modelArn, minute: part.minute, from, to });
    const consumers = found
      .filter(({ tokens }) => tokens > 0)
      .map(({ id, tokens }) => ({ name: String(id), tokens }));
    const names = JSON.stringify(found.map(({ id }) => id));
    const minutes = new Set(busy.all(names, part.fromMinute, part.toMinute));
    const before = rows.hour(one.id, part.minute)?.utilizationPpm ?? null;
    const metered = utilizationOf(meters.all({ ...key, modelArn }), part, minutes);
    // Once the minutes are gone, what they told is closer than what is left of them.
    const isKept = before !== null && metered?.byMinutes !== true;
    put(one, part, isKept ? before : (metered?.ppm ?? null), consumers, rater);
  }

  function put(
    one: HeldCapacity,
    part: CapacityPart,
    utilizationPpm: number | null,
    consumers: readonly Consumer[],
    rater: Rater,
  ): void {
    const [hour] = capacityCosts(one, part.fromMinute, part.toMinute, rater).values();
    if (hour === undefined) return;
    rows.put(one.id, { ...part, ...hour, utilizationPpm }, consumers, rater);
  }

  /** A clock that was set back may have charged what was never there. */
  function dropUnheld(): void {
    const ids = new Set(all().map(({ id }) => id));
    for (const id of rows.inventoryIds()) if (!ids.has(id)) rows.drop(id);
  }

  function fill(one: HeldCapacity, at: Instant, rater: Rater): ReadonlySet<number> {
    const last = rows.ends(one.id)?.[1];
    if (last !== undefined && last.toMinute * minuteMs > one.to) rows.drop(one.id);
    const parts = missingParts(rows.ends(one.id), chargedUntil(one, at));
    for (const part of parts) write(one, part, rater);
    return new Set(parts.map(({ minute }) => minute));
  }

  function renewHours(one: HeldCapacity, window: Window, done: ReadonlySet<number>, rater: Rater) {
    for (const hour of partsOf(window.start / minuteMs, window.end / minuteMs)) {
      const stored = done.has(hour.minute) ? undefined : rows.hour(one.id, hour.minute);
      if (stored !== undefined) write(one, stored, rater);
    }
  }

  function all(): readonly HeldCapacity[] {
    return [...held().values()].flat();
  }

  /** Puts the prices of now on what is charged already; who used it stays. */
  function rateOne(one: HeldCapacity, rater: Rater): { before: bigint | null; rows: number } {
    const ends = rows.ends(one.id);
    if (ends === undefined) return { before: null, rows: 0 };
    const costs = capacityCosts(one, ends[0].fromMinute, ends[1].toMinute, rater);
    let before: bigint | null = null;
    let changed = 0;
    for (const hour of rows.hours(one.id)) {
      before = addKnown(before, hour.cost?.best ?? null);
      if (isSame(hour.cost, costs.get(hour.minute)?.cost ?? null)) continue;
      put(one, hour, hour.utilizationPpm, rows.consumers(one.id, hour.minute), rater);
      changed += 1;
    }
    return { before, rows: changed };
  }

  function costOf(one: HeldCapacity): bigint | null {
    return rows
      .hours(one.id)
      .reduce<bigint | null>((sum, { cost }) => addKnown(sum, cost?.best ?? null), null);
  }

  return {
    renew(place, windows, at) {
      if (held().size === 0) return;
      const here = held().get(placeName(place)) ?? [];
      const rater = cards.rater();
      if (here.length === 0) return;
      if (rater === undefined) {
        meta.forget('capacity_version');
        return;
      }
      const spans = union(windows);
      for (const one of here) {
        const done = fill(one, at, rater);
        for (const span of spans) renewHours(one, span, done, rater);
      }
    },
    accrue(at) {
      const rater = cards.rater();
      if (rater === undefined) return 0;
      if (isListedAnew) dropUnheld();
      isListedAnew = false;
      return all().reduce((sum, one) => sum + fill(one, at, rater).size, 0);
    },
    forget() {
      known = undefined;
      isListedAnew = true;
    },
    rate(identityVersion, at) {
      const rater = cards.rater();
      if (rater === undefined) return [];
      const version = JSON.stringify([rater.version, identityVersion]);
      const before = meta.get('capacity_version');
      if (before === version) return [];
      known = undefined;
      // Somebody may have written usage who knew no prices, or whose it is may be judged otherwise now.
      const sameIdentities = before?.endsWith(`,${JSON.stringify(identityVersion)}]`) === true;
      const oldest = sameIdentities ? null : (oldestHour.get() ?? null);
      const changes: CostChange[] = [];
      for (const one of all()) {
        db.transaction(() => {
          const rated = rateOne(one, rater);
          if (rated.rows > 0) {
            const { model } = one.identity;
            changes.push({ model, before: rated.before, after: costOf(one), rows: rated.rows });
          }
          const done = fill(one, at, rater);
          if (oldest !== null) renewHours(one, { start: oldest * minuteMs, end: at }, done, rater);
        })();
      }
      dropUnheld();
      meta.set('capacity_version', version);
      return addChanges(changes);
    },
  };
}

function placeName({ cloud, account, region, resource }: CapacityPlace): string {
  return [cloud, account, region, resource].join('\n');
}

function isSame(a: RateRange | null, b: RateRange | null): boolean {
  return a?.low === b?.low && a?.best === b?.best && a?.high === b?.high;
}
