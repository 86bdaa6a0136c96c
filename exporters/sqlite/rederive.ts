import type { InventorySnapshot } from '../../agent/core/inventory.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { intersect } from '../../agent/core/window.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import { openOrphans } from './orphans.ts';
import type { LatencyRollup } from './latency.ts';
import type { KnownTraffic, Registry } from './registry.ts';
import type { Rollups } from './rollups.ts';
import type { UsageStore } from './usage.ts';

export interface Rederive {
  /** Puts the traffic's partition and rollups of the window right and notes the revision. Returns changed rows. */
  window(trafficId: number, window: Window, at: Instant): number;
  /** The same for all the traffic has: a meter came to light that changes what the others mean. */
  everything(trafficId: number, at: Instant): number;
  /** After deployments or profiles changed: new names, and periods that moved to another identity. */
  afterInventory(changed: readonly InventorySnapshot[], at: Instant): void;
  /** Once at opening: aliases, contracts or rules may have changed since the last run. */
  bringUpToDate(interpretation: Interpretation, at: Instant): void;
}

export interface RederiveParts {
  readonly db: Db;
  readonly registry: Registry;
  readonly identities: Identities;
  readonly usage: UsageStore;
  readonly rollups: Rollups;
  readonly latency: LatencyRollup;
}

export function createRederive(parts: RederiveParts): Rederive {
  const { db, registry, identities, usage, rollups, latency } = parts;
  const note = db.prepare(
    'INSERT INTO revision (traffic_id, start_minute, end_minute, at) VALUES (?, ?, ?, ?)',
  );
  const orphans = openOrphans(db);
  const getMeta = db.prepare('SELECT value FROM meta WHERE key = ?').pluck();
  const setMeta = db.prepare(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );

  function window(trafficId: number, span: Window, at: Instant): number {
    const traffic = registry.traffic(trafficId);
    const changed = usage.derive(trafficId, span);
    rollups.renew(traffic, span);
    latency.renew(traffic, span);
    note.run(trafficId, span.start / minuteMs, span.end / minuteMs, at);
    return changed;
  }

  function everything(trafficId: number, at: Instant, since = 0): number {
    const extent = extentOf(db, registry.traffic(trafficId));
    const span = extent && intersect(extent, { start: since, end: Number.MAX_SAFE_INTEGER });
    return span === undefined ? 0 : window(trafficId, span, at);
  }

  function renewNames(traffic: KnownTraffic, at: Instant): void {
    const before = orphans.facetsOf(identities.idsOf(traffic.id));
    const moved = identities.renew(traffic.id);
    if (moved === undefined) return;
    orphans.settle(before, identities.idsOf(traffic.id));
    everything(traffic.id, at, moved);
  }

  return {
    window,
    everything: (trafficId, at) => everything(trafficId, at),
    afterInventory(changed, at) {
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
        if (getMeta.get('identity_version') !== interpretation.identityVersion) {
          for (const traffic of registry.traffics()) renewNames(traffic, at);
          setMeta.run('identity_version', interpretation.identityVersion);
        }
        if (getMeta.get('contract_version') !== interpretation.contractVersion) {
          for (const traffic of registry.traffics()) everything(traffic.id, at);
          setMeta.run('contract_version', interpretation.contractVersion);
        }
      })();
    },
  };
}

/** From the first to the last stored reading of the traffic. */
function extentOf(db: Db, traffic: KnownTraffic): Window | undefined {
  const row = db
    .prepare(
      `SELECT min(minute) AS first, max(minute + period_seconds / 60) AS last FROM reading
       WHERE series_id IN (SELECT value FROM json_each(?))`,
    )
    .get(JSON.stringify(traffic.series.map((one) => one.id))) as {
    first: number | null;
    last: number | null;
  };
  if (row.first === null || row.last === null) return undefined;
  return { start: row.first * minuteMs, end: row.last * minuteMs };
}
