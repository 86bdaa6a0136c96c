import type { Correction, FeedSums } from '../../agent/core/exporter.ts';
import { overlap } from '../../agent/core/window.ts';
import type { Db } from './database.ts';
import { addSums, noSums } from './feed-columns.ts';
import type { FeedNames } from './feed-names.ts';
import type { FeedRows } from './feed-rows.ts';
import type { FeedTold, ToldSpans } from './feed-told.ts';
import type { FeedTotals } from './feed-totals.ts';
import type { Identities } from './identities.ts';
import type { Registry } from './registry.ts';
import { readRevisions } from './revisions.ts';

export interface CorrectionParts {
  readonly db: Db;
  readonly registry: Registry;
  readonly identities: Identities;
  readonly names: FeedNames;
  readonly rows: FeedRows;
  readonly told: FeedTold;
  readonly totals: FeedTotals;
}

/** What the ledger holds of a traffic's told periods, as last read. */
interface Held {
  readonly counted: string;
  readonly byIdentity: Map<number, FeedSums>;
}

/** What the ledger says of one feed's told periods, kept in memory and read again where a revision says that it changed. */
export interface LedgerNow {
  all(parts: CorrectionParts, feedId: number): readonly Correction[];
  /**
   * More was told, and this is what the ledger held of it at that revision; undefined: it is not known.
   */
  grew(
    parts: CorrectionParts,
    before: ToldSpans,
    after: ToldSpans,
    added: ReadonlyMap<number, FeedSums> | undefined,
    knownUntil: number,
  ): void;
}

const revisionsAtOnce = 5_000;

/** @param sequence the newest revision: what changes from now on is heard of */
export function createLedgerNow(sequence: number): LedgerNow {
  const held = new Map<number, Held>();
  let cursor = sequence;

  function forgetChanged(db: Db, told: ReadonlyMap<number, ToldSpans>): void {
    // Who did not ask for so long that revisions were given up reads everything anew.
    if (oldestRevision(db) > cursor + 1) held.clear();
    for (;;) {
      const revisions = readRevisions(db, cursor, revisionsAtOnce);
      for (const { sequence: next, trafficId, window } of revisions) {
        cursor = next;
        if (told.get(trafficId)?.counted.some((span) => overlap(span, window)) === true) {
          held.delete(trafficId);
        }
      }
      if (revisions.length < revisionsAtOnce) return;
    }
  }

  function heldOf({ identities, rows }: CorrectionParts, { trafficId, counted }: ToldSpans): Held {
    const text = textOf(counted);
    const known = held.get(trafficId);
    if (known?.counted === text) return known;
    const byIdentity = new Map<number, FeedSums>();
    for (const id of identities.idsOf(trafficId)) {
      const sums = rows.sum(id, counted);
      if (sums !== undefined) byIdentity.set(id, sums);
    }
    const read = { counted: text, byIdentity };
    held.set(trafficId, read);
    return read;
  }

  return {
    grew({ db }, before, after, added, knownUntil) {
      const known = held.get(after.trafficId) ?? emptyHeld(before);
      const changed = hasChanged(db, after.trafficId, knownUntil);
      if (added === undefined || changed || known?.counted !== textOf(before.counted)) {
        held.delete(after.trafficId);
        return;
      }
      for (const [id, sums] of added) {
        known.byIdentity.set(id, addSums(known.byIdentity.get(id) ?? noSums, sums));
      }
      held.set(after.trafficId, { ...known, counted: textOf(after.counted) });
    },
    all(parts, feedId) {
      const { db, registry, identities, names, told, totals } = parts;
      const spans = told.all(feedId);
      forgetChanged(db, spans);
      const byName = new Map(totals.gone(feedId));
      for (const one of spans.values()) {
        const traffic = registry.traffic(one.trafficId);
        const { byIdentity } = heldOf(parts, one);
        if (byIdentity.size === 0) continue;
        for (const identity of identities.all(one.trafficId)) {
          const sums = byIdentity.get(identity.id);
          if (sums === undefined) continue;
          const { id } = names.of(traffic, identity);
          byName.set(id, addSums(byName.get(id) ?? noSums, sums));
        }
      }
      for (const total of totals.all(feedId)) {
        byName.set(total.name.id, addSums(byName.get(total.name.id) ?? noSums, total, -1));
      }
      return [...byName].map(([id, sums]) => ({ name: names.get(id), ...sums }));
    },
  };
}

/** Nothing was told yet, so nothing is held. */
function emptyHeld({ counted }: ToldSpans): Held | undefined {
  return counted.length === 0 ? { counted: '', byIdentity: new Map() } : undefined;
}

function textOf(counted: ToldSpans['counted']): string {
  return counted.map(({ start, end }) => `${start}-${end}`).join(',');
}

export function newestRevision(db: Db): number {
  return db.prepare('SELECT coalesce(max(sequence), 0) FROM revision').pluck().get() as number;
}

function oldestRevision(db: Db): number {
  return db.prepare('SELECT coalesce(min(sequence), 0) FROM revision').pluck().get() as number;
}

function hasChanged(db: Db, trafficId: number, since: number): boolean {
  return (
    db
      .prepare('SELECT 1 FROM revision WHERE sequence > ? AND traffic_id = ? LIMIT 1')
      .get(since, trafficId) !== undefined
  );
}
