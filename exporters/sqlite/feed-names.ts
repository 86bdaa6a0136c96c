import type { ToldName } from '../../agent/core/exporter.ts';
import type { Db } from './database.ts';
import type { KnownIdentity } from './identities.ts';
import type { KnownTraffic } from './registry.ts';

/** The names under which usage was told, each kept as it was then. */
export interface FeedNames {
  /** What the identity is called now; made where it is new. To be called inside a transaction. */
  of(traffic: KnownTraffic, identity: KnownIdentity): ToldName;
  get(id: number): ToldName;
}

type Words = Omit<ToldName, 'id'>;

export function openFeedNames(db: Db): FeedNames {
  const find = db.prepare<[string], number>('SELECT id FROM told_name WHERE words = ?').pluck();
  const insert = db.prepare('INSERT INTO told_name (words) VALUES (?)');
  const read = db.prepare<[number], string>('SELECT words FROM told_name WHERE id = ?').pluck();
  const known = new Map<number, ToldName>();
  /** Another name is another object. */
  const named = new WeakMap<KnownIdentity, ToldName>();

  function keep(id: number, words: Words): ToldName {
    const name = { id, ...words };
    known.set(id, name);
    return name;
  }

  return {
    of(traffic, identity) {
      const before = named.get(identity);
      if (before !== undefined) return before;
      const words = wordsOf(traffic, identity);
      const text = JSON.stringify(words);
      const id = find.get(text) ?? Number(insert.run(text).lastInsertRowid);
      const name = known.get(id) ?? keep(id, words);
      named.set(identity, name);
      return name;
    },
    get(id) {
      return known.get(id) ?? keep(id, JSON.parse(read.get(id) as string) as Words);
    },
  };
}

/** In one order, so that the same words are the same text. */
function wordsOf({ id: trafficId, key }: KnownTraffic, identity: KnownIdentity): Words {
  const tags = Object.entries(identity.tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    trafficId,
    cloud: key.cloud,
    account: key.account,
    region: key.region,
    resource: key.resource,
    endpoint: key.endpoint,
    meteredModel: key.vendorModel === '' ? key.deployment : key.vendorModel,
    model: identity.model,
    modelVersion: identity.modelVersion,
    vendorModel: identity.vendorModel,
    deployment: identity.deployment,
    routing: identity.routing,
    tier: identity.tier,
    family: identity.family,
    tags: Object.fromEntries(tags),
  };
}
