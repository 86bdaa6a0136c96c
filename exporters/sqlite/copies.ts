import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { isoUtc } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { LedgerError } from './database.ts';
import type { Db } from './database.ts';
import { Driver } from './driver.ts';
import { takeWriterLock } from './lock.ts';
import { migrations } from './migrations.ts';

/**
 * Copies the ledger as it is at one moment, beside a running writer, and puts the copy in place only once it is checked.
 * The copy is one file, without a log beside it.
 * @returns its size in bytes
 * @throws LedgerError
 */
export async function backupLedger(
  path: string,
  file: string,
  options: { readonly force: boolean },
): Promise<{ readonly bytes: number }> {
  refuseSame(path, file);
  if (existsSync(file) && !options.force) {
    throw new LedgerError(
      'exists',
      `${file}: is there already. Name another file, or say --force to replace it.`,
    );
  }
  const missing = `${path}: there is no ledger to back up. Name the right file under \`ledger\`.`;
  const part = await checkedCopy(path, file, missing);
  try {
    renameSync(part, file);
  } catch (error) {
    removeCopy(part);
    throw unwritable(file, error);
  }
  return { bytes: statSync(file).size };
}

/**
 * Puts a backup in the ledger's place, once it is checked and nobody writes. The present ledger stays beside it. At no
 * moment is there no ledger under the name.
 * @param at now, for the name of what is moved aside
 * @throws LedgerError `held` while another process writes
 */
export async function restoreLedger(
  path: string,
  file: string,
  at: Instant,
): Promise<{ readonly bytes: number; readonly aside: string | undefined }> {
  refuseSame(path, file);
  const lock = takeWriterLock(path);
  try {
    const part = await checkedCopy(file, path, `${file}: there is no such file to restore.`);
    try {
      const aside = existsSync(path) ? keepAside(path, at) : undefined;
      renameSync(part, path);
      return { bytes: statSync(path).size, aside };
    } catch (error) {
      removeCopy(part);
      throw unwritable(path, error);
    }
  } finally {
    lock.release();
  }
}

/** A second name for what is there now, its log included; the first name goes on standing for it until it is replaced. */
function keepAside(path: string, at: Instant): string {
  const time = isoUtc(at).replaceAll(/[-:]|\.\d+/g, '');
  const aside = `${path}.before-restore-${time}`;
  intoOneFile(path);
  linkSync(path, aside);
  const log = `${path}-wal`;
  if (existsSync(log) && statSync(log).size > 0) linkSync(log, `${aside}-wal`);
  for (const rest of [log, `${path}-shm`]) rmSync(rest, { force: true });
  return aside;
}

/** Takes the log into the file, where the file still can be read at all: restoring is what one does when it cannot. */
function intoOneFile(path: string): void {
  try {
    const db = new Driver(path);
    try {
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
  } catch {
    // The log then stays beside the file that is moved aside.
  }
}

/** A checked copy under a name of its own in the folder of `beside`. */
async function checkedCopy(from: string, beside: string, missing: string): Promise<string> {
  if (!existsSync(from)) throw new LedgerError('missing', missing);
  const part = `${beside}.part-${randomUUID().slice(0, 8)}`;
  try {
    await copyInto(from, part);
    check(part, from);
    sync(part);
    return part;
  } catch (error) {
    removeCopy(part);
    throw error instanceof LedgerError ? error : refusalOf(from, beside, error);
  }
}

async function copyInto(from: string, part: string): Promise<void> {
  const source = new Driver(from, { readonly: true, fileMustExist: true });
  try {
    source.pragma('busy_timeout = 5000');
    // All that is left in one go: between two steps a writer would make it begin anew.
    await source.backup(part, { progress: ({ remainingPages }) => remainingPages });
  } finally {
    source.close();
  }
}

function check(part: string, from: string): void {
  const db = new Driver(part);
  try {
    db.pragma('journal_mode = DELETE');
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > migrations.length) {
      throw new LedgerError(
        'newer_schema',
        `${from}: made by a newer Crossbill (schema ${version}, this one knows ${migrations.length}). ` +
          'Use that version. Nothing was changed.',
      );
    }
    if (version === 0 || !hasLedger(db)) {
      throw new LedgerError('corrupt', `${from}: is not a ledger. Nothing was changed.`);
    }
    const found = db.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') throw damaged(from, String(found));
  } finally {
    db.close();
  }
}

function hasLedger(db: Db): boolean {
  const tables = `SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'reading', 'coverage')`;
  return db.prepare(tables).pluck().get() === 3;
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function removeCopy(part: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${part}${end}`, { force: true });
}

function refuseSame(path: string, file: string): void {
  if (existsSync(path) && existsSync(file) && realpathSync(path) === realpathSync(file)) {
    throw new LedgerError('exists', `${file}: is the ledger itself. Name another file.`);
  }
}

function refusalOf(from: string, beside: string, error: unknown): unknown {
  const code = error instanceof Driver.SqliteError ? error.code : '';
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return damaged(from, code, error);
  return unwritable(beside, error);
}

function damaged(file: string, what: string, cause?: unknown): LedgerError {
  return new LedgerError(
    'corrupt',
    `${file}: is not a ledger, or is damaged (${what}). Use another backup. Nothing was changed.`,
    { cause },
  );
}

function unwritable(file: string, cause: unknown): LedgerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LedgerError(
    'unwritable',
    `${file}: could not be written (${why}). Check that the folder exists, that this user may write there and that the disk has room.`,
    { cause },
  );
}
