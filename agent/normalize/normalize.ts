import type { CollectRequest, Labels, MeterUnit, Sample } from '../core/collector.ts';
import type { CatalogRow, Statistic } from '../core/meter.ts';
import type { Readings, RejectReason, Rejection, Series } from '../core/reading.ts';
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
  const series = openSeries(request);
  for (const unit of request.units) {
    if (Object.values(unit.dimensions).includes('*')) continue;
    const row = rows.get(unit.rowId);
    if (row !== undefined) series.of(row, unit, unit.metric, unit.dimensions);
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
    const found = series.of(row, unit, sample.metric, sample.dimensions);
    if (found === undefined) {
      rejections.add('unknown_dimensions', sample.starts.length, sample, 0);
      continue;
    }
    fill(found, statistic, sample, row, request, rejections);
  }
  return {
    readings: series.all().map((one) => close(one, request.periodSeconds)),
    rejections: rejections.list(),
  };
}

interface Pending {
  readonly series: Series;
  readonly unitKey: string;
  /** Most have one or two. */
  readonly told: Told[];
}

interface Told {
  readonly statistic: Statistic;
  points: Points;
}

/** One statistic's points: as the cloud sent them, or only those that can be kept. */
interface Points {
  readonly starts: readonly number[];
  readonly values: readonly number[];
}

interface OpenSeries {
  /** The series of the dimensions; undefined where a dimension that names the traffic is missing. */
  of(row: CatalogRow, unit: MeterUnit, metric: string, raw: Labels): Pending | undefined;
  all(): readonly Pending[];
}

function openSeries(request: CollectRequest): OpenSeries {
  const pending = new Map<string, Pending>();
  /** A unit's statistics come one after the other, all with the same dimensions. */
  let last: { readonly row: CatalogRow; readonly metric: string; readonly raw: Labels } | undefined;
  let found: Pending | undefined;

  function find(row: CatalogRow, unit: MeterUnit, metric: string, raw: Labels) {
    const dimensions = sortedByName(raw);
    const names = Object.keys(dimensions);
    let id = `${row.namespace}|${metric}`;
    for (const name of names) id += `|${name}=${dimensions[name]}`;
    const known = pending.get(id);
    if (known !== undefined) return known;
    const facts = factsOf(request.target, row, dimensions);
    if (facts === undefined) return undefined;
    const { cloud, account, region, resource } = request.target;
    const series: Series = {
      key: { cloud, account, region, resource, namespace: row.namespace, metric, dimensions },
      traffic: facts.traffic,
      facet: facts.facet,
      measure: facts.measure,
      contract: row.contract,
      level: row.level,
      rank: rankOf(row, metric, names),
      settleSeconds: row.settleSeconds,
    };
    const made: Pending = { series, unitKey: unit.key, told: [] };
    pending.set(id, made);
    return made;
  }

  return {
    of(row, unit, metric, raw) {
      if (last?.raw !== raw || last.row !== row || last.metric !== metric) {
        last = { row, metric, raw };
        found = find(row, unit, metric, raw);
      }
      return found;
    },
    all: () => [...pending.values()],
  };
}

function sortedByName(labels: Labels): Labels {
  const names = Object.keys(labels);
  if (names.every((name, i) => i === 0 || name > (names[i - 1] ?? ''))) return labels;
  return Object.fromEntries(names.toSorted().map((name) => [name, labels[name] ?? '']));
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
  const wrong = checkFor(request, row, statistic);
  const { starts, values } = sample;
  let good = 0;
  while (good < starts.length && wrong(starts[good], values[good]) === undefined) good += 1;
  const known = into.told.find((one) => one.statistic === statistic);
  if (good === starts.length && known === undefined && values.length === good) {
    into.told.push({ statistic, points: sample });
    return;
  }
  const before = known?.points;
  const points = { starts: [...(before?.starts ?? [])], values: [...(before?.values ?? [])] };
  if (known === undefined) into.told.push({ statistic, points });
  else known.points = points;
  for (const [i, start] of starts.entries()) {
    const value = values[i];
    const reason = i < good ? undefined : wrong(start, value);
    if (reason !== undefined) rejections.add(reason, 1, sample, i);
    else if (value !== undefined) {
      points.starts.push(start);
      points.values.push(value);
    }
  }
}

/** Why a point cannot be a reading; undefined when it can. */
function checkFor(
  { window, periodSeconds }: CollectRequest,
  { measure }: CatalogRow,
  statistic: Statistic,
): (start: number | undefined, value: number | undefined) => RejectReason | undefined {
  const periodMs = periodSeconds * 1_000;
  const isCount = statistic === 'sum' && (measure.kind === 'tokens' || measure.kind === 'requests');
  return (start, value) => {
    if (value === undefined || !Number.isFinite(value)) return 'not_a_number';
    if (start === undefined || !Number.isFinite(start)) return 'not_a_number';
    if (value < 0) return 'negative';
    if (start % periodMs !== 0) return 'misaligned';
    if (start < window.start || start >= window.end) return 'outside_window';
    if (isCount && !Number.isSafeInteger(value)) return 'fractional';
    return undefined;
  };
}

function close(pending: Pending, periodSeconds: number): Readings {
  const { series, unitKey, told } = pending;
  const first = told[0]?.points.starts;
  const isOneGrid = told.every(({ points }) => isSame(points.starts, first));
  const starts = isOneGrid
    ? (first ?? [])
    : [...new Set(told.flatMap(({ points }) => points.starts))].toSorted((a, b) => a - b);
  const columns: Partial<Record<Statistic, readonly (number | null)[]>> = {};
  for (const { statistic, points } of told) {
    columns[statistic] = isOneGrid ? points.values : alignedTo(starts, points);
  }
  return { series, unitKey, periodSeconds, starts, columns };
}

/** Whether a list is strictly rising and the other one says the same: the usual case, and the cheap one. */
function isSame(starts: readonly number[], others: readonly number[] | undefined): boolean {
  if (starts.length !== others?.length) return false;
  let before = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < starts.length; i += 1) {
    const start = starts[i] ?? before;
    if (start !== others[i] || start <= before) return false;
    before = start;
  }
  return true;
}

/** Of a start said twice the last one counts. */
function alignedTo(starts: readonly number[], points: Points): readonly (number | null)[] {
  const values = new Map(points.starts.map((start, i) => [start, points.values[i] ?? null]));
  return starts.map((start) => values.get(start) ?? null);
}
