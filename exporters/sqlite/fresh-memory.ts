import type { Db } from './database.ts';
import type { Identities } from './identities.ts';

export interface FreshParts {
  readonly db: Db;
  readonly identities: () => Identities;
}

/** What is kept in memory of rows by identity and time. */
export interface Kept {
  isEmpty(): boolean;
  forgetAll(): void;
  /** What is kept of a traffic and its identities in a span of whole minutes since the epoch, or of the hours and days it touches. */
  forget(trafficId: number, identityIds: readonly number[], start: number, end: number): void;
}

/** What the memory was read from. */
interface Seen {
  readonly revision: number;
  readonly data: number;
  readonly names: Identities | undefined;
  readonly version: number;
}

/**
 * Makes a memory forget what is not in the file any more as it was read: to be called before it answers. A revision makes it
 * forget the span of its traffic, another name or another process' writes everything. Of what is given up for its age there is
 * no revision.
 */
export function openRefresh({ db, identities }: FreshParts, kept: Kept): () => void {
  const revisions = db
    .prepare<[number], [number, number, number, number]>(
      'SELECT sequence, traffic_id, start_minute, end_minute FROM revision WHERE sequence > ?',
    )
    .raw();
  const newest = db.prepare('SELECT coalesce(max(sequence), 0) FROM revision').pluck();
  const dataVersion = db.prepare('PRAGMA data_version').pluck();
  let seen: Seen = { revision: -1, data: -1, names: undefined, version: -1 };
  return () => {
    const data = dataVersion.get() as number;
    // Another process writes where this one only reads: then its every write counts.
    const names = db.readonly ? undefined : identities();
    const version = names?.version ?? 0;
    const revision = newest.get() as number;
    const isSame = data === seen.data && names === seen.names && version === seen.version;
    if (!isSame || revision < seen.revision) kept.forgetAll();
    else if (revision > seen.revision && !kept.isEmpty()) {
      for (const [, trafficId, start, end] of revisions.iterate(seen.revision)) {
        kept.forget(trafficId, identities().idsOf(trafficId), start, end);
      }
    }
    seen = { revision, data, names, version };
  };
}
