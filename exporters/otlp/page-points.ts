import type { SettledPage, SettledPoint, ToldName, ToldTotal } from '../../agent/core/exporter.ts';
import type { Phase } from '../../agent/core/meter.ts';
import { secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { nameAttributes } from './attributes.ts';
import type { TeamOf } from './attributes.ts';
import { counters, plus, succeededOf, valueOf } from './counters.ts';
import type { Count } from './counters.ts';
import { metricSet } from './metric-set.ts';
import type { MetricDefinition } from './metric-set.ts';
import type { MetricPoint, PointAttributes } from './point.ts';

/** `delta`: each period by itself. `cumulative`: everything since the feed began, at the end of each period. */
export type Temporality = 'delta' | 'cumulative';

export interface PageEncoding {
  readonly temporality: Temporality;
  readonly teamOf?: TeamOf | undefined;
  /** By name id: the time of the newest cumulative point sent, where it is later than the newest period told. */
  readonly stamped?: ReadonlyMap<number, Instant>;
}

export interface EncodedPoints {
  readonly points: readonly MetricPoint[];
  /** Numbers that OTLP cannot say exactly: they are left out, never rounded. */
  readonly unsayable: number;
}

export interface EncodedPage extends EncodedPoints {
  /** By name id: the time of the newest cumulative point. */
  readonly stamped: ReadonlyMap<number, Instant>;
}

const latencyMetric: Readonly<Record<Phase, MetricDefinition>> = {
  request: metricSet.requestDuration,
  first_token: metricSet.timeToFirstToken,
};

/**
 * A page as numbers of series. Pure: the same page gives the same points. Latency only where temporality is `delta`, for
 * nothing adds it up. Throws a RangeError where the page does not say whom a point is of.
 */
export function pagePoints(page: SettledPage, encoding: PageEncoding): EncodedPage {
  const { temporality } = encoding;
  const seriesOf = seriesFinder(page.names, encoding.teamOf);
  const running = new Map<number, Running>();
  const points: MetricPoint[] = [];
  let unsayable = 0;
  for (const point of page.points) {
    const { name, attributes } = seriesOf(point.nameId);
    const counts = {
      ...point.costs,
      amounts: point.amounts,
      succeeded: succeededOf(point.amounts),
    };
    let sums: readonly (Count | null)[] = counters.map(({ of }) => of(counts));
    let span = { start: point.start, end: point.end };
    if (temporality === 'cumulative') {
      const before =
        running.get(point.nameId) ??
        toldBefore(page.before.get(point.nameId), encoding.stamped?.get(point.nameId));
      const now = advance(before, sums, point);
      running.set(point.nameId, now);
      // A period that adds nothing to a sum does not repeat it.
      sums = now.sums.map((sum, index) => (sums[index] === null ? null : sum));
      span = { start: page.since, end: now.until };
    }
    for (const [index, { metric }] of counters.entries()) {
      const value = valueOf(sums[index] ?? null, metric);
      if (value === null) continue;
      if (value === undefined) unsayable += 1;
      else points.push({ metric, name, attributes: attributes[index] ?? {}, ...span, value });
    }
  }
  for (const latency of temporality === 'delta' ? page.latencies : []) {
    const { nameId, phase, start, end, count, sumMs, minMs, maxMs } = latency;
    const { name, own } = seriesOf(nameId);
    const isSayable = Number.isSafeInteger(count) && count > 0 && Number.isFinite(sumMs);
    if (!isSayable) unsayable += 1;
    else {
      const value = { count, sum: sumMs / secondMs, min: seconds(minMs), max: seconds(maxMs) };
      points.push({ metric: latencyMetric[phase], name, attributes: own, start, end, value });
    }
  }
  const stamped = new Map([...running].map(([nameId, { until }]) => [nameId, until]));
  return { points, unsayable, stamped };
}

interface Series {
  readonly name: ToldName;
  readonly own: PointAttributes;
  /** One for each counter. */
  readonly attributes: readonly PointAttributes[];
}

/** Made once for each name of a page, and only where a point is of it. */
function seriesFinder(
  names: readonly ToldName[],
  teamOf: TeamOf | undefined,
): (nameId: number) => Series {
  const nameOf = new Map(names.map((name) => [name.id, name]));
  const made = new Map<number, Series>();
  return (nameId) => {
    const known = made.get(nameId);
    if (known !== undefined) return known;
    const name = nameOf.get(nameId);
    if (name === undefined) throw new RangeError(`the page tells no name ${nameId}`);
    const own = nameAttributes(name, teamOf);
    const attributes = counters.map((counter) => ({ ...own, ...counter.attributes }));
    const series = { name, own, attributes };
    made.set(nameId, series);
    return series;
  };
}

/** What was counted of a name so far, in the order of the counters. */
interface Running {
  readonly sums: readonly (Count | null)[];
  /** The time of its newest point. */
  readonly until: Instant;
}

function toldBefore(total: ToldTotal | undefined, stamped = Number.NEGATIVE_INFINITY): Running {
  if (total === undefined) return { sums: [], until: stamped };
  return { sums: counters.map(({ of }) => of(total)), until: Math.max(total.until, stamped) };
}

/**
 * A period that is told late comes right after the newest one, by a millisecond: a cumulative sum may not go back in time,
 * and a second value of one moment would be no value.
 */
function advance(
  before: Running,
  counts: readonly (Count | null)[],
  { end }: SettledPoint,
): Running {
  const sums = counts.map((count, index) => plus(before.sums[index] ?? null, count));
  return { sums, until: Math.max(end, before.until + 1) };
}

function seconds(ms: number | null): number | null {
  return ms === null || !Number.isFinite(ms) ? null : ms / secondMs;
}
