import { amountColumns, costColumns } from './amount-columns.ts';
import type { Db } from './database.ts';

/** What is stored under identities that no longer exist, once a facet's names were found to hold for other spans. */
export interface Orphans {
  /** Identity id → facet id, to be asked before the identities change. */
  facetsOf(ids: readonly number[]): ReadonlyMap<number, number>;
  /**
   * Rows of identities that are gone would never be derived over: minutes and hours go, for they are derived anew. Days,
   * latency and shares of capacity may be all that is left of an aged span, so they pass to whom the facet's time belongs now.
   */
  settle(before: ReadonlyMap<number, number>, now: readonly number[]): void;
}

const heir = `coalesce(
  (SELECT id FROM identity WHERE facet_id = @facetId AND from_at <= old.minute * 60000 ORDER BY from_at DESC LIMIT 1),
  (SELECT id FROM identity WHERE facet_id = @facetId ORDER BY from_at LIMIT 1))`;

export function openOrphans(db: Db): Orphans {
  const facet = db.prepare('SELECT facet_id FROM identity WHERE id = ?').pluck();
  const passDays = db.prepare(
    `INSERT INTO usage_day SELECT ${heir}, old.minute, ${amountColumns.map((name) => `old.${name}`).join(', ')},
       old.peak_tokens, ${costColumns.map((name) => `old.${name}`).join(', ')} FROM usage_day AS old WHERE old.identity_id = @id
     ON CONFLICT (identity_id, minute) DO UPDATE SET ${[...amountColumns, ...costColumns].map(added).join(', ')},
       peak_tokens = max(coalesce(peak_tokens, excluded.peak_tokens), coalesce(excluded.peak_tokens, peak_tokens))`,
  );
  const passLatency = db.prepare(
    `INSERT INTO latency_hour SELECT ${heir}, old.phase, old.minute, old.count, old.weight, old.weighted_ms, old.min_ms,
       old.max_ms, old.p90_ms FROM latency_hour AS old WHERE old.identity_id = @id
     ON CONFLICT (identity_id, phase, minute) DO UPDATE SET count = count + excluded.count,
       weight = weight + excluded.weight, ${added('weighted_ms')},
       min_ms = min(coalesce(min_ms, excluded.min_ms), coalesce(excluded.min_ms, min_ms)),
       max_ms = max(coalesce(max_ms, excluded.max_ms), coalesce(excluded.max_ms, max_ms)), p90_ms = NULL`,
  );
  const passShares = db.prepare(
    `INSERT INTO capacity_share SELECT ${heir}, old.minute, old.inventory_id, old.tokens, old.cost, old.cost_low, old.cost_high
     FROM capacity_share AS old WHERE old.identity_id = @id
     ON CONFLICT (identity_id, minute, inventory_id) DO UPDATE SET tokens = tokens + excluded.tokens,
       ${['cost', 'cost_low', 'cost_high'].map(added).join(', ')}`,
  );
  const tables = ['usage_minute', 'usage_hour', 'usage_day', 'latency_hour', 'capacity_share'];
  const drops = tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE identity_id = ?`));
  return {
    facetsOf: (ids) => new Map(ids.map((id) => [id, facet.get(id) as number])),
    settle(before, now) {
      const kept = new Set(now);
      for (const [id, facetId] of before) {
        if (kept.has(id)) continue;
        passDays.run({ id, facetId });
        passLatency.run({ id, facetId });
        passShares.run({ id, facetId });
        for (const drop of drops) drop.run(id);
      }
    },
  };
}

/** A sum in which null is no amount. */
function added(column: string): string {
  return `${column} = CASE WHEN ${column} IS NULL THEN excluded.${column}
    WHEN excluded.${column} IS NULL THEN ${column} ELSE ${column} + excluded.${column} END`;
}
