import type { Instant, Window } from '../../agent/core/time.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { split } from '../../agent/core/window.ts';
import type { DerivedRow, Interpretation } from '../../agent/core/usage.ts';
import { amountColumns, amountValues } from './amount-columns.ts';
import type { AmountRecord } from './amount-columns.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { ReadingStore } from './readings.ts';
import type { Registry } from './registry.ts';

/** The partition by minute, kept equal to what the readings of the moment derive to. */
export interface UsageStore {
  /** Derives the traffic's minutes of the window anew. Returns how many rows changed. */
  derive(trafficId: number, window: Window): number;
  /** Rows the traffic's hour-long readings derive to, for hours the minutes do not cover. */
  ofHours(
    trafficId: number,
    window: Window,
  ): readonly (DerivedRow & { readonly identityId: number })[];
}

interface UsageRecord extends AmountRecord {
  readonly identity_id: number;
  readonly minute: number;
  readonly violation: number;
}

export function openUsage(
  db: Db,
  registry: Registry,
  readings: ReadingStore,
  identities: Identities,
  interpretation: Interpretation,
): UsageStore {
  const existing = db.prepare(
    `SELECT * FROM usage_minute WHERE identity_id = ? AND minute >= ? AND minute < ?`,
  );
  const upsert = db.prepare(
    `INSERT INTO usage_minute VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (identity_id, minute) DO UPDATE SET
       ${amountColumns.map((name) => `${name} = excluded.${name}`).join(', ')}, violation = excluded.violation`,
  );
  const remove = db.prepare('DELETE FROM usage_minute WHERE identity_id = ? AND minute = ?');

  function derived(
    trafficId: number,
    window: Window,
    periodSeconds: number,
  ): readonly DerivedRow[] {
    const series = registry
      .traffic(trafficId)
      .series.filter((one) => one.measure.kind === 'tokens' || one.measure.kind === 'requests');
    const values = new Map(
      series.map((one) => [one.id, readings.sums(one.id, periodSeconds, window)]),
    );
    const nothing: ReadonlyMap<Instant, number> = new Map();
    return interpretation.derive(
      series,
      (id) => values.get(id) ?? nothing,
      (facet, at) => identities.at(trafficId, facet, at).family,
    );
  }

  function deriveDay(trafficId: number, window: Window): number {
    const rows = derived(trafficId, window, 60);
    const before = new Map<string, UsageRecord>();
    for (const id of identities.idsOf(trafficId)) {
      const found = existing.all(id, window.start / minuteMs, window.end / minuteMs);
      for (const row of found as UsageRecord[]) before.set(`${id}@${row.minute}`, row);
    }
    let changed = 0;
    for (const row of rows) {
      const identityId = identities.at(trafficId, row.facet, row.start).id;
      const minute = row.start / minuteMs;
      const name = `${identityId}@${minute}`;
      const known = before.get(name);
      before.delete(name);
      if (known !== undefined && same(known, row)) continue;
      upsert.run(identityId, minute, ...amountValues(row.amounts), row.violation ? 1 : 0);
      changed += 1;
    }
    for (const row of before.values()) {
      remove.run(row.identity_id, row.minute);
      changed += 1;
    }
    return changed;
  }

  return {
    derive: (trafficId, window) =>
      split(window, dayMs).reduce((sum, day) => sum + deriveDay(trafficId, day), 0),
    ofHours: (trafficId, window) =>
      derived(trafficId, { start: floorTo(window.start, hourMs), end: window.end }, 3_600).map(
        (row) => ({ ...row, identityId: identities.at(trafficId, row.facet, row.start).id }),
      ),
  };
}

function same(row: UsageRecord, { amounts, violation }: DerivedRow): boolean {
  const derived = amountValues(amounts);
  return (
    amountColumns.every((name, i) => row[name] === derived[i]) &&
    row.violation === (violation ? 1 : 0)
  );
}
