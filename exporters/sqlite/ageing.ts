import type { AgeResult, LedgerRetention } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { dayMs, floorTo, hourMs, minuteMs, secondMs } from '../../agent/core/time.ts';
import type { BillSpans } from './bill-spans.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { FeedAgeing } from './feed-ageing.ts';
import type { Fold } from './fold.ts';
import { openMeta } from './meta.ts';

export interface AgeingParts {
  readonly db: Db;
  readonly coverage: Coverage;
  readonly fold: Fold;
  readonly bills: Pick<BillSpans, 'dropBefore'>;
  readonly feeds: FeedAgeing;
}

interface Cuts {
  readonly minute: Instant;
  readonly hour: Instant;
  readonly day: Instant;
}

/** A grain that is given up before its cut, whole steps at a time. */
interface Stage {
  readonly periodSeconds: number;
  readonly cut: Instant;
  readonly stepMs: number;
  /** Deletes one step that starts at the instant; the rows it deleted. */
  age(start: Instant): number;
}

/**
 * How long the log of what changed is kept. Who reads it by a cursor and stays away for longer than this begins anew.
 */
const revisionsKeptMs = 35 * dayMs;
/** Revisions a step. */
const revisionsAtOnce = 5_000;

/**
 * One bounded step of forgetting: an hour of minutes, or a day of hours, or all days that are too old and some
 * revisions. What coarser
 * tables hold is not touched, so their answers stay; coverage becomes coverage of the next grain, so the span is still
 * known as read, only not as finely. The caller makes it one transaction, and asks again while there is more.
 */
export function createAgeing({ db, coverage, fold, bills, feeds }: AgeingParts) {
  const slowestSettle = db.prepare('SELECT coalesce(max(settle_seconds), 0) FROM unit').pluck();
  const seriesIds = db.prepare('SELECT id FROM series').pluck();
  const firstReading = db
    .prepare('SELECT min(minute) FROM reading WHERE series_id = ? AND period_seconds = ?')
    .pluck();
  const firstCoverage = db
    .prepare('SELECT min(start_minute) FROM coverage WHERE period_seconds = ?')
    .pluck();
  const dropHourReadings = dropPeriod(db, 'reading', 3_600);
  const dropVanishedMinutes = dropPeriod(db, 'vanished', 60);
  const dropVanishedHours = dropPeriod(db, 'vanished', 3_600);
  const dropMinuteUsage = dropOfIdentities(db, 'usage_minute');
  const dropHourUsage = dropOfIdentities(db, 'usage_hour');
  const dropLatency = db.prepare(
    `DELETE FROM latency_hour WHERE identity_id IN (SELECT id FROM identity)
       AND phase IN ('request', 'first_token') AND minute >= ? AND minute < ?`,
  );
  const dropDays = dropOfIdentities(db, 'usage_day', '<');
  // Hours of capacity are few, and nothing coarser holds what they come to: they stay as long as days do.
  const dropCapacity = ['capacity_share', 'capacity_hour'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE minute < ?`),
  );
  const meta = openMeta(db);
  // The newest stays, however old: what it is numbered is how far the ledger has come.
  const dropRevisions = db.prepare(
    `DELETE FROM revision WHERE at < ? AND sequence < (SELECT max(sequence) FROM revision)
       AND sequence IN (SELECT sequence FROM revision ORDER BY sequence LIMIT ?)`,
  );

  function stagesOf(cuts: Cuts): readonly Stage[] {
    return [
      {
        periodSeconds: 60,
        cut: cuts.minute,
        stepMs: hourMs,
        age(start) {
          const range = minutesOf(start, hourMs);
          feeds.beforeMinutesGo(start);
          const folded = fold.hour(start);
          coverage.coarsen(60, 3_600, start + hourMs);
          dropVanishedMinutes.run(...range);
          return folded + dropMinuteUsage.run(...range).changes;
        },
      },
      {
        periodSeconds: 3_600,
        cut: cuts.hour,
        stepMs: dayMs,
        age(start) {
          const range = minutesOf(start, dayMs);
          feeds.beforeHoursGo(start);
          coverage.coarsen(3_600, 86_400, start + dayMs);
          dropVanishedHours.run(...range);
          return [dropHourReadings, dropHourUsage, dropLatency]
            .map((drop) => drop.run(...range).changes)
            .reduce((sum, changes) => sum + changes, 0);
        },
      },
    ];
  }

  /** The start of the first step of the grain that holds anything. */
  function oldest({ periodSeconds, stepMs }: Stage): Instant | undefined {
    const firsts = (seriesIds.all() as number[]).map(
      (id) => firstReading.get(id, periodSeconds) as number | null,
    );
    const known = [...firsts, firstCoverage.get(periodSeconds) as number | null].filter(
      (minute) => minute !== null,
    );
    if (known.length === 0) return undefined;
    const first = known.reduce((least, minute) => Math.min(least, minute));
    return floorTo(first * minuteMs, stepMs);
  }

  return (now: Instant, retention: LedgerRetention): AgeResult => {
    const cuts = cutsOf(now, retention, slowestSettle.get() as number);
    for (const stage of stagesOf(cuts)) {
      const start = oldest(stage);
      if (start !== undefined && start + stage.stepMs <= stage.cut) {
        return { deleted: stage.age(start), more: true };
      }
    }
    const revisions = dropRevisions.run(now - revisionsKeptMs, revisionsAtOnce).changes;
    const more = revisions === revisionsAtOnce;
    if (!Number.isFinite(cuts.day)) return { deleted: revisions, more };
    feeds.beforeDaysGo(cuts.day);
    const days = dropDays.run(cuts.day / minuteMs).changes;
    meta.set('capacity_aged_until', String(cuts.day / minuteMs));
    for (const drop of dropCapacity) drop.run(cuts.day / minuteMs);
    coverage.dropBefore(86_400, cuts.day);
    return { deleted: days + bills.dropBefore(cuts.day) + revisions, more };
  };
}

/**
 * Whole hours and whole days only. Minutes stay until the slowest meter has settled, and no grain goes before a finer
 * one, whatever the configuration says.
 */
function cutsOf(now: Instant, retention: LedgerRetention, settleSeconds: number): Cuts {
  const least = settleSeconds + hourMs / secondMs;
  const minute = floorTo(now - Math.max(retention.minuteSeconds, least) * secondMs, hourMs);
  const hour = floorTo(Math.min(minute, now - retention.hourSeconds * secondMs), dayMs);
  const day = floorTo(Math.min(hour, now - retention.daySeconds * secondMs), dayMs);
  return { minute, hour, day };
}

function minutesOf(start: Instant, lengthMs: number): readonly [number, number] {
  return [start / minuteMs, (start + lengthMs) / minuteMs];
}

function dropPeriod(db: Db, table: 'reading' | 'vanished', periodSeconds: number) {
  return db.prepare(
    `DELETE FROM ${table} WHERE series_id IN (SELECT id FROM series) AND period_seconds = ${periodSeconds}
       AND minute >= ? AND minute < ?`,
  );
}

function dropOfIdentities(db: Db, table: string, before?: '<') {
  const range = before === undefined ? 'minute >= ? AND minute < ?' : 'minute < ?';
  return db.prepare(
    `DELETE FROM ${table} WHERE identity_id IN (SELECT id FROM identity) AND ${range}`,
  );
}
