import type { CardSpan, RateCard, Rater } from '../../agent/core/rating.ts';
import type { TrafficKey } from '../../agent/core/reading.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { dataFrom, dataText } from './data-text.ts';
import type { Db } from './database.ts';
import type { KnownIdentity } from './identities.ts';
import { openMeta } from './meta.ts';
import type { KnownTraffic } from './registry.ts';

/** By which prices each identity's costs are rated, and when; kept in the file, so that a cost can name its prices. */
export interface Cards {
  /** Another one whenever any identity's spans are. */
  readonly version: number;
  rateWith(rater: Rater): void;
  rater(): Rater | undefined;
  /** Spans that cover all time, made where the identity is new. Empty where there is no rater. */
  of(traffic: KnownTraffic, identity: KnownIdentity): readonly CardSpan[];
  /** Its costs are written without prices: whoever rates next rates all of it. */
  forget(identityId: number): void;
  /** After names or prices changed: the spans as they are now. Returns where another rate holds than did. */
  renew(traffic: KnownTraffic, identity: KnownIdentity): readonly Window[];
}

export function openCards(db: Db, rater: Rater | undefined): Cards {
  const findCard = db.prepare('SELECT id FROM rate_card WHERE key = ?').pluck();
  const addCard = db.prepare('INSERT INTO rate_card (key, card) VALUES (?, ?)');
  const drop = db.prepare('DELETE FROM identity_card WHERE identity_id = ?');
  const add = db.prepare('INSERT INTO identity_card VALUES (?, ?, ?, ?)');
  const stored = db.prepare(storedSpans);
  const isListed = openListedThroughput(db);
  const meta = openMeta(db);
  const known = new Map<number, readonly CardSpan[]>();
  const forgotten = new Set<number>();
  const cardIds = new Map<string, number | bigint>();
  /** Whether any identity has cards, so that none needs to be asked for or dropped where there are none. */
  let isRated = db.prepare('SELECT 1 FROM identity_card LIMIT 1').get() !== undefined;
  let current = rater;
  let version = 0;

  function read(identityId: number): readonly CardSpan[] {
    let spans = known.get(identityId);
    if (spans === undefined) {
      spans = (stored.all(identityId) as StoredSpan[]).map(spanFrom);
      known.set(identityId, spans);
    }
    return spans;
  }

  /** What it had is dropped. */
  function keep(identityId: number, spans: readonly CardSpan[]): void {
    version += 1;
    isRated = true;
    for (const { from, to, card } of spans) add.run(identityId, from, to, cardId(card));
    known.set(identityId, spans);
  }

  function cardId(card: RateCard): number | bigint {
    let id = cardIds.get(card.key) ?? (findCard.get(card.key) as number | undefined);
    id ??= addCard.run(card.key, dataText(card)).lastInsertRowid;
    cardIds.set(card.key, id);
    return id;
  }

  function forget(identityId: number): void {
    if (!isRated || forgotten.has(identityId)) return;
    version += 1;
    forgotten.add(identityId);
    drop.run(identityId);
    meta.forget('rater_version');
  }

  return {
    get version() {
      return version;
    },
    rater: () => current,
    rateWith(next) {
      current = next;
    },
    of(traffic, identity) {
      const spans = read(identity.id);
      if (spans.length > 0 || current === undefined) return spans;
      const made = wanted(current, traffic, identity, isListed);
      keep(identity.id, made);
      return made;
    },
    forget,
    renew(traffic, identity) {
      if (current === undefined) {
        forget(identity.id);
        return [];
      }
      // An identity that went may have left its number to another one.
      known.delete(identity.id);
      const before = read(identity.id);
      const after = wanted(current, traffic, identity, isListed);
      if (isSame(before, after)) return [];
      if (before.length > 0) drop.run(identity.id);
      keep(identity.id, after);
      return movedSpans(before, after);
    },
  };
}

/** The card that holds at a moment. */
export function cardAt(spans: readonly CardSpan[], at: Instant): RateCard | undefined {
  for (let i = spans.length - 1; i >= 0; i -= 1) {
    const span = spans[i];
    if (span !== undefined && span.from <= at) return span.card;
  }
  return undefined;
}

export const storedSpans = `SELECT from_at, to_at, card FROM identity_card JOIN rate_card ON rate_card.id = card_id
  WHERE identity_id = ? ORDER BY from_at`;

export interface StoredSpan {
  readonly from_at: number;
  readonly to_at: number;
  readonly card: string;
}

export function spanFrom({ from_at: from, to_at: to, card }: StoredSpan): CardSpan {
  return { from, to, card: dataFrom(card) as RateCard };
}

function isSame(a: readonly CardSpan[], b: readonly CardSpan[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ from, to, card }, i) => {
      const other = b[i];
      return other?.from === from && other.to === to && other.card.key === card.key;
    })
  );
}

/** Where the rates of two lists differ; all of the second where there was no first. */
function movedSpans(before: readonly CardSpan[], after: readonly CardSpan[]): readonly Window[] {
  const moved: Window[] = [];
  for (const { from, to, card } of after) {
    const parts = before.filter((old) => old.from < to && old.to > from);
    if (parts.length === 0) moved.push({ start: from, end: to });
    for (const old of parts) {
      if (old.card.rateKey === card.rateKey) continue;
      moved.push({ start: Math.max(from, old.from), end: Math.min(to, old.to) });
    }
  }
  return moved;
}

/** Whether the inventory ever named the model units behind a Bedrock id: they are charged by the hour, a reserved tier is not. */
function openListedThroughput(db: Db): (key: TrafficKey) => boolean {
  const find = db.prepare<[object]>(
    `SELECT 1 FROM inventory WHERE kind = 'provisioned_throughput' AND cloud = @cloud AND account = @account
     AND region = @region AND resource = @resource AND name = @name LIMIT 1`,
  );
  return (key) => {
    const name = key.vendorModel.slice(key.vendorModel.lastIndexOf('/') + 1);
    return find.get({ ...key, name }) !== undefined;
  };
}

function wanted(
  by: Rater,
  { key }: KnownTraffic,
  identity: KnownIdentity,
  isListed: (key: TrafficKey) => boolean,
) {
  const { cloud, account, region } = key;
  const { model, modelVersion, routing, tier, family } = identity;
  const subject = { cloud, account, region, model, modelVersion, routing, tier, family };
  const unlisted = cloud === 'aws' && tier === 'provisioned' && !isListed(key);
  return by.cardsOf(unlisted ? { ...subject, unlisted } : subject);
}
