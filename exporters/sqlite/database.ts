import type Database from 'better-sqlite3';
import { Driver } from './driver.ts';
import { migrations } from './migrations.ts';

export type Db = Database.Database;

/** The ledger cannot be used as it is; the message says what to do. */
export class LedgerError extends Error {
  readonly reason: 'newer_schema' | 'held' | 'corrupt' | 'missing' | 'unwritable' | 'exists';

  constructor(reason: LedgerError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LedgerError';
    this.reason = reason;
  }
}

/** Opens the file and brings its schema up to date, or refuses with a LedgerError. */
export function openDatabase(path: string, mode: 'write' | 'read'): Db {
  const db = connect(path, mode);
  try {
    db.pragma('busy_timeout = 5000');
    if (mode === 'write') {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = NORMAL');
    }
    // The system caches the file as well: more of it here costs memory, and no fill or poll is faster for it.
    db.pragma('cache_size = -4096');
    if (mode === 'write') refuseDamaged(db, path);
    migrate(db, path, mode);
    return db;
  } catch (error) {
    db.close();
    throw refusal(error, path);
  }
}

function connect(path: string, mode: 'write' | 'read'): Db {
  try {
    return new Driver(path, mode === 'read' ? { readonly: true, fileMustExist: true } : {});
  } catch (error) {
    if (mode === 'read') {
      throw new LedgerError(
        'missing',
        `${path}: there is no ledger to read. Start \`crossbill run\` first, or name the right file under \`ledger\`.`,
        { cause: error },
      );
    }
    throw new LedgerError(
      'unwritable',
      `${path}: the ledger cannot be opened for writing. Check that the folder exists and that this user may write there.`,
      { cause: error },
    );
  }
}

function migrate(db: Db, path: string, mode: 'write' | 'read'): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new LedgerError(
      'newer_schema',
      `${path}: made by a newer Crossbill (schema ${version}, this one knows ${migrations.length}). ` +
        'Use that version, or restore a backup made before the upgrade. Nothing was changed.',
    );
  }
  if (mode === 'read') {
    if (version === migrations.length) return;
    throw new LedgerError(
      'missing',
      `${path}: its schema is ${version}, this Crossbill reads ${migrations.length}. Start \`crossbill run\` once to bring it up to date.`,
    );
  }
  for (let next = version; next < migrations.length; next += 1) {
    db.transaction(() => {
      db.exec(migrations[next] as string);
      db.pragma(`user_version = ${next + 1}`);
    })();
  }
}

/** Before the first write: what is damaged only gets worse by writing on. Whole pages are read, indexes are not compared. */
function refuseDamaged(db: Db, path: string): void {
  const found = String(db.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok') throw damaged(path, found);
}

function damaged(path: string, found: string, cause?: unknown): LedgerError {
  return new LedgerError(
    'corrupt',
    `${path}: is not a ledger, or is damaged (${found}). Put a backup in its place with \`crossbill restore FILE\`, ` +
      'or move the file away to start anew. Nothing was changed.',
    { cause },
  );
}

function refusal(error: unknown, path: string): unknown {
  if (error instanceof LedgerError) return error;
  const code = error instanceof Driver.SqliteError ? error.code : '';
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return damaged(path, code, error);
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') {
    return new LedgerError(
      'unwritable',
      `${path}: the ledger cannot be written. Check the disk and this user's rights on the file and its folder.`,
      { cause: error },
    );
  }
  return error;
}
