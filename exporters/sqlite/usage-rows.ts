import type { EvidenceRow } from '../../agent/core/evidence.ts';
import type { Window } from '../../agent/core/time.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { amountColumns } from './amount-columns.ts';
import type { Db } from './database.ts';

/** With the tokens of the busiest minute of an hour, where they are known. */
export interface StoredRow extends Omit<EvidenceRow, 'traced' | 'mostInputTokens'> {
  readonly peakTokens: number | null;
}

/**
 * What the ledger holds of a minute or an hour: of an hour the minutes it is made of, or where those are gone or were never
 * read, the hour itself.
 */
export function usageRows(db: Db, identityIds: readonly number[], window: Window): StoredRow[] {
  return identityIds.flatMap((id) => {
    const minutes = stored(db, 'usage_minute', id, window);
    if (window.end - window.start < hourMs) return minutes;
    const hours = stored(db, 'usage_hour', id, window);
    return isSumOf(hours, minutes) ? minutes : hours;
  });
}

function stored(
  db: Db,
  table: 'usage_minute' | 'usage_hour',
  identityId: number,
  window: Window,
): StoredRow[] {
  const rows = db
    .prepare(`SELECT * FROM ${table} WHERE identity_id = ? AND minute >= ? AND minute < ?`)
    .safeIntegers()
    .all(identityId, window.start / minuteMs, window.end / minuteMs) as Record<
    string,
    bigint | null | undefined
  >[];
  return rows.map((row) => {
    const number = (name: string) => {
      const value = row[name] ?? null;
      return value === null ? null : Number(value);
    };
    const tokens = amountColumns.slice(0, 5).reduce((sum, name) => sum + (number(name) ?? 0), 0);
    const cost = row['cost'] ?? null;
    return {
      identityId,
      start: (number('minute') ?? 0) * minuteMs,
      periodSeconds: table === 'usage_minute' ? 60 : 3_600,
      input: number('input'),
      cacheRead: number('cache_read'),
      cacheWrite: number('cache_write'),
      output: number('output'),
      unsplitInput: number('unsplit_input'),
      requests: number('requests'),
      errors: number('errors'),
      throttles: number('throttles'),
      rated: number('unpriced') !== null,
      cost,
      costLow: row['cost_low'] ?? cost,
      costHigh: row['cost_high'] ?? cost,
      unpricedTokens: number('unpriced') ?? tokens,
      peakTokens: number('peak_tokens'),
    };
  });
}

function isSumOf(hours: readonly StoredRow[], minutes: readonly StoredRow[]): boolean {
  const total = (rows: readonly StoredRow[], name: 'input' | 'output' | 'cacheRead' | 'requests') =>
    rows.reduce((sum, row) => sum + (row[name] ?? 0), 0);
  const rest = (rows: readonly StoredRow[]) =>
    rows.reduce((sum, row) => sum + (row.cacheWrite ?? 0) + (row.unsplitInput ?? 0), 0);
  return (
    minutes.length > 0 &&
    (['input', 'output', 'cacheRead', 'requests'] as const).every(
      (name) => total(hours, name) === total(minutes, name),
    ) &&
    rest(hours) === rest(minutes)
  );
}
