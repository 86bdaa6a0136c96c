import type { IdentityRow } from '../../agent/core/store.ts';
import type { Amounts, Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import { identityFrom } from './identities.ts';
import type { Identities, IdentityRecord } from './identities.ts';
import type { Registry, TrafficRecord } from './registry.ts';

interface IdentityRowParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly identities: () => Identities;
  readonly interpretation: Interpretation;
}

/** Everybody the ledger knows; the same list until somebody is called otherwise or a meter comes to light. */
export function openIdentityRows(parts: IdentityRowParts): () => readonly IdentityRow[] {
  const { db } = parts;
  const find = db.prepare(
    `SELECT identity.*, facet.traffic_id, facet.tier AS facet_tier, facet.model_name, facet.model_version AS facet_version,
       traffic.cloud, traffic.account, traffic.region, traffic.resource, traffic.endpoint
     FROM identity JOIN facet ON facet.id = identity.facet_id JOIN traffic ON traffic.id = facet.traffic_id
     ORDER BY identity.id`,
  );
  let kept: readonly IdentityRow[] | undefined;
  let of: readonly unknown[] = [];
  return () => {
    // What another process writes is not seen here before it is read.
    if (db.readonly) return rowsOf(find.all() as StoredRow[], parts.registry(), parts);
    const [registry, identities] = [parts.registry(), parts.identities()];
    const now = [registry, registry.version, identities, identities.version];
    if (kept !== undefined && now.every((one, index) => one === of[index])) return kept;
    of = now;
    kept = rowsOf(find.all() as StoredRow[], registry, parts);
    return kept;
  };
}

interface StoredRow extends IdentityRecord, TrafficRecord {
  readonly traffic_id: number;
  readonly facet_tier: string;
  readonly model_name: string;
  readonly facet_version: string;
}

function rowsOf(
  stored: readonly StoredRow[],
  registry: Registry,
  { interpretation }: Pick<IdentityRowParts, 'interpretation'>,
): readonly IdentityRow[] {
  // The same set for all that report the same, so that callers can recognise it.
  const shared = new Map<string, ReadonlySet<keyof Amounts>>();
  const share = (reports: ReadonlySet<keyof Amounts>) => {
    const name = [...reports].toSorted().join(' ');
    const known = shared.get(name) ?? reports;
    shared.set(name, known);
    return known;
  };
  return stored.map((row): IdentityRow => {
    const { series } = registry.traffic(row.traffic_id);
    const metersUsage = series.some(
      (one) =>
        (one.measure.kind === 'tokens' || one.measure.kind === 'requests') &&
        one.facet.tier === row.facet_tier &&
        one.facet.modelName === row.model_name &&
        one.facet.modelVersion === row.facet_version,
    );
    const one = identityFrom(row);
    // Each by its name: there may be many thousands, and copying the rest of an object is many times slower.
    return {
      id: one.id,
      from: one.from,
      to: one.to,
      model: one.model,
      modelVersion: one.modelVersion,
      vendorModel: one.vendorModel,
      deployment: one.deployment,
      routing: one.routing,
      tier: one.tier,
      family: one.family,
      confidence: one.confidence,
      tags: one.tags,
      assumed: one.assumed,
      trafficId: row.traffic_id,
      cloud: row.cloud,
      account: row.account,
      region: row.region,
      resource: row.resource,
      endpoint: row.endpoint,
      reports: share(
        metersUsage ? interpretation.reports(series, row.endpoint, row.family) : new Set<never>(),
      ),
    };
  });
}
