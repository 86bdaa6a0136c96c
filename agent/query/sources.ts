import type { StatusReader, TargetStatus } from '../core/store.ts';
import { isoUtc, secondMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';

export interface SourceRow {
  readonly source: string;
  /** The target, or the scope that could not be looked at. */
  readonly target: string;
  readonly cloud: string | null;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  /** `waiting`: neither read nor failed yet. */
  readonly state: 'ok' | 'failing' | 'waiting';
  readonly last_success: string | null;
  readonly watermark: string | null;
  /** From the watermark to now; null before there is one. */
  readonly lag_seconds: number | null;
  /** Of the last failure, like the four that follow; all null when there was none. */
  readonly reason: string | null;
  readonly operation: string | null;
  readonly hint: string | null;
  readonly message: string | null;
  readonly failed_at: string | null;
  readonly series: number;
  readonly units: number;
  readonly api_calls_today: number;
  readonly api_cost_usd_today: number;
  readonly cadence_seconds: number;
  readonly next_poll: string | null;
  /** Rejected samples, vanished points and contract violations, all together. */
  readonly irregularities: number;
  /** The same by kind: `negative 2, vanished 1`; empty where there are none. */
  readonly irregularity_kinds: string;
}

/**
 * One row a target, by source and target.
 * @param cadenceSeconds how often targets are read
 */
export async function querySources(
  reader: StatusReader,
  now: Instant,
  cadenceSeconds: number,
): Promise<readonly SourceRow[]> {
  const statuses = await reader.sources(now);
  return statuses
    .map((status) => sourceRow(status, now, cadenceSeconds))
    .toSorted((a, b) => order(a.source, b.source) || order(a.target, b.target));
}

function sourceRow(status: TargetStatus, now: Instant, cadenceSeconds: number): SourceRow {
  const { failure, watermark, lastSuccess, irregularities } = status;
  const kinds = Object.entries(irregularities).filter(([, count]) => count > 0);
  return {
    source: status.source,
    target: status.target,
    cloud: status.cloud,
    account: status.account,
    region: status.region,
    resource: status.resource,
    state: stateOf(status),
    last_success: isoOrNull(lastSuccess),
    watermark: isoOrNull(watermark),
    lag_seconds: watermark === null ? null : Math.max(0, Math.round((now - watermark) / secondMs)),
    reason: failure?.reason ?? null,
    operation: failure?.operation ?? null,
    hint: failure?.hint ?? null,
    message: failure?.message ?? null,
    failed_at: isoOrNull(failure?.at ?? null),
    series: status.series,
    units: status.units,
    api_calls_today: status.apiCallsToday,
    api_cost_usd_today: Number(status.apiCostTodayNanoUsd) / 1e9,
    cadence_seconds: cadenceSeconds,
    next_poll: isoOrNull(status.nextPoll),
    irregularities: kinds.reduce((sum, [, count]) => sum + count, 0),
    irregularity_kinds: kinds.map(([kind, count]) => `${kind} ${count}`).join(', '),
  };
}

/** A failure counts until the next success. */
function stateOf({ failure, lastSuccess }: TargetStatus): SourceRow['state'] {
  if (failure !== null && (lastSuccess === null || failure.at >= lastSuccess)) return 'failing';
  return lastSuccess === null ? 'waiting' : 'ok';
}

function isoOrNull(instant: Instant | null): string | null {
  return instant === null ? null : isoUtc(instant);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
