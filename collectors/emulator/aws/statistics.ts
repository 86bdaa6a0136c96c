import { minuteMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { percentile } from '../aggregate.ts';
import type { Column, Aggregates } from '../aggregate.ts';
import { visibleCount, wholeAfterMs } from '../meters.ts';
import type { Traffic } from '../lane.ts';
import type { AwsSeries, Part } from './series.ts';

/** What a call sees: the same for all pages of one answer. */
export interface View {
  readonly traffic: Traffic;
  readonly aggregates: Aggregates;
  readonly asOf: Instant;
  readonly settled: boolean;
}

export type Statistic =
  | { readonly kind: 'Sum' | 'SampleCount' | 'Average' | 'Minimum' | 'Maximum' }
  | { readonly kind: 'percentile'; readonly percent: number };

/** `Sum`, `p90`, `p99.9`; undefined for what CloudWatch knows not, or we do not emulate. */
export function parseStatistic(word: string): Statistic | undefined {
  switch (word) {
    case 'Sum':
    case 'SampleCount':
    case 'Average':
    case 'Minimum':
    case 'Maximum':
      return { kind: word };
    default: {
      const percent = Number(/^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(word)?.[1] ?? Number.NaN);
      return Number.isNaN(percent) ? undefined : { kind: 'percentile', percent };
    }
  }
}

interface Tally {
  count: number;
  sum: number;
  min: number;
  max: number;
}

function include(tally: Tally, datum: number): void {
  tally.count += 1;
  tally.sum += datum;
  if (datum < tally.min) tally.min = datum;
  if (datum > tally.max) tally.max = datum;
}

function valueOf(tally: Tally, kind: Exclude<Statistic['kind'], 'percentile'>): number {
  if (kind === 'Sum') return tally.sum;
  if (kind === 'SampleCount') return tally.count;
  if (kind === 'Average') return tally.sum / tally.count;
  return kind === 'Minimum' ? tally.min : tally.max;
}

function datumsOfPart({ metric }: AwsSeries, part: Part, minute: Instant, view: View): number[] {
  const requests = view.traffic.requests(part.lane, minute);
  const mine = part.tier === undefined ? requests : requests.filter((r) => r.tier === part.tier);
  return mine.flatMap((request) => metric.datum(part.lane, request) ?? []);
}

/** The datums of one minute that are shown, from the requests themselves. */
function datums(series: AwsSeries, minute: Instant, view: View): readonly number[] {
  const end = minute + minuteMs;
  const shown = (sent: number) =>
    view.settled ? sent : visibleCount(sent, end, view.asOf, series.salt);
  const byPart = series.parts.map((part) => datumsOfPart(series, part, minute, view));
  if (series.metric.byMinute !== true) {
    const all = byPart.flat();
    return all.slice(0, shown(all.length));
  }
  const together = byPart.map((all) => all.slice(0, shown(all.length)));
  return together.filter((all) => all.length > 0).map((all) => all.reduce((a, b) => a + b));
}

function read(columns: readonly Column[], part: Part, minute: Instant, view: View): number {
  let total = 0;
  for (const column of columns) total += view.aggregates.read(part.strand, minute, column);
  return total;
}

/** Whether the sums kept by the minute hold what the statistic needs. Nothing but percentiles needs the datums then. */
function isKept({ metric }: AwsSeries, kind: Statistic['kind']): boolean {
  if (kind === 'Sum' || metric.byMinute === true) return true;
  if (kind === 'Minimum') return metric.kept.min !== undefined;
  if (kind === 'Maximum') return metric.kept.max !== undefined;
  return metric.kept.count !== undefined;
}

/**
 * Adds a whole minute from what is kept: just what the statistic needs. `count` is 1 where nobody asks for more: a datum
 * came.
 */
function includeKept(
  tally: Tally,
  { metric, parts }: AwsSeries,
  kind: Statistic['kind'],
  minute: Instant,
  view: View,
): void {
  const { kept, byMinute } = metric;
  const counts = kind === 'SampleCount' || kind === 'Average' ? kept.count : undefined;
  for (const part of parts) {
    const sum = read(kept.sum, part, minute, view);
    if (sum === 0) continue;
    if (byMinute === true) {
      include(tally, sum);
      continue;
    }
    tally.sum += sum;
    tally.count += counts === undefined ? 1 : read(counts, part, minute, view);
    if (kind === 'Minimum' && kept.min !== undefined) {
      tally.min = Math.min(tally.min, view.aggregates.read(part.strand, minute, kept.min));
    }
    if (kind === 'Maximum' && kept.max !== undefined) {
      tally.max = Math.max(tally.max, view.aggregates.read(part.strand, minute, kept.max));
    }
  }
}

function isWhole(minute: Instant, view: View): boolean {
  return view.settled || view.asOf - (minute + minuteMs) >= wholeAfterMs;
}

function percentileOf(
  series: AwsSeries,
  percent: number,
  from: Instant,
  to: Instant,
  view: View,
): number | undefined {
  const { p90 } = series.metric.kept;
  const [part, ...others] = series.parts;
  const single = to - from === minuteMs && part !== undefined && others.length === 0;
  if (single && percent === 90 && p90 !== undefined && isWhole(from, view)) {
    const value = view.aggregates.read(part.strand, from, p90);
    return value === 0 ? undefined : value;
  }
  const all: number[] = [];
  for (let minute = from; minute < to; minute += minuteMs)
    all.push(...datums(series, minute, view));
  return all.length === 0 ? undefined : percentile(all, percent);
}

/** A statistic over whole minutes `[from, end)`; undefined where nothing came, or nothing is shown yet. */
export function statisticOf(
  series: AwsSeries,
  statistic: Statistic,
  from: Instant,
  end: Instant,
  view: View,
): number | undefined {
  const to = Math.min(end, Math.floor(view.asOf / minuteMs) * minuteMs);
  if (from >= to) return undefined;
  if (statistic.kind === 'percentile') {
    return percentileOf(series, statistic.percent, from, to, view);
  }
  const tally: Tally = { count: 0, sum: 0, min: Infinity, max: -Infinity };
  const kept = isKept(series, statistic.kind);
  for (let minute = from; minute < to; minute += minuteMs) {
    if (kept && isWhole(minute, view)) includeKept(tally, series, statistic.kind, minute, view);
    else for (const datum of datums(series, minute, view)) include(tally, datum);
  }
  if (tally.count === 0) return undefined;
  return valueOf(tally, statistic.kind);
}
