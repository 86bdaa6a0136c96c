import type { Instant, Window } from '../../agent/core/time.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { split } from '../../agent/core/window.ts';
import type { Amounts, DerivedRow, Interpretation } from '../../agent/core/usage.ts';
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

interface UsageRecord {
  identity_id: number;
  minute: number;
  input: number | null;
  cache_read: number | null;
  cache_write: number | null;
  output: number | null;
  unsplit_input: number | null;
  requests: number | null;
  errors: number | null;
  throttles: number | null;
  violation: number;
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
     ON CONFLICT (identity_id, minute) DO UPDATE SET input = excluded.input, cache_read = excluded.cache_read,
       cache_write = excluded.cache_write, output = excluded.output, unsplit_input = excluded.unsplit_input,
       requests = excluded.requests, errors = excluded.errors, throttles = excluded.throttles,
       violation = excluded.violation`,
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
      const a = row.amounts;
      upsert.run(
        identityId,
        minute,
        a.input,
        a.cacheRead,
        a.cacheWrite,
        a.output,
        a.unsplitInput,
        a.requests,
        a.errors,
        a.throttles,
        row.violation ? 1 : 0,
      );
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

function same(row: UsageRecord, derived: DerivedRow): boolean {
  const a: Amounts = derived.amounts;
  return (
    row.input === a.input &&
    row.cache_read === a.cacheRead &&
    row.cache_write === a.cacheWrite &&
    row.output === a.output &&
    row.unsplit_input === a.unsplitInput &&
    row.requests === a.requests &&
    row.errors === a.errors &&
    row.throttles === a.throttles &&
    row.violation === (derived.violation ? 1 : 0)
  );
}
