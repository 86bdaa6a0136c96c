import type { CollectRequest, MeterUnit, Sample } from '../core/collector.ts';
import type { CatalogRow, Statistic } from '../core/meter.ts';
import type { Readings, Rejection, Series } from '../core/reading.ts';
import { factsOf } from './facts.ts';
import { startRejections } from './reject.ts';

export interface Normalized {
  readonly readings: readonly Readings[];
  readonly rejections: readonly Rejection[];
}

const statisticOf: Readonly<Record<string, Statistic>> = {
  Sum: 'sum',
  Total: 'sum',
  SampleCount: 'count',
  Count: 'count',
  Minimum: 'min',
  Maximum: 'max',
  Average: 'avg',
  p90: 'p90',
};

/**
 * A window's samples as readings, one per series, statistics side by side. A unit that names its dimension values
 * and said nothing still yields a reading without points, so that the ledger knows its meter exists.
 * What cannot be a reading is counted by reason with an example; the rest of the window stands.
 */
export function normalize(request: CollectRequest, samples: readonly Sample[]): Normalized {
  const rows = new Map(request.target.rows.map((row) => [row.id, row]));
  const rejections = startRejections(request);
  const pending = new Map<string, Pending>();
  for (const unit of request.units) {
    if (Object.values(unit.dimensions).includes('*')) continue;
    const row = rows.get(unit.rowId);
    if (row !== undefined) open(pending, request, row, unit, unit.metric, unit.dimensions);
  }
  const units = new Map(request.units.map((unit) => [unit.key, unit]));
  for (const sample of samples) {
    const row = rows.get(sample.rowId);
    const unit = units.get(sample.unitKey);
    if (row === undefined || unit === undefined) {
      rejections.add('unknown_row', sample.starts.length, sample, 0);
      continue;
    }
    const statistic = statisticOf[sample.statistic];
    if (statistic === undefined) {
      rejections.add('unknown_statistic', sample.starts.length, sample, 0);
      continue;
    }
    const series = open(pending, request, row, unit, sample.metric, sample.dimensions);
    if (series === undefined) {
      rejections.add('unknown_dimensions', sample.starts.length, sample, 0);
      continue;
    }
    fill(series, statistic, sample, row, request, rejections);
  }
  return {
    readings: [...pending.values()].map((p) => close(p, request.periodSeconds)),
    rejections: rejections.list(),
  };
}

interface Pending {
  readonly series: Series;
  readonly unitKey: string;
  readonly byStatistic: Map<Statistic, Points>;
}

/** One statistic's points in the order the cloud sent them. */
interface Points {
  readonly starts: number[];
  readonly values: number[];
}

function open(
  pending: Map<string, Pending>,
  request: CollectRequest,
  row: CatalogRow,
  unit: MeterUnit,
  metric: string,
  raw: Readonly<Record<string, string>>,
): Pending | undefined {
  const names = Object.keys(raw).toSorted();
  const id = `${row.namespace}|${metric}|${names.map((name) => `${name}=${raw[name]}`).join('|')}`;
  const known = pending.get(id);
  if (known !== undefined) return known;
  const dimensions = Object.fromEntries(names.map((name) => [name, raw[name] ?? '']));
  const facts = factsOf(request.target, row, dimensions);
  if (facts === undefined) return undefined;
  const { cloud, account, region, resource } = request.target;
  const series: Series = {
    key: { cloud, account, region, resource, namespace: row.namespace, metric, dimensions },
    ...facts,
    contract: row.contract,
    level: row.level,
    rank: rankOf(row, metric, names),
    settleSeconds: row.settleSeconds,
  };
  const made: Pending = { series, unitKey: unit.key, byStatistic: new Map() };
  pending.set(id, made);
  return made;
}

/** Lower claims first: a series that tells the tier, then the vocabulary, then the finer set, then the first spelling. */
function rankOf(row: CatalogRow, metric: string, names: readonly string[]): number {
  const tellsTier = names.includes('ServiceTierResponse') ? 0 : 1;
  const spelling = Math.max(0, row.metricNames.indexOf(metric));
  return tellsTier * 10_000 + row.vocabulary * 1_000 + (99 - names.length) * 10 + spelling;
}

function fill(
  into: Pending,
  statistic: Statistic,
  sample: Sample,
  row: CatalogRow,
  request: CollectRequest,
  rejections: ReturnType<typeof startRejections>,
): void {
  const periodMs = request.periodSeconds * 1_000;
  const counts = row.measure.kind === 'tokens' || row.measure.kind === 'requests';
  const points = into.byStatistic.get(statistic) ?? { starts: [], values: [] };
  into.byStatistic.set(statistic, points);
  for (let i = 0; i < sample.starts.length; i += 1) {
    const start = sample.starts[i] ?? Number.NaN;
    const value = sample.values[i] ?? Number.NaN;
    if (!Number.isFinite(value) || !Number.isFinite(start)) {
      rejections.add('not_a_number', 1, sample, i);
    } else if (value < 0) {
      rejections.add('negative', 1, sample, i);
    } else if (start % periodMs !== 0) {
      rejections.add('misaligned', 1, sample, i);
    } else if (start < request.window.start || start >= request.window.end) {
      rejections.add('outside_window', 1, sample, i);
    } else if (counts && statistic === 'sum' && !Number.isSafeInteger(value)) {
      rejections.add('fractional', 1, sample, i);
    } else {
      points.starts.push(start);
      points.values.push(value);
    }
  }
}

function close(pending: Pending, periodSeconds: number): Readings {
  const { series, unitKey, byStatistic } = pending;
  const lists = [...byStatistic.values()];
  const starts = lists.every((points) => isSame(points.starts, lists[0]?.starts))
    ? (lists[0]?.starts ?? [])
    : [...new Set(lists.flatMap((points) => points.starts))].toSorted((a, b) => a - b);
  const columns: Partial<Record<Statistic, readonly (number | null)[]>> = {};
  for (const [statistic, points] of byStatistic) {
    columns[statistic] = points.starts === starts ? points.values : alignedTo(starts, points);
  }
  return { series, unitKey, periodSeconds, starts, columns };
}

/** Whether a list is strictly rising and the other one says the same: the usual case, and the cheap one. */
function isSame(starts: readonly number[], first: readonly number[] | undefined): boolean {
  return (
    starts.length === first?.length &&
    starts.every((start, i) => start === first[i] && (i === 0 || start > (starts[i - 1] ?? start)))
  );
}

/** Of a start said twice the last one counts. */
function alignedTo(starts: readonly number[], points: Points): readonly (number | null)[] {
  const values = new Map(points.starts.map((start, i) => [start, points.values[i] ?? null]));
  return starts.map((start) => values.get(start) ?? null);
}
