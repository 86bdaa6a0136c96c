import type { Instant } from '../../agent/core/time.ts';
import type { FacetKey, TrafficKey } from '../../agent/core/reading.ts';
import type { InventorySpan } from '../../agent/core/inventory.ts';
import type { Identity, Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import { inventoryOf } from './inventory.ts';
import type { KnownTraffic, Registry } from './registry.ts';

export interface KnownIdentity extends Identity {
  readonly id: number;
  readonly facetId: number;
}

/** Which names each facet of a traffic goes by, and when. */
export interface Identities {
  /** The identity of a facet at a moment; facet and identity are made when new. */
  at(trafficId: number, facet: FacetKey, at: Instant): KnownIdentity;
  /** Ids of every identity of the traffic. */
  idsOf(trafficId: number): readonly number[];
  /**
   * Identifies the traffic's facets anew after its inventory or the aliases changed. Names change in place. Returns
   * the moment from which periods now belong to another identity, or undefined when none does.
   */
  renew(trafficId: number): Instant | undefined;
}

interface Facet {
  readonly id: number;
  readonly key: FacetKey;
  spans: KnownIdentity[];
}

export function loadIdentities(
  db: Db,
  registry: Registry,
  interpretation: Interpretation,
): Identities {
  const facets = new Map<number, Map<string, Facet>>();
  const insertFacet = db.prepare(
    `INSERT INTO facet (traffic_id, tier, model_name, model_version)
     VALUES (@trafficId, @tier, @modelName, @modelVersion)`,
  );
  const write = db.prepare(
    `INSERT INTO identity (facet_id, from_at, to_at, model, model_version, vendor_model, deployment, routing, tier,
       family, confidence, tags, assumed)
     VALUES (@facetId, @from, @to, @model, @modelVersion, @vendorModel, @deployment, @routing, @tier, @family,
       @confidence, @tags, @assumed)
     ON CONFLICT (facet_id, from_at) DO UPDATE SET to_at = excluded.to_at, model = excluded.model,
       model_version = excluded.model_version, vendor_model = excluded.vendor_model,
       deployment = excluded.deployment, routing = excluded.routing, tier = excluded.tier,
       family = excluded.family, confidence = excluded.confidence, tags = excluded.tags,
       assumed = excluded.assumed
     RETURNING id`,
  );
  const drop = db.prepare('DELETE FROM identity WHERE facet_id = ? AND from_at = ?');

  for (const row of db.prepare('SELECT * FROM facet').all() as FacetRecord[]) {
    const key = { tier: row.tier, modelName: row.model_name, modelVersion: row.model_version };
    const spans = (
      db
        .prepare('SELECT * FROM identity WHERE facet_id = ? ORDER BY from_at')
        .all(row.id) as IdentityRecord[]
    ).map(identityFrom);
    ofTraffic(row.traffic_id).set(facetName(key), { id: row.id, key, spans });
  }

  function ofTraffic(trafficId: number): Map<string, Facet> {
    let known = facets.get(trafficId);
    if (known === undefined) {
      known = new Map();
      facets.set(trafficId, known);
    }
    return known;
  }

  function store(facetId: number, identity: Identity): KnownIdentity {
    const row = write.get({
      ...identity,
      facetId,
      tags: JSON.stringify(identity.tags),
      assumed: identity.assumed ? 1 : 0,
    }) as { id: number };
    return { ...identity, id: row.id, facetId };
  }

  function identify(traffic: TrafficKey, facet: FacetKey): readonly Identity[] {
    return interpretation.identify(traffic, facet, spansOf(db, traffic));
  }

  function facetOf(traffic: KnownTraffic, key: FacetKey): Facet {
    const known = ofTraffic(traffic.id).get(facetName(key));
    if (known !== undefined) return known;
    const id = Number(insertFacet.run({ trafficId: traffic.id, ...key }).lastInsertRowid);
    const spans = identify(traffic.key, key).map((identity) => store(id, identity));
    const made: Facet = { id, key, spans };
    ofTraffic(traffic.id).set(facetName(key), made);
    return made;
  }

  return {
    at(trafficId, key, at) {
      const { spans } = facetOf(registry.traffic(trafficId), key);
      return (spans.findLast((span) => span.from <= at) ?? spans[0]) as KnownIdentity;
    },
    idsOf: (trafficId) =>
      [...ofTraffic(trafficId).values()].flatMap((facet) => facet.spans.map((span) => span.id)),
    renew(trafficId) {
      const traffic = registry.traffic(trafficId);
      let moved: Instant | undefined;
      for (const facet of ofTraffic(trafficId).values()) {
        const next = identify(traffic.key, facet.key);
        const from = firstMove(facet.spans, next);
        if (from !== undefined) moved = Math.min(moved ?? from, from);
        for (const span of facet.spans) {
          if (!next.some((other) => other.from === span.from)) drop.run(facet.id, span.from);
        }
        facet.spans = next.map((identity) => store(facet.id, identity));
      }
      return moved;
    },
  };
}

/** The first boundary that one list has and the other has not, where it changes which span a period falls in. */
function firstMove(before: readonly Identity[], after: readonly Identity[]): Instant | undefined {
  const changed = [
    ...before.filter((one) => !has(after, one.from)),
    ...after.filter((one) => !has(before, one.from)),
  ];
  const familyChanged = after.filter((one) =>
    before.some((other) => other.from === one.from && other.family !== one.family),
  );
  const starts = [...changed, ...familyChanged].map((one) => one.from);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function spansOf(db: Db, traffic: TrafficKey): readonly InventorySpan[] {
  if (traffic.endpoint === 'mantle') return [];
  const kind = traffic.endpoint === 'azure' ? 'deployment' : 'inference_profile';
  const name =
    traffic.endpoint === 'azure'
      ? traffic.deployment
      : traffic.vendorModel.slice(traffic.vendorModel.lastIndexOf('/') + 1);
  return inventoryOf(db, { ...traffic, kind, name });
}

interface FacetRecord {
  id: number;
  traffic_id: number;
  tier: FacetKey['tier'];
  model_name: string;
  model_version: string;
}

export interface IdentityRecord {
  id: number;
  facet_id: number;
  from_at: number;
  to_at: number;
  model: string;
  model_version: string;
  vendor_model: string;
  deployment: string;
  routing: Identity['routing'];
  tier: Identity['tier'];
  family: string;
  confidence: Identity['confidence'];
  tags: string;
  assumed: number;
}

export function identityFrom(row: IdentityRecord): KnownIdentity {
  return {
    id: row.id,
    facetId: row.facet_id,
    from: row.from_at,
    to: row.to_at,
    model: row.model,
    modelVersion: row.model_version,
    vendorModel: row.vendor_model,
    deployment: row.deployment,
    routing: row.routing,
    tier: row.tier,
    family: row.family,
    confidence: row.confidence,
    tags: JSON.parse(row.tags) as Record<string, string>,
    assumed: row.assumed === 1,
  };
}

function facetName(key: FacetKey): string {
  return `${key.tier}|${key.modelName}|${key.modelVersion}`;
}

function has(list: readonly Identity[], from: Instant): boolean {
  return list.some((one) => one.from === from);
}
