import type { BillSource, BillStatement } from '../../agent/core/bill.ts';
import type { BilledDays } from '../../agent/core/bill-store.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import { dayMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

/** Which days of a scope were told by which statement, the last one for each day. */
export interface BillSpans {
  /** The statement's days are its own from now on: they are cut out of older spans. Caller makes it one transaction. */
  told(scopeId: number, statement: Pick<BillStatement, 'days' | 'finalUntil' | 'fetchedAt'>): void;
  /** Forgets lines and spans of days before it, and what was told of them; the rows it deleted. Caller makes it one transaction. */
  dropBefore(day: Instant): number;
}

/** A scope with the days that it told. */
export interface ToldScope {
  readonly id: number;
  readonly source: BillSource;
  readonly cloud: Cloud;
  readonly scope: string;
  /** Sorted, disjoint. */
  readonly spans: readonly ToldSpan[];
}

export type ToldSpan = Pick<BilledDays, 'start' | 'end' | 'finalUntil' | 'fetchedAt'>;

interface SpanRow {
  start_day: number;
  end_day: number;
  final_until: number;
  fetched_at: number;
}

export function openBillSpans(db: Db): BillSpans {
  const overlapping = db.prepare<[number, number, number], SpanRow>(
    `SELECT start_day, end_day, final_until, fetched_at FROM bill_days
     WHERE scope_id = ? AND start_day < ? AND end_day > ?`,
  );
  const drop = db.prepare('DELETE FROM bill_days WHERE scope_id = ? AND start_day = ?');
  const insert = db.prepare('INSERT INTO bill_days VALUES (?, ?, ?, ?, ?)');
  const everyScope = 'scope_id IN (SELECT id FROM bill_scope)';
  const dropLines = db.prepare(`DELETE FROM bill_line WHERE ${everyScope} AND day < ?`);
  const dropSpans = db.prepare('DELETE FROM bill_days WHERE end_day <= ?');
  const dropTold = db.prepare(
    'DELETE FROM billed_told WHERE feed_id IN (SELECT id FROM feed) AND day < ?',
  );
  const shorten = db.prepare('UPDATE bill_days SET start_day = @cut WHERE start_day < @cut');
  return {
    told(scopeId, { days, finalUntil, fetchedAt }) {
      const [start, end] = [days.start / dayMs, days.end / dayMs];
      for (const old of overlapping.all(scopeId, end, start)) {
        drop.run(scopeId, old.start_day);
        const rest = [old.final_until, old.fetched_at] as const;
        if (old.start_day < start) insert.run(scopeId, old.start_day, start, ...rest);
        if (old.end_day > end) insert.run(scopeId, end, old.end_day, ...rest);
      }
      insert.run(scopeId, start, end, finalUntil, fetchedAt);
    },
    dropBefore(day) {
      const cut = day / dayMs;
      const lines = dropLines.run(cut).changes;
      const spans = dropSpans.run(cut).changes;
      shorten.run({ cut });
      return lines + spans + dropTold.run(cut).changes;
    },
  };
}

/** Every scope that told a day which is kept, by source and name. */
export function readToldScopes(db: Db): readonly ToldScope[] {
  const rows = db
    .prepare<[], SpanRow & { id: number; source: BillSource; cloud: Cloud; scope: string }>(
      `SELECT id, source, cloud, scope, start_day, end_day, final_until, fetched_at
       FROM bill_days JOIN bill_scope ON bill_scope.id = scope_id ORDER BY source, scope, start_day`,
    )
    .all();
  const scopes = new Map<number, ToldScope & { readonly spans: ToldSpan[] }>();
  for (const { id, source, cloud, scope, ...span } of rows) {
    const known = scopes.get(id) ?? { id, source, cloud, scope, spans: [] };
    scopes.set(id, known);
    known.spans.push({
      start: span.start_day * dayMs,
      end: span.end_day * dayMs,
      finalUntil: span.final_until,
      fetchedAt: span.fetched_at,
    });
  }
  return [...scopes.values()];
}
