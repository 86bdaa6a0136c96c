import type { Instant, Window } from '../../agent/core/time.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { ceilTo, floorTo } from '../../agent/core/time.ts';
import { intersectAll, split, subtract, union } from '../../agent/core/window.ts';
import type { Db } from './database.ts';
import type { KnownTraffic } from './registry.ts';

/** Where a traffic is settled: read by the minute, or by the hour at least. Sorted, disjoint. */
export interface SettledSpans {
  readonly minutes: readonly Window[];
  readonly hours: readonly Window[];
}

interface CoverageRecord {
  readonly unit_id: number;
  readonly period_seconds: number;
  readonly start_minute: number;
  readonly end_minute: number;
}

/**
 * A function that tells where a traffic is settled from a moment on, read in one pass. It is settled where all of its token
 * meters are that are still polled; where it has none, its request meters.
 */
export function readSettled(db: Db, since: Instant): (traffic: KnownTraffic) => SettledSpans {
  const rows = db
    .prepare<[number], CoverageRecord>(
      `SELECT unit_id, period_seconds, start_minute, end_minute FROM coverage
       WHERE settled = 1 AND period_seconds <= 3600 AND end_minute > ?`,
    )
    .all(since / minuteMs);
  const spans = new Map<number, { minutes: Window[]; hours: Window[] }>();
  for (const row of rows) {
    const known = spans.get(row.unit_id) ?? { minutes: [], hours: [] };
    spans.set(row.unit_id, known);
    const start = Math.max(since, row.start_minute * minuteMs);
    const span = { start, end: row.end_minute * minuteMs };
    known.hours.push(span);
    if (row.period_seconds <= 60) known.minutes.push(span);
  }
  const active = new Set(
    db.prepare<[], number>('SELECT id FROM unit WHERE active = 1').pluck().all(),
  );
  return (traffic) => {
    const units = unitsThatSettle(traffic, active);
    const shared = (grain: keyof SettledSpans) =>
      units
        .map((unit) => union(spans.get(unit)?.[grain] ?? []))
        .reduce<readonly Window[] | undefined>(
          (all, next) => (all === undefined ? next : intersectAll(all, next)),
          undefined,
        ) ?? [];
    return { minutes: shared('minutes'), hours: shared('hours') };
  };
}

function unitsThatSettle(traffic: KnownTraffic, active: ReadonlySet<number>): readonly number[] {
  const unitsOf = (kind: 'tokens' | 'requests') => {
    const series = traffic.series.filter((one) => one.measure.kind === kind);
    return [...new Set(series.map((one) => one.unitId))];
  };
  const tokens = unitsOf('tokens');
  const units = tokens.length > 0 ? tokens : unitsOf('requests');
  const live = units.filter((unit) => active.has(unit));
  return live.length > 0 ? live : units;
}

/** A span that is to be told at one grain; `none`: what is known of it is in the hour around it, most of which was told. */
export interface Untold extends Window {
  readonly grain: 'minute' | 'hour' | 'none';
}

/** What is settled and not told, oldest first. An hour that was told in part by its minutes is never told again as an hour. */
export function untoldOf(
  { minutes, hours }: SettledSpans,
  told: readonly Window[],
): readonly Untold[] {
  const fresh = minutes.flatMap((span) => subtract(span, told));
  const apart = union([...told, ...fresh]);
  const coarse = hours.flatMap((span) => {
    const whole = { start: ceilTo(span.start, hourMs), end: floorTo(span.end, hourMs) };
    if (whole.start >= whole.end) return [];
    return subtract(whole, apart).flatMap((rest) => split(rest, hourMs));
  });
  return [
    ...fresh.map((span) => ({ ...span, grain: 'minute' as const })),
    ...coarse.map((span) => ({
      ...span,
      grain: span.end - span.start === hourMs ? ('hour' as const) : ('none' as const),
    })),
  ].toSorted((a, b) => a.start - b.start);
}
