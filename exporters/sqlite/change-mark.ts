import type { Db } from './database.ts';

/**
 * Says what `ChangeReader` does of a database: the connection counts the rows it changed itself, and the file the commits
 * of others. https://www.sqlite.org/pragma.html#pragma_data_version
 */
export function openChangeMark(db: Db): () => string {
  const own = db.prepare('SELECT total_changes()').pluck();
  const others = db.prepare('PRAGMA data_version').pluck();
  return () => `${String(others.get())}.${String(own.get())}`;
}
