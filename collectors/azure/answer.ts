import type { Labels, MeterUnit, Sample } from '../../agent/core/collector.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import { isoUtc } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { badAnswer } from './errors.ts';
import type { Attempt } from './errors.ts';
import type { AnsweredMetric, AnsweredSeries, MetricPoint, MetricsAnswer } from './metrics-api.ts';
import { intervalOf } from './plan.ts';
import type { MetricCall } from './plan.ts';

/** With a filter Azure gives ten series unless told otherwise, drops the rest and has no pages; so a high one, checked. */
export const topSeries = 10_000;

/** One answer taken apart, and the most series any of its metrics had. */
export interface CheckedAnswer {
  readonly samples: readonly Sample[];
  readonly seriesSeen: number;
}

/**
 * The samples of an answer that says all that was asked, or an ExternalError: on another span or grain, on a metric
 * left out, failed or possibly cut at `topSeries`.
 * `whole` is the window of which the call reads a piece: points beyond the piece but inside it are another call's.
 */
export function readAnswer(
  call: MetricCall,
  answer: MetricsAnswer,
  whole: Window,
  attempt: Attempt,
): CheckedAnswer {
  checkSpan(call, answer, attempt);
  const metrics = new Map<string, AnsweredMetric>();
  for (const metric of answer.metrics) {
    const name = metric.name.toLowerCase();
    if (metrics.has(name)) throw badAnswer(`${metric.name} is in it twice`, attempt);
    metrics.set(name, metric);
  }
  const samples: Sample[] = [];
  let seriesSeen = 0;
  for (const unit of call.group.units) {
    const metric = metrics.get(unit.metric.toLowerCase());
    if (metric === undefined) throw badAnswer(`${unit.metric} was asked and is not in it`, attempt);
    checkMetric(metric, attempt);
    seriesSeen = Math.max(seriesSeen, metric.series.length);
    samples.push(...samplesOf(unit, metric, call, whole, attempt));
  }
  return { samples, seriesSeen };
}

function checkSpan(call: MetricCall, answer: MetricsAnswer, attempt: Attempt): void {
  const { window } = call;
  if (!(answer.start <= window.start && answer.end >= window.end)) {
    const said = Number.isNaN(answer.start + answer.end)
      ? 'no span'
      : `${isoUtc(answer.start)} to ${isoUtc(answer.end)}`;
    const asked = `${isoUtc(window.start)} to ${isoUtc(window.end)}`;
    throw badAnswer(`it covers ${said} where ${asked} was asked`, attempt);
  }
  const interval = intervalOf(call.periodSeconds);
  if (answer.interval !== interval) {
    throw badAnswer(`its grain is ${answer.interval} where ${interval} was asked`, attempt);
  }
}

/** A 200 may carry the failure of one metric, with an empty series list that looks like no usage. */
function checkMetric(metric: AnsweredMetric, attempt: Attempt): void {
  const { errorCode, errorMessage, name } = metric;
  const failed = errorCode === undefined ? errorMessage !== undefined : errorCode !== 'Success';
  if (failed) {
    const message = `${name}: ${errorCode ?? 'failed'}: ${errorMessage ?? 'no more said'}`;
    if (!/throttl/i.test(errorCode ?? '')) throw badAnswer(message, attempt);
    throw new ExternalError(`${attempt.operation} of ${attempt.subject}: ${message}`, {
      reason: 'throttled',
      operation: attempt.operation,
      hint: 'Azure answered with a throttled metric; it is asked again later.',
    });
  }
  if (metric.series.length >= topSeries) {
    throw badAnswer(
      `${name} has ${metric.series.length} series or more, which Azure cuts without a word; ` +
        'split the account or delete deployments that are not used',
      attempt,
    );
  }
}

function samplesOf(
  unit: MeterUnit,
  metric: AnsweredMetric,
  call: MetricCall,
  whole: Window,
  attempt: Attempt,
): readonly Sample[] {
  const { dimensions: names, statistics } = call.group;
  const seen = new Set<string>();
  return metric.series.flatMap((series) => {
    const dimensions = labelsOf(series, names);
    const identity = JSON.stringify(dimensions);
    if (seen.has(identity)) {
      throw badAnswer(`${metric.name} has two series of ${identity}`, attempt);
    }
    seen.add(identity);
    return statistics.flatMap((statistic) => {
      const columns = columnsOf(series, statistic, call.window, whole, attempt);
      const { rowId, key: unitKey, metric: name } = unit;
      return columns.starts.length === 0
        ? []
        : [{ unitKey, rowId, metric: name, dimensions, statistic, ...columns }];
    });
  });
}

/** Names in the catalog's spelling; answers have them in lower case. A dimension a series lacks stays away. */
function labelsOf(series: AnsweredSeries, names: readonly string[]): Labels {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = series.dimensions.get(name.toLowerCase());
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const pointKeys = {
  Total: 'total',
  Average: 'average',
  Minimum: 'minimum',
  Maximum: 'maximum',
} as const satisfies Record<string, keyof MetricPoint>;

function isStatistic(statistic: string): statistic is keyof typeof pointKeys {
  return Object.hasOwn(pointKeys, statistic);
}

/** A point without the aggregation said nothing; zero is something said. */
function columnsOf(
  series: AnsweredSeries,
  statistic: string,
  piece: Window,
  whole: Window,
  attempt: Attempt,
): Pick<Sample, 'starts' | 'values'> {
  if (!isStatistic(statistic)) throw new RangeError(`Azure has no aggregation ${statistic}`);
  const key = pointKeys[statistic];
  const starts: number[] = [];
  const values: number[] = [];
  for (const point of series.points) {
    const value = point[key];
    if (value === undefined || value === null) continue;
    const start = point.timeStamp instanceof Date ? point.timeStamp.getTime() : Number.NaN;
    if (Number.isNaN(start) || typeof value !== 'number') {
      throw badAnswer('a point without a time or with a value that is no number', attempt);
    }
    const beyondPiece = start < piece.start || start >= piece.end;
    if (beyondPiece && start >= whole.start && start < whole.end) continue;
    starts.push(start);
    values.push(value);
  }
  return { starts, values };
}
