import { tokensOf } from '../figures.ts';
import type { Overview } from '../overview-data.ts';
import type { SourceRow } from '../reader.ts';

export interface TrustFacts {
  /** Share of the range that the clouds do not change any more; null: nothing was read. */
  readonly settled: number | null;
  /** Of the target whose usage is furthest behind; null: nothing was read, or it may not be seen. */
  readonly lagSeconds: number | null;
  readonly failing: number;
  readonly waiting: number;
  readonly targets: number;
  readonly unpricedTokens: number | null;
  readonly unpricedShare: number | null;
  readonly apiCostUsd: number;
  readonly apiCalls: number;
  readonly irregularities: number;
}

/** How far the figures of the overview can be believed. */
export function trustOf({ total, sources }: Pick<Overview, 'total' | 'sources'>): TrustFacts {
  const row = total.ok ? total.value.rows[0] : undefined;
  const tokens = row === undefined ? null : tokensOf(row);
  const unpriced = row?.unpriced_tokens ?? null;
  const rows: readonly SourceRow[] = sources.ok ? sources.value : [];
  // Bills come when the clouds close their days, and lag by nature; they have no series.
  const lags = rows
    .filter(({ series }) => series > 0)
    .map((one) => one.lag_seconds)
    .filter((lag) => lag !== null);
  return {
    settled: row?.settled ?? null,
    lagSeconds: lags.length === 0 ? null : Math.max(...lags),
    failing: rows.filter(({ state }) => state === 'failing').length,
    waiting: rows.filter(({ state }) => state === 'waiting').length,
    targets: rows.length,
    unpricedTokens: unpriced,
    unpricedShare: unpriced === null || tokens === null || tokens === 0 ? null : unpriced / tokens,
    apiCostUsd: rows.reduce((sum, one) => sum + one.api_cost_usd_today, 0),
    apiCalls: rows.reduce((sum, one) => sum + one.api_calls_today, 0),
    irregularities: rows.reduce((sum, one) => sum + one.irregularities, 0),
  };
}
