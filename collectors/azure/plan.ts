import type { CollectRequest, MeterUnit } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { dayMs, minuteMs, secondMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';

/** Metrics that may share a call: they take the same filter and the same aggregations. */
export interface MetricGroup {
  /** Stable over restarts. */
  readonly key: string;
  readonly namespace: string;
  readonly units: readonly MeterUnit[];
  readonly dimensions: readonly string[];
  /** In the vendor's words: `Total`, `Average`. */
  readonly statistics: readonly string[];
}

/** One call of the metrics API. */
export interface MetricCall {
  readonly group: MetricGroup;
  readonly window: Window;
  readonly periodSeconds: number;
}

/** `metricnames` takes no more. https://learn.microsoft.com/en-us/rest/api/monitor/metrics/list */
export const metricsPerCall = 20;
/** The client needs some 7 µs a point in one go; this many keep the process answering within 50 ms. */
export const pointsPerCall = 6_000;
/** A three-month query was once answered with its last month and no error. */
const longestSpanMs = 30 * dayMs;
const longestSpanPeriods = dayMs / minuteMs;

const intervals: ReadonlyMap<number, string> = new Map([
  [60, 'PT1M'],
  [300, 'PT5M'],
  [900, 'PT15M'],
  [1_800, 'PT30M'],
  [3_600, 'PT1H'],
  [21_600, 'PT6H'],
  [43_200, 'PT12H'],
  [86_400, 'P1D'],
]);

/** A period as Azure writes it; throws RangeError for one that Azure does not serve. */
export function intervalOf(periodSeconds: number): string {
  const interval = intervals.get(periodSeconds);
  if (interval !== undefined) return interval;
  throw new RangeError(`Azure serves no period of ${periodSeconds} s`);
}

/** Asks for every series: `ModelDeploymentName eq '*' and ModelVersion eq '*'`; empty: one series, everything in it. */
export function filterOf(dimensions: readonly string[]): string {
  return dimensions.map((name) => `${name} eq '*'`).join(' and ');
}

/** Units by equal dimension set, aggregations and namespace, at most 20 a group, in the order first met. */
export function groupUnits(
  units: readonly MeterUnit[],
  rows: readonly CatalogRow[],
): readonly MetricGroup[] {
  const rowsById = new Map(rows.map((row) => [row.id, row]));
  const groups = new Map<string, Omit<MetricGroup, 'units'> & { units: MeterUnit[] }>();
  for (const unit of units) {
    const row = rowsById.get(unit.rowId);
    if (row === undefined) throw new RangeError(`${unit.key} names no catalog row: ${unit.rowId}`);
    const dimensions = Object.keys(unit.dimensions);
    const { namespace, statistics } = row;
    const key = [namespace, dimensions.toSorted().join(), statistics.toSorted().join()].join('|');
    const group = groups.get(key) ?? { key, namespace, dimensions, statistics, units: [] };
    group.units.push(unit);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ units: all, ...rest }) =>
    chunks(all, metricsPerCall).map((some) => ({ ...rest, units: some })),
  );
}

/**
 * The calls that together read every unit over the whole window, each once, oldest window first within a group.
 * Cuts fall on multiples of the period counted from the window's start: Azure's buckets follow the start of the query.
 */
export function planCalls(
  request: CollectRequest,
  expectedSeries: (group: MetricGroup) => number,
): readonly MetricCall[] {
  const { window, periodSeconds } = request;
  const periodMs = periodSeconds * secondMs;
  if (window.start % periodMs !== 0 || window.end % periodMs !== 0) {
    throw new RangeError(`The window is not aligned to its period of ${periodSeconds} s`);
  }
  return groupUnits(request.units, request.target.rows).flatMap((group) => {
    const pointsPerPeriod = group.units.length * Math.max(1, expectedSeries(group));
    const periods = Math.min(
      Math.max(1, Math.floor(pointsPerCall / pointsPerPeriod)),
      longestSpanPeriods,
      Math.max(1, Math.floor(longestSpanMs / periodMs)),
    );
    const calls: MetricCall[] = [];
    for (let start = window.start; start < window.end; start += periods * periodMs) {
      const end = Math.min(start + periods * periodMs, window.end);
      calls.push({ group, window: { start, end }, periodSeconds });
    }
    return calls;
  });
}

/** How many series one deployment may show in a dimension set, before any was seen. */
const seriesPerDeployment: Readonly<Record<string, number>> = {
  StatusCode: 3,
  ServiceTierResponse: 2,
  ContextLength: 2,
};

/** A first guess of a group's series; what a call then shows is better. */
export function guessSeries(dimensions: readonly string[], deployments: number): number {
  return dimensions.reduce(
    (product, name) => product * (seriesPerDeployment[name] ?? 1),
    deployments,
  );
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += size) pieces.push(items.slice(at, at + size));
  return pieces;
}
