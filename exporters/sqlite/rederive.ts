import type { InventorySnapshot } from '../../agent/core/inventory.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { ceilTo, floorTo, minuteMs } from '../../agent/core/time.ts';
import { intersect, union } from '../../agent/core/window.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import type { Capacity } from './capacity.ts';
import type { Cards } from './cards.ts';
import type { Held } from './held.ts';
import type { Identities } from './identities.ts';
import { openManyRows } from './many-rows.ts';
import { openMeta } from './meta.ts';
import { openOrphans } from './orphans.ts';
import type { LatencyRollup } from './latency.ts';
import type { KnownTraffic, Registry } from './registry.ts';
import type { Rollups } from './rollups.ts';
import type { UsageStore } from './usage.ts';

/** Where a traffic is not what it was. */
export interface Stale {
  readonly trafficId: number;
  readonly window: Window;
  /** Whether minutes of it changed, or what they mean; else only which grain its hours are made of. */
  readonly minutes: boolean;
  /** Readings that need not be read for it; all of the window's are among them. */
  readonly held?: Held;
}

export interface Rederive {
  /** Puts partition and rollups of all that is stale right and notes a revision of each. Returns changed minutes. */
  renew(stale: readonly Stale[], at: Instant): number;
  /** All the traffic has; undefined: nothing. */
  everythingOf(trafficId: number): Stale | undefined;
  /** Rates anew what these cards changed. Returns changed minutes. */
  rate(trafficId: number, windows: readonly Window[], at: Instant): number;
  /** After deployments or profiles changed: new names, and periods that moved to another identity. */
  afterInventory(changed: readonly InventorySnapshot[], at: Instant): void;
  /** Once at opening: aliases, contracts or rules may have changed since the last run. */
  bringUpToDate(interpretation: Interpretation, at: Instant): void;
}

/** Minutes, from the first to the last stored reading. */
interface Extent {
  readonly first: number | null;
  readonly last: number | null;
}

export interface RederiveParts {
  readonly db: Db;
  readonly registry: Registry;
  readonly identities: Identities;
  readonly usage: UsageStore;
  readonly rollups: Rollups;
  readonly latency: LatencyRollup;
  readonly cards: Cards;
  readonly capacity: Pick<Capacity, 'renew'>;
}

export function createRederive(parts: RederiveParts): Rederive {
  const { db, registry, identities, usage, rollups, latency, cards, capacity } = parts;
  const notes = openManyRows(
    db,
    4,
    (rows) => `INSERT INTO revision (traffic_id, start_minute, end_minute, at) VALUES ${rows}`,
  );
  const extent = db.prepare(
    `SELECT min(minute) AS first, max(minute + period_seconds / 60) AS last FROM reading
     WHERE series_id IN (SELECT value FROM json_each(?))`,
  );
  const orphans = openOrphans(db);
  const meta = openMeta(db);

  function renew(stale: readonly Stale[], at: Instant): number {
    let changed = 0;
    for (const { trafficId, window, minutes, held } of stale) {
      if (minutes) changed += usage.derive(trafficId, window, held?.sums);
    }
    usage.flush();
    for (const { trafficId, window, held } of stale) {
      const traffic = registry.traffic(trafficId);
      rollups.renew(traffic, window);
      latency.renew(traffic, window, held);
      note(trafficId, window, at);
    }
    notes.flush();
    return changed;
  }

  function note(trafficId: number, { start, end }: Window, at: Instant): void {
    notes.value(trafficId);
    notes.value(start / minuteMs);
    notes.value(end / minuteMs);
    notes.value(at);
  }

  function everythingOf(trafficId: number, since = 0): Stale | undefined {
    const ids = registry.traffic(trafficId).series.map((one) => one.id);
    const { first, last } = extent.get(JSON.stringify(ids)) as Extent;
    if (first === null || last === null) return undefined;
    const whole = { start: first * minuteMs, end: last * minuteMs };
    const window = intersect(whole, { start: since, end: Number.MAX_SAFE_INTEGER });
    return window && { trafficId, window, minutes: true };
  }

  function renewAll(trafficId: number, at: Instant, since?: Instant): void {
    const stale = everythingOf(trafficId, since);
    if (stale === undefined) return;
    renew([stale], at);
    capacity.renew(registry.traffic(trafficId).key, [stale.window], at);
  }

  function renewNames(traffic: KnownTraffic, at: Instant): void {
    const before = orphans.facetsOf(identities.idsOf(traffic.id));
    const moved = identities.renew(traffic.id);
    const repriced = identities.all(traffic.id).flatMap((one) => cards.renew(traffic, one));
    if (moved !== undefined) {
      orphans.settle(before, identities.idsOf(traffic.id));
      renewAll(traffic.id, at, moved);
    }
    rate(traffic.id, repriced, at);
  }

  function rate(trafficId: number, windows: readonly Window[], at: Instant): number {
    if (windows.length === 0) return 0;
    const whole = everythingOf(trafficId)?.window;
    if (whole === undefined) return 0;
    let changed = 0;
    for (const span of union(windows)) {
      const part = intersect(span, whole);
      if (part === undefined) continue;
      // A price may begin in the middle of a minute.
      const window = { start: floorTo(part.start, minuteMs), end: ceilTo(part.end, minuteMs) };
      changed += usage.rate(trafficId, window);
      usage.flush();
      rollups.renew(registry.traffic(trafficId), window, true);
      note(trafficId, window, at);
    }
    notes.flush();
    return changed;
  }

  return {
    renew,
    rate,
    everythingOf: (trafficId) => everythingOf(trafficId),
    afterInventory(changed, at) {
      if (changed.length > 0) identities.listedAnew();
      for (const snapshot of changed) {
        for (const traffic of registry.traffics()) {
          const { cloud, account, region, resource } = traffic.key;
          if (
            cloud === snapshot.cloud &&
            account === snapshot.account &&
            region === snapshot.region &&
            resource === snapshot.resource
          ) {
            renewNames(traffic, at);
          }
        }
      }
    },
    bringUpToDate(interpretation, at) {
      db.transaction(() => {
        if (meta.get('identity_version') !== interpretation.identityVersion) {
          for (const traffic of registry.traffics()) renewNames(traffic, at);
          meta.set('identity_version', interpretation.identityVersion);
        }
        if (meta.get('contract_version') !== interpretation.contractVersion) {
          for (const traffic of registry.traffics()) renewAll(traffic.id, at);
          meta.set('contract_version', interpretation.contractVersion);
        }
      })();
    },
  };
}
