import type Database from 'better-sqlite3';
import { Driver } from './driver.ts';
import { LedgerError } from './database.ts';

/**
 * Holds the ledger's one writer lock until released. It is a lock of the operating system on a file beside the
 * ledger, so a killed process leaves none behind.
 * @throws LedgerError `held` when another process writes
 */
export function takeWriterLock(path: string): { release(): void } {
  if (path === ':memory:') return { release: () => undefined };
  const lock = openLockFile(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new LedgerError(
      'held',
      `${path}: the ledger is held by another Crossbill that writes to it. Stop that one first; reading verbs (report) run beside it.`,
      { cause: error },
    );
  }
  return { release: () => lock.close() };
}

function openLockFile(path: string): Database.Database {
  try {
    const lock = new Driver(`${path}.lock`);
    lock.pragma('busy_timeout = 0');
    return lock;
  } catch (error) {
    throw new LedgerError(
      'unwritable',
      `${path}: the ledger cannot be opened for writing. Check that the folder exists and that this user may write there.`,
      { cause: error },
    );
  }
}
