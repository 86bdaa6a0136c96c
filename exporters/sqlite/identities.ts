import type { Instant } from '../../agent/core/time.ts';
import { facetName } from '../../agent/core/reading.ts';
import type { FacetKey, TrafficKey } from '../../agent/core/reading.ts';
import type { InventorySpan } from '../../agent/core/inventory.ts';
import type { Identity, Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import { openInventory } from './inventory.ts';
import type { InventoryHistory } from './inventory.ts';
import { openManyRows } from './many-rows.ts';
import type { ManyRows } from './many-rows.ts';
import type { KnownTraffic, Registry } from './registry.ts';

export interface KnownIdentity extends Identity {
  readonly id: number;
  readonly facetId: number;
}

/** Which names each facet of a traffic goes by, and when. */
export interface Identities {
  /** Another one whenever anybody is called otherwise. */
  readonly version: number;
  /** Every identity of a facet, by time; facet and identities are made when new. */
  of(trafficId: number, facet: FacetKey): readonly KnownIdentity[];
  /** The same; what is new is in the file after `flush`. */
  waitingOf(trafficId: number, facet: FacetKey): readonly KnownIdentity[];
  flush(): void;
  /** Every identity of the traffic. */
  all(trafficId: number): readonly KnownIdentity[];
  /** Their ids. */
  idsOf(trafficId: number): readonly number[];
  /**
   * Identifies the traffic's facets anew after its inventory or the aliases changed. Names change in place. Returns
   * the moment from which periods now belong to another identity, or undefined when none does.
   */
  renew(trafficId: number): Instant | undefined;
  /** The inventory changed: whoever is identified next is by what it says now. */
  listedAnew(): void;
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
  const inventory = openInventory(db);
  const facets = new Map<number, Map<string, Facet>>();
  let version = 0;
  /** Made when something is new: readers never need it. */
  let inserts: Inserts | undefined;
  const lastOf = (table: 'facet' | 'identity') =>
    db.prepare(`SELECT coalesce(max(id), 0) FROM ${table}`).pluck().get() as number;
  let lastFacet = lastOf('facet');
  let lastIdentity = lastOf('identity');
  /** Identities whose facets may not be in the file yet. */
  let waiting: (string | number)[][] = [];
  const update = db.prepare(
    `UPDATE identity SET facet_id = ?, from_at = ?, to_at = ?, model = ?, model_version = ?, vendor_model = ?,
       deployment = ?, routing = ?, tier = ?, family = ?, confidence = ?, tags = ?, assumed = ? WHERE id = ?`,
  );
  const drop = db.prepare('DELETE FROM identity WHERE facet_id = ? AND from_at = ?');

  const ofFacet = db.prepare('SELECT * FROM identity WHERE facet_id = ? ORDER BY from_at');
  for (const row of db.prepare('SELECT * FROM facet').all() as FacetRecord[]) {
    const key = { tier: row.tier, modelName: row.model_name, modelVersion: row.model_version };
    const spans = (ofFacet.all(row.id) as IdentityRecord[]).map(identityFrom);
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

  /** @param known the facet's identity that begins at the same time, whose place it takes */
  function store(facetId: number, identity: Identity, known?: KnownIdentity): KnownIdentity {
    version += 1;
    const values = [
      facetId,
      identity.from,
      identity.to,
      identity.model,
      identity.modelVersion,
      identity.vendorModel,
      identity.deployment,
      identity.routing,
      identity.tier,
      identity.family,
      identity.confidence,
      JSON.stringify(identity.tags),
      identity.assumed ? 1 : 0,
    ];
    const id = known?.id ?? (lastIdentity += 1);
    if (known !== undefined) update.run(...values, id);
    else waiting.push([...values, id]);
    return { ...identity, id, facetId };
  }

  function flush(): void {
    if (waiting.length === 0) return;
    inserts ??= openInserts(db);
    inserts.facets.flush();
    for (const values of waiting) {
      for (const value of values) inserts.identities.value(value);
    }
    waiting = [];
    inserts.identities.flush();
  }

  function identify(traffic: TrafficKey, facet: FacetKey): readonly Identity[] {
    return interpretation.identify(traffic, facet, spansOf(inventory, traffic));
  }

  function facetOf(traffic: KnownTraffic, key: FacetKey): Facet {
    const name = facetName(key);
    const ofThis = ofTraffic(traffic.id);
    const known = ofThis.get(name);
    if (known !== undefined) return known;
    const { tier, modelName, modelVersion } = key;
    const id = (lastFacet += 1);
    inserts ??= openInserts(db);
    for (const value of [id, traffic.id, tier, modelName, modelVersion])
      inserts.facets.value(value);
    const spans = identify(traffic.key, key).map((identity) => store(id, identity));
    const made: Facet = { id, key, spans };
    ofThis.set(name, made);
    return made;
  }

  return {
    get version() {
      return version;
    },
    of(trafficId, key) {
      const { spans } = facetOf(registry.traffic(trafficId), key);
      flush();
      return spans;
    },
    waitingOf: (trafficId, key) => facetOf(registry.traffic(trafficId), key).spans,
    flush,
    all: (trafficId) => [...ofTraffic(trafficId).values()].flatMap(({ spans }) => spans),
    idsOf(trafficId) {
      const ids: number[] = [];
      for (const { spans } of ofTraffic(trafficId).values()) {
        for (const { id } of spans) ids.push(id);
      }
      return ids;
    },
    listedAnew: () => inventory.forget(),
    renew(trafficId) {
      const traffic = registry.traffic(trafficId);
      let moved: Instant | undefined;
      for (const facet of ofTraffic(trafficId).values()) {
        const next = identify(traffic.key, facet.key);
        const from = firstMove(facet.spans, next);
        if (from !== undefined) moved = Math.min(moved ?? from, from);
        for (const span of facet.spans) {
          if (next.some((other) => other.from === span.from)) continue;
          version += 1;
          drop.run(facet.id, span.from);
        }
        const before = new Map(facet.spans.map((span) => [span.from, span]));
        facet.spans = next.map((identity) => store(facet.id, identity, before.get(identity.from)));
      }
      flush();
      return moved;
    },
  };
}

interface Inserts {
  readonly facets: ManyRows;
  readonly identities: ManyRows;
}

function openInserts(db: Db): Inserts {
  return {
    facets: openManyRows(
      db,
      5,
      (rows) =>
        `INSERT INTO facet (id, traffic_id, tier, model_name, model_version) VALUES ${rows}`,
    ),
    identities: openManyRows(
      db,
      14,
      (rows) =>
        `INSERT INTO identity (facet_id, from_at, to_at, model, model_version, vendor_model, deployment, routing, tier,
           family, confidence, tags, assumed, id) VALUES ${rows}`,
    ),
  };
}

/** The one of a facet's identities that holds at a moment. */
export function identityAt(spans: readonly KnownIdentity[], at: Instant): KnownIdentity {
  const known = spans.length === 1 ? undefined : spans.findLast((span) => span.from <= at);
  return (known ?? spans[0]) as KnownIdentity;
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

function spansOf(inventory: InventoryHistory, traffic: TrafficKey): readonly InventorySpan[] {
  if (traffic.endpoint === 'mantle') return [];
  if (traffic.endpoint === 'azure') {
    return inventory.of({ ...traffic, kind: 'deployment', name: traffic.deployment });
  }
  const name = traffic.vendorModel.slice(traffic.vendorModel.lastIndexOf('/') + 1);
  const units = inventory.of({ ...traffic, kind: 'provisioned_throughput', name });
  return units.length > 0 ? units : inventory.of({ ...traffic, kind: 'inference_profile', name });
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

function has(list: readonly Identity[], from: Instant): boolean {
  return list.some((one) => one.from === from);
}
