import type { Db } from './database.ts';

/** By which rules and prices the rows were made that are in the file. */
export type MetaKey =
  | 'identity_version'
  | 'contract_version'
  | 'rater_version'
  | 'capacity_version'
  /** A minute: no hour before it is charged any more. */
  | 'capacity_aged_until';

export interface Meta {
  /** Undefined: never, or not known any more. */
  get(key: MetaKey): string | undefined;
  set(key: MetaKey, value: string): void;
  forget(key: MetaKey): void;
}

export function openMeta(db: Db): Meta {
  const get = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const set = db.prepare(
    'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const forget = db.prepare('DELETE FROM meta WHERE key = ?');
  return {
    get: (key) => get.get(key),
    set: (key, value) => void set.run(key, value),
    forget: (key) => void forget.run(key),
  };
}
