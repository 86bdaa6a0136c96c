import { ExternalError } from '../../agent/core/errors.ts';
import { Driver } from './driver.ts';

const hints = {
  SQLITE_FULL:
    'Free space there, or shorten `retention`. Nothing is lost: the window is read again.',
  SQLITE_IOERR:
    'Look at the disk and the kernel log. Nothing is lost: the window is read again once it works.',
  SQLITE_READONLY:
    'Give this user write access to the file and its folder, or mount the disk for writing. Nothing is lost: the window is read again.',
} as const;

/**
 * What the disk did to a write, as a failure that says what to do; anything else as it is. The transaction was rolled
 * back, so the same write can be tried again.
 */
export function diskFailure(error: unknown, path: string): unknown {
  if (!(error instanceof Driver.SqliteError)) return error;
  const { code, message } = error;
  const known = Object.entries(hints).find(([start]) => code.startsWith(start));
  if (known === undefined) return error;
  return new ExternalError(
    `${path}: ${message}`,
    { reason: 'unreachable', operation: 'ledger:write', hint: known[1] },
    { cause: error },
  );
}
