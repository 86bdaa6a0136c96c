import type { ApiCallReader, ApiCallSum, ApiCallWriter } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { dayMs, floorTo } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

/** The agent's own bill: one row a day, source, scope and operation. */
export function openApiCalls(db: Db): ApiCallWriter & ApiCallReader {
  const upsert = db.prepare(
    `INSERT INTO api_call (day, source, target, operation, calls, cost_nano_usd, metrics)
     VALUES (@day, @source, @scope, @operation, 1, @costNanoUsd, @metrics)
     ON CONFLICT (day, source, target, operation) DO UPDATE SET calls = calls + 1,
       cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd, metrics = metrics + excluded.metrics`,
  );
  const spent = db
    .prepare('SELECT coalesce(sum(cost_nano_usd), 0) FROM api_call WHERE day = ? AND source = ?')
    .pluck()
    .safeIntegers();
  return {
    recordApiCall: ({ at, ...call }) => void upsert.run({ ...call, day: floorTo(at, dayMs) }),
    apiSpent: (source, at) => spent.get(floorTo(at, dayMs), source) as bigint,
  };
}

export function readApiCalls(db: Db, at: Instant): readonly ApiCallSum[] {
  return sums(
    db,
    `SELECT source, target AS scope, operation, calls, metrics, cost_nano_usd AS costNanoUsd FROM api_call
     WHERE day = ? ORDER BY source, target, operation`,
    floorTo(at, dayMs),
  );
}

export function readApiTotals(db: Db): readonly ApiCallSum[] {
  return sums(
    db,
    `SELECT source, '' AS scope, operation, sum(calls) AS calls, sum(metrics) AS metrics,
       sum(cost_nano_usd) AS costNanoUsd FROM api_call GROUP BY source, operation ORDER BY source, operation`,
  );
}

interface StoredSum extends Omit<ApiCallSum, 'calls' | 'metrics'> {
  readonly calls: bigint;
  readonly metrics: bigint;
}

function sums(db: Db, sql: string, ...values: readonly number[]): readonly ApiCallSum[] {
  const rows = db.prepare(sql).safeIntegers().all(values) as StoredSum[];
  return rows.map((row) => ({ ...row, calls: Number(row.calls), metrics: Number(row.metrics) }));
}
