import type { Certainty } from '../../core/alert.ts';
import type { Labels } from '../../core/cloud.ts';
import type { AmountRow, LatencyRow } from '../../core/store.ts';
import type { Instant } from '../../core/time.ts';
import { minuteMs } from '../../core/time.ts';
import type { Phase } from '../../core/meter.ts';
import type { Contributor } from './traffic-ends.ts';
import type { Series } from './series.ts';

/** Ratios and means are those of so much data, the newest there is of each traffic. */
export const recentMs = 10 * minuteMs;

/** What a rule by a threshold needs of one series over the last minutes. Null: no contributor tells it. */
export interface RecentSeries extends Standing {
  readonly labels: Labels;
  readonly requests: number | null;
  readonly errors: number | null;
  /** Throttled requests, and accepted ones of the same traffic. */
  readonly throttles: number | null;
  readonly throttlable: number;
  /** Whether any contributor has a meter of throttled requests at all. */
  readonly tellsThrottles: boolean;
}

/** How well a series is known. */
export interface Standing {
  /** Of the contributors that say something; null: none does. */
  readonly until: Instant | null;
  readonly certainty: Certainty;
  /** Some of it was read within a day and not lately. */
  readonly incomplete: boolean;
}

export function recentOf(
  { labels, members }: Series<Contributor>,
  rows: ReadonlyMap<number, AmountRow>,
): RecentSeries {
  let requests: number | null = null;
  let errors: number | null = null;
  let throttles: number | null = null;
  let throttlable = 0;
  let tellsThrottles = false;
  for (const { identity, end } of members) {
    const { reports } = identity;
    if (reports.has('throttles')) tellsThrottles = true;
    if (end?.age !== 'fresh') continue;
    const row = rows.get(identity.id);
    if (reports.has('requests')) requests = (requests ?? 0) + (row?.requests ?? 0);
    if (reports.has('errors')) errors = (errors ?? 0) + (row?.errors ?? 0);
    if (reports.has('throttles')) {
      throttles = (throttles ?? 0) + (row?.throttles ?? 0);
      throttlable += row?.requests ?? 0;
    }
  }
  return {
    labels,
    ...standingOf(members),
    requests,
    errors,
    throttles,
    throttlable,
    tellsThrottles,
  };
}

export function standingOf(members: readonly Contributor[]): Standing {
  let until: Instant | null = null;
  let settled = true;
  let incomplete = false;
  for (const { end } of members) {
    if (end === undefined || end.age === 'late') incomplete = true;
    if (end?.age !== 'fresh') continue;
    until = Math.max(until ?? 0, end.until);
    settled &&= end.settled;
  }
  return { until, certainty: settled ? 'settled' : 'provisional', incomplete };
}

/** One phase of one series. */
export interface MeanLatency extends Standing {
  readonly labels: Labels;
  /** Requests behind the mean. */
  readonly requests: number;
  /** Weighted by requests; null where none was measured. */
  readonly avgMs: number | null;
  /** The meters of requests tell of none. */
  readonly isQuiet: boolean;
}

export function meanOf(
  { labels, members }: Series<Contributor>,
  rows: ReadonlyMap<number, readonly LatencyRow[]>,
  amounts: ReadonlyMap<number, AmountRow>,
  phase: Phase,
): MeanLatency {
  let weight = 0;
  let sum = 0;
  let isQuiet = true;
  for (const { identity, end } of members) {
    if (end?.age !== 'fresh') continue;
    if ((amounts.get(identity.id)?.requests ?? 0) > 0) isQuiet = false;
    for (const row of rows.get(identity.id) ?? []) {
      if (row.phase !== phase || row.avgMs === null) continue;
      weight += row.weight;
      sum += row.avgMs * row.weight;
    }
  }
  return {
    labels,
    ...standingOf(members),
    requests: weight,
    avgMs: weight === 0 ? null : sum / weight,
    isQuiet,
  };
}
