import type { FeedSums } from '../../agent/core/exporter.ts';
import type { Window } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { subtract } from '../../agent/core/window.ts';
import { amountColumns, costColumns, costSums } from './amount-columns.ts';
import type { Db } from './database.ts';
import { addSums, noSums, sumsFrom } from './feed-columns.ts';
import type { SumRecord } from './feed-columns.ts';

type Grain = 'minute' | 'hour' | 'day';

/** What the ledger says of one identity, for telling it on. */
export interface FeedRows {
  /** Row by row, oldest first. */
  rows(identityId: number, window: Window, grain: 'minute' | 'hour'): readonly FeedRow[];
  /** The sum over spans, from the coarsest rows that fill them; undefined: no row. */
  sum(identityId: number, windows: readonly Window[]): FeedSums | undefined;
  /** The sum over spans from rows of one grain that begin in them. */
  sumAt(identityId: number, windows: readonly Window[], grain: Grain): FeedSums | undefined;
}

export interface FeedRow {
  readonly start: number;
  readonly sums: FeedSums;
}

const tables: Readonly<Record<Grain, string>> = {
  minute: 'usage_minute',
  hour: 'usage_hour',
  day: 'usage_day',
};
const range = 'identity_id = ? AND minute >= ? AND minute < ?';
const columns = [...amountColumns, ...costColumns];
const summed = [
  ...amountColumns.map((name) => `sum(${name}) AS ${name}`),
  ...costColumns.map((name, i) => `${costSums[i]} AS ${name}`),
].join(', ');
/** A row by itself, by the same rules as a sum of rows. */
const single = columns
  .map((name, i) => (i < columns.length - 1 ? name : `${costSums.at(-1)?.slice(4, -1)} AS ${name}`))
  .join(', ');

export function openFeedRows(db: Db): FeedRows {
  const rowsOf = (grain: Grain) =>
    db
      .prepare<[number, number, number], SumRecord>(
        `SELECT minute, ${single} FROM ${tables[grain]} WHERE ${range} ORDER BY minute`,
      )
      .safeIntegers(true);
  const sumOf = (grain: Grain) =>
    db
      .prepare<[number, number, number], SumRecord>(
        `SELECT count(*) AS found, ${summed} FROM ${tables[grain]} WHERE ${range}`,
      )
      .safeIntegers(true);
  const rows = { minute: rowsOf('minute'), hour: rowsOf('hour') };
  const sums = { minute: sumOf('minute'), hour: sumOf('hour'), day: sumOf('day') };

  function sumAt(identityId: number, windows: readonly Window[], grain: Grain) {
    let total: FeedSums | undefined;
    for (const { start, end } of windows) {
      const row = sums[grain].get(identityId, start / minuteMs, end / minuteMs);
      if (row === undefined || row['found'] === 0n) continue;
      total = addSums(total ?? noSums, sumsFrom(row));
    }
    return total;
  }

  return {
    rows: (identityId, { start, end }, grain) =>
      rows[grain].all(identityId, start / minuteMs, end / minuteMs).map((row) => ({
        start: Number(row['minute']) * minuteMs,
        sums: sumsFrom(row),
      })),
    sum(identityId, windows) {
      const parts = windows.flatMap((window) => piecesOf(window));
      return (['day', 'hour', 'minute'] as const)
        .map((grain) =>
          sumAt(
            identityId,
            parts.filter((one) => one.grain === grain),
            grain,
          ),
        )
        .reduce((all, one) => (all && one ? addSums(all, one) : (all ?? one)), undefined);
    },
    sumAt,
  };
}

/** Whole days, then whole hours of the rest, then minutes. */
function piecesOf(window: Window): readonly (Window & { readonly grain: Grain })[] {
  const whole = (within: Window, stepMs: number, grain: Grain) => {
    const start = ceilTo(within.start, stepMs);
    const end = floorTo(within.end, stepMs);
    return start < end ? [{ start, end, grain }] : [];
  };
  const days = whole(window, dayMs, 'day');
  const hours = subtract(window, days).flatMap((rest) => whole(rest, hourMs, 'hour'));
  const minutes = subtract(window, [...days, ...hours]);
  return [...days, ...hours, ...minutes.map((rest) => ({ ...rest, grain: 'minute' as const }))];
}
