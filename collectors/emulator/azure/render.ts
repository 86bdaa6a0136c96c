import { minuteMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { fraction } from '../hash.ts';
import { visibleShare, wholeAfterMs } from '../meters.ts';
import type { World } from '../world.ts';
import type { AzureAccount, AzureLane } from '../scenario-lane.ts';
import type { Aggregation, EmulatedMetric } from './metrics.ts';
import type { Question } from './question.ts';
import { accountId } from './resources.ts';
import { seriesOf } from './series.ts';
import type { SeriesOf } from './series.ts';

/** Of minutes in which nothing happened this share comes back as zero, the rest not at all. */
const quietAsZero = 0.2;

/** The `value` list of a metrics answer as JSON text; built as text, for a fortnight of minutes is millions of points. */
export function renderMetrics(
  world: World,
  account: AzureAccount,
  lanes: readonly AzureLane[],
  question: Question,
): string {
  const stamps = stampsOf(question);
  const metrics = question.metrics.map((metric) => {
    const all = seriesOf(metric, lanes, world.aggregates, question);
    const rendered = all.flatMap((series) => renderSeries(world, metric, series, question, stamps));
    const shown = question.filter.size === 0 ? rendered : rendered.slice(0, question.top);
    const name = JSON.stringify({ value: metric.name, localizedValue: metric.name });
    const id = JSON.stringify(
      `${accountId(account)}/providers/Microsoft.Insights/metrics/${metric.name}`,
    );
    return `{"id":${id},"type":"Microsoft.Insights/metrics","name":${name},"displayDescription":${JSON.stringify(metric.category)},"unit":"${metric.unit}","timeseries":[${shown.join()}],"errorCode":"Success"}`;
  });
  return `[${metrics.join()}]`;
}

/** `2026-11-20T10:00:00Z`, without fractions as Azure has it. */
export function stamp(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** The openings of the points: buckets follow the start of the question, not the clock. */
function stampsOf(question: Question): readonly string[] {
  const { window, stepMs } = question;
  const openings: string[] = [];
  for (let start = window.start; start < window.end; start += stepMs) {
    openings.push(`{"timeStamp":"${stamp(start)}"`);
  }
  return openings;
}

/** Nothing where the series has not one request in the whole span: Azure does not list it then. */
function renderSeries(
  world: World,
  metric: EmulatedMetric,
  series: SeriesOf,
  question: Question,
  stamps: readonly string[],
): readonly string[] {
  const asked = metric.aggregations.filter((name) => question.aggregations.includes(name));
  const bucketOf = metric.reading.kind === 'spread' ? spreadBucket : sumBucket;
  const { window, stepMs } = question;
  const now = world.now();
  let data = '';
  let said = false;
  for (let i = 0; i < stamps.length; i += 1) {
    const start = window.start + i * stepMs;
    const bucket = bucketOf(world, series, start, Math.min(start + stepMs, window.end), now);
    const point = pointText(metric, bucket, asked, fraction(series.salt, start / minuteMs));
    said ||= bucket.count > 0;
    if (point !== undefined) data += `${data === '' ? '' : ','}${stamps[i] ?? ''}${point}}`;
  }
  if (!said) return [];
  const metadata = series.dimensions.map(([name, value]) => ({
    name: { value: name, localizedValue: name },
    value,
  }));
  return [`{"metadatavalues":${JSON.stringify(metadata)},"data":[${data}]}`];
}

/** `count`: how many data the bucket holds; the rest is of those. */
interface Bucket {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

const silent: Bucket = { count: 0, sum: 0, min: 0, max: 0 };

/** What of an aggregation follows the opening of a point; nothing said: a bare point, a zero, or no point. */
function pointText(
  metric: EmulatedMetric,
  bucket: Bucket,
  asked: readonly Aggregation[],
  die: number,
): string | undefined {
  if (bucket.count === 0) {
    const zero = metric.aggregations[0] === 'Total' ? ',"total":0' : '';
    return die < quietAsZero ? zero : undefined;
  }
  let text = '';
  for (const aggregation of asked) {
    const value =
      aggregation === 'Total'
        ? bucket.sum
        : aggregation === 'Average'
          ? bucket.sum / bucket.count
          : aggregation === 'Minimum'
            ? bucket.min
            : bucket.max;
    text += `,"${aggregation.toLowerCase()}":${value}`;
  }
  return text;
}

/** How much of a minute is shown already. */
function shareOf(world: World, minute: Instant, now: Instant, salt: number): number {
  const end = minute + minuteMs;
  if (end + wholeAfterMs <= now) return 1;
  if (world.settled) return end <= now ? 1 : 0;
  return visibleShare(end, now, salt);
}

function firstMinute(start: Instant): Instant {
  return Math.ceil(start / minuteMs) * minuteMs;
}

/** Amounts and utilization: minute by minute a sum; of several minutes their sum, least and greatest. */
function sumBucket(
  world: World,
  series: SeriesOf,
  start: Instant,
  end: Instant,
  now: Instant,
): Bucket {
  const { aggregates } = world;
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let minute = firstMinute(start); minute < end; minute += minuteMs) {
    const share = shareOf(world, minute, now, series.salt);
    if (share === 0) continue;
    let whole = 0;
    let capacity = 1;
    for (const atom of series.atoms) {
      capacity = atom.capacity;
      for (const column of atom.columns) whole += aggregates.read(atom.strand, minute, column);
    }
    if (whole === 0) continue;
    const value = capacity === 1 ? Math.floor(whole * share) : Math.min(100, whole / capacity);
    count += 1;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return count === 0 ? silent : { count, sum, min, max };
}

/** Latencies: of all requests in the bucket. */
function spreadBucket(
  world: World,
  series: SeriesOf,
  start: Instant,
  end: Instant,
  now: Instant,
): Bucket {
  const { aggregates } = world;
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let minute = firstMinute(start); minute < end; minute += minuteMs) {
    if (shareOf(world, minute, now, series.salt) === 0) continue;
    for (const { strand, columns } of series.atoms) {
      const served = aggregates.read(strand, minute, 'served');
      if (served === 0) continue;
      const of = columns[0] === 'firstTokenMs' ? 'firstTokenMs' : 'latencyMs';
      count += served;
      sum += aggregates.read(strand, minute, of);
      min = Math.min(min, aggregates.read(strand, minute, `${of}Min`));
      max = Math.max(max, aggregates.read(strand, minute, `${of}Max`));
    }
  }
  return count === 0 ? silent : { count, sum, min, max };
}
