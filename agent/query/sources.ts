import type { ExporterStatus } from '../core/exporter.ts';
import { toUsd } from '../core/money.ts';
import type { ApiCallSum, StatusReader, TargetStatus } from '../core/store.ts';
import { isoUtc, secondMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { unreadTarget } from '../core/unread-target.ts';

export interface SourceRow {
  readonly source: string;
  /**
   * The target, the scope that could not be looked at, or the source itself: what was spent on listings and on signing
   * in, which belong to no target.
   */
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
  /** How often it is read now; longer than configured where the spend limit slows it. */
  readonly cadence_seconds: number;
  readonly next_poll: string | null;
  /** What of it is slowed for the spend limit's sake, by how much, why, and what to do; null where nothing is. */
  readonly slowed: string | null;
  /** Rejected samples, vanished points and contract violations, all together. */
  readonly irregularities: number;
  /** The same by kind: `negative 2, vanished 1`; empty where there are none. */
  readonly irregularity_kinds: string;
}

/**
 * One row a target, by source and target, and one for each source that made calls which belong to none of its rows, so
 * that all rows together tell the whole bill.
 * @param cadenceSeconds how often targets are read unless slowed
 * @param exporters where settled usage goes, a row each
 */
export async function querySources(
  reader: StatusReader,
  now: Instant,
  cadenceSeconds: number,
  exporters: readonly ExporterStatus[] = [],
): Promise<readonly SourceRow[]> {
  const statuses = [...(await reader.sources(now)), ...exporters.map(exporterStatus)];
  const rows = statuses.map((status) => sourceRow(status, now, cadenceSeconds));
  return withOwnCalls(rows, await reader.apiCalls(now), cadenceSeconds).toSorted(
    (a, b) => order(a.source, b.source) || order(a.target, b.target),
  );
}

/** Each row with its calls; those that belong to no row are the source's own. */
function withOwnCalls(
  rows: readonly SourceRow[],
  bill: readonly ApiCallSum[],
  cadenceSeconds: number,
): readonly SourceRow[] {
  const shown = new Map(rows.map((row) => [row.target, row]));
  const sums = new Map<string, { calls: number; costNanoUsd: bigint }>();
  for (const { source, scope, calls, costNanoUsd } of bill) {
    const name = shown.has(scope) ? scope : source;
    if (!shown.has(name)) shown.set(name, ownRow(source, cadenceSeconds));
    const sum = sums.get(name) ?? { calls: 0, costNanoUsd: 0n };
    sums.set(name, { calls: sum.calls + calls, costNanoUsd: sum.costNanoUsd + costNanoUsd });
  }
  return Array.from(shown, ([name, row]) => {
    const { calls, costNanoUsd } = sums.get(name) ?? { calls: 0, costNanoUsd: 0n };
    return { ...row, api_calls_today: calls, api_cost_usd_today: toUsd(costNanoUsd) };
  });
}

/** Among the sources for people only: no rule takes an exporter that fails for a source that is blind. */
function exporterStatus(one: ExporterStatus): TargetStatus {
  const { name, lastSuccess, failingSince, failure, nextTry, rejected } = one;
  return {
    ...unreadTarget('exporter', name),
    lastSuccess,
    failure: failure && { ...failure, since: failingSince ?? failure.at },
    nextPoll: nextTry,
    irregularities: { rejected_points: rejected },
  };
}

/** A source that was listed without failing: it has its calls and nothing else to tell. */
function ownRow(source: string, cadenceSeconds: number): SourceRow {
  return { ...sourceRow(unreadTarget(source, source), 0, cadenceSeconds), state: 'ok' };
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
    api_calls_today: 0,
    api_cost_usd_today: 0,
    cadence_seconds: status.cadenceSeconds ?? cadenceSeconds,
    next_poll: isoOrNull(status.nextPoll),
    slowed: status.slowed,
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
