import { billTarget } from '../../agent/core/bill.ts';
import type { BillSource } from '../../agent/core/bill.ts';
import type { BillStatusWriter } from '../../agent/core/bill-store.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import type { TargetStatus } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { readToldScopes } from './bill-spans.ts';
import type { ToldSpan } from './bill-spans.ts';
import type { Db } from './database.ts';

export function openBillStatus(db: Db): BillStatusWriter {
  const forget = db.prepare('UPDATE bill_scope SET asked_by = NULL WHERE asked_by = ?');
  const keep = db.prepare(
    `INSERT INTO bill_scope (source, scope, cloud, asked_by, account, every_seconds)
     VALUES (@source, @scope, @cloud, @name, @account, @everySeconds)
     ON CONFLICT (source, scope) DO UPDATE SET cloud = excluded.cloud, asked_by = excluded.asked_by,
       account = excluded.account, every_seconds = excluded.every_seconds`,
  );
  const pace = db.prepare(
    'UPDATE bill_scope SET next_at = ?, slowed = ? WHERE source = ? AND scope = ?',
  );
  return {
    recordBillScopes: db.transaction((name, cloud, scopes) => {
      forget.run(name);
      for (const { source, scope, account, everySeconds } of scopes) {
        keep.run({ source, scope, cloud, name, account, everySeconds });
      }
    }),
    recordBillPace: ({ source, scope }, next, slowed) => void pace.run(next, slowed, source, scope),
  };
}

interface ScopeRow {
  id: number;
  source: BillSource;
  scope: string;
  cloud: Cloud;
  asked_by: string;
  account: string;
  every_seconds: number;
  next_at: number | null;
  slowed: string | null;
}

/** One row for each scope that is asked for bills, its failure not yet in it. */
export function readBillStatus(db: Db): readonly TargetStatus[] {
  const scopes = db
    .prepare<[], ScopeRow>(
      'SELECT * FROM bill_scope WHERE asked_by IS NOT NULL ORDER BY scope, source',
    )
    .all();
  if (scopes.length === 0) return [];
  const spans = new Map(readToldScopes(db).map((one) => [one.id, one.spans]));
  return scopes.map((row) => {
    const told = spans.get(row.id) ?? [];
    return {
      source: row.asked_by,
      target: billTarget(row),
      cloud: row.cloud,
      account: row.account,
      region: '',
      resource: '',
      labels: {},
      lastSuccess: latest(told.map(({ fetchedAt }) => fetchedAt)),
      watermark: latest(told.flatMap(finalEnd)),
      failure: null,
      series: 0,
      units: 0,
      nextPoll: row.next_at,
      cadenceSeconds: row.every_seconds,
      slowed: row.slowed,
      irregularities: {},
    };
  });
}

/** Up to where a span is not expected to change; nothing where it may all change. */
function finalEnd({ start, end, finalUntil }: ToldSpan): readonly Instant[] {
  const until = Math.min(end, finalUntil);
  return until > start ? [until] : [];
}

function latest(instants: readonly Instant[]): Instant | null {
  return instants.length === 0 ? null : Math.max(...instants);
}
