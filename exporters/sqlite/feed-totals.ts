import type { FeedSums, ToldTotal } from '../../agent/core/exporter.ts';
import type { Instant } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import { addedColumn, sumColumns, sumsFrom, sumValues } from './feed-columns.ts';
import type { SumRecord } from './feed-columns.ts';
import type { FeedNames } from './feed-names.ts';

/** What one page adds to the total of a name. */
export interface ToldSums extends FeedSums {
  /** The newest end of a period of it. */
  readonly until: Instant;
  readonly succeeded: number | null;
}

export interface FeedTotals {
  all(feedId: number): readonly ToldTotal[];
  of(feedId: number, nameId: number): ToldTotal | undefined;
  add(feedId: number, nameId: number, told: ToldSums): void;
  /** What the ledger held of told periods that it no longer holds apart, by name id. */
  gone(feedId: number): ReadonlyMap<number, FeedSums>;
  addGone(feedId: number, nameId: number, sums: FeedSums): void;
}

export function openFeedTotals(db: Db, names: FeedNames): FeedTotals {
  const placeholders = sumColumns.map(() => '?').join(', ');
  const every = db
    .prepare<[number], SumRecord>('SELECT * FROM feed_total WHERE feed_id = ? ORDER BY name_id')
    .safeIntegers(true);
  const one = db
    .prepare<[number, number], SumRecord>(
      'SELECT * FROM feed_total WHERE feed_id = ? AND name_id = ?',
    )
    .safeIntegers(true);
  const upsert = db.prepare(
    `INSERT INTO feed_total (feed_id, name_id, until_minute, succeeded, ${sumColumns.join(', ')})
     VALUES (?, ?, ?, ?, ${placeholders})
     ON CONFLICT (feed_id, name_id) DO UPDATE SET until_minute = max(until_minute, excluded.until_minute),
       ${['succeeded', ...sumColumns].map(addedColumn).join(', ')}`,
  );
  const everyGone = db
    .prepare<[number], SumRecord>('SELECT * FROM feed_gone WHERE feed_id = ?')
    .safeIntegers(true);
  const upsertGone = db.prepare(
    `INSERT INTO feed_gone (feed_id, name_id, ${sumColumns.join(', ')}) VALUES (?, ?, ${placeholders})
     ON CONFLICT (feed_id, name_id) DO UPDATE SET ${sumColumns.map(addedColumn).join(', ')}`,
  );

  function totalFrom(row: SumRecord): ToldTotal {
    const succeeded = row['succeeded'] ?? null;
    return {
      name: names.get(Number(row['name_id'])),
      until: Number(row['until_minute']) * minuteMs,
      succeeded: succeeded === null ? null : Number(succeeded),
      ...sumsFrom(row),
    };
  }

  return {
    all: (feedId) => every.all(feedId).map(totalFrom),
    of(feedId, nameId) {
      const row = one.get(feedId, nameId);
      return row && totalFrom(row);
    },
    add(feedId, nameId, told) {
      upsert.run(feedId, nameId, told.until / minuteMs, told.succeeded, ...sumValues(told));
    },
    gone: (feedId) =>
      new Map(everyGone.all(feedId).map((row) => [Number(row['name_id']), sumsFrom(row)])),
    addGone: (feedId, nameId, sums) => void upsertGone.run(feedId, nameId, ...sumValues(sums)),
  };
}
