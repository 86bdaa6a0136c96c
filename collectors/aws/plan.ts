import type { GetMetricDataCommandInput, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { ApiCost, CollectRequest, MeterUnit, Target } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { secondMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const queriesPerCall = 500;
/** A fifth of what the API would send at once; larger answers only cost memory. */
const pointsPerCall = 20_000;
/**
 * $0.01 per 1,000 metrics requested, where up to five statistics of one metric in a call count once.
 * https://aws.amazon.com/cloudwatch/pricing/
 */
export const nanoUsdPerMetric = 10_000n;
const statisticsPerMetric = 5;

/** What reading needs to know of a request: of a catalog row where it is read, not what it means. */
export interface ReadRequest extends Omit<CollectRequest, 'target'> {
  readonly target: Pick<Target, 'id' | 'account' | 'labels' | 'retention'> & {
    readonly rows: readonly Pick<CatalogRow, 'id' | 'namespace' | 'statistics'>[];
  };
}

/** One statistic of one unit. */
export interface Query {
  /** Unique within its call. */
  readonly id: string;
  readonly unit: MeterUnit;
  readonly namespace: string;
  /** In the vendor's words. */
  readonly statistic: string;
}

/** One GetMetricData call, all its pages included. */
export interface PlannedCall {
  readonly window: Window;
  readonly queries: readonly Query[];
  /** How many metrics AWS counts for it. */
  readonly metrics: number;
  /** How many points the answer holds at most. */
  readonly points: number;
}

/**
 * The calls that read a request whole: every statistic of every unit, at most 500 queries and 20,000 points a call,
 * the statistics of one unit side by side, for together they are paid once. A window too long for that is cut.
 * Throws RangeError for a window that is empty or not aligned to the period (CloudWatch starts its buckets at the
 * window's start, so the same data would come back under other timestamps), and for a unit without a row.
 */
export function planCalls(request: ReadRequest): readonly PlannedCall[] {
  const { window, periodSeconds, units } = request;
  const periodMs = periodSeconds * secondMs;
  checkWindow(window, periodSeconds);
  const wanted = units.map((unit) => wantedOf(request, unit));
  const most = Math.max(1, ...wanted.map(({ statistics }) => statistics.length));
  const sliceMs = Math.floor(pointsPerCall / most) * periodMs;
  const calls: PlannedCall[] = [];
  for (let start = window.start; start < window.end; start += sliceMs) {
    const slice = { start, end: Math.min(start + sliceMs, window.end) };
    const periods = (slice.end - slice.start) / periodMs;
    const room = Math.min(queriesPerCall, Math.floor(pointsPerCall / periods));
    for (const some of packed(wanted, room)) calls.push(callOf(slice, periods, some));
  }
  return calls;
}

/** Times as dates, no unit (one that does not match returns nothing), oldest first. `token` asks for the next page. */
export function inputOf(
  call: PlannedCall,
  request: ReadRequest,
  accountId: string | undefined,
  token: string | undefined,
): GetMetricDataCommandInput {
  return {
    MetricDataQueries: call.queries.map((query): MetricDataQuery => ({
      Id: query.id,
      MetricStat: {
        Metric: {
          Namespace: query.namespace,
          MetricName: query.unit.metric,
          Dimensions: Object.entries(query.unit.dimensions).map(([Name, Value]) => ({
            Name,
            Value,
          })),
        },
        Period: request.periodSeconds,
        Stat: query.statistic,
      },
      ReturnData: true,
      ...(accountId === undefined ? {} : { AccountId: accountId }),
    })),
    StartTime: new Date(call.window.start),
    EndTime: new Date(call.window.end),
    ScanBy: 'TimestampAscending',
    MaxDatapoints: pointsPerCall,
    ...(token === undefined ? {} : { NextToken: token }),
  };
}

/** What the calls cost at list price. */
export function priceOf(calls: readonly PlannedCall[]): ApiCost {
  const metrics = calls.reduce((sum, call) => sum + call.metrics, 0);
  return {
    operation: 'cloudwatch:GetMetricData',
    calls: calls.length,
    costNanoUsd: BigInt(metrics) * nanoUsdPerMetric,
  };
}

interface Wanted {
  readonly unit: MeterUnit;
  readonly namespace: string;
  readonly statistics: readonly string[];
}

function wantedOf({ target }: ReadRequest, unit: MeterUnit): Wanted {
  const row = target.rows.find(({ id }) => id === unit.rowId);
  if (row === undefined) {
    throw new RangeError(
      `${unit.key} of ${target.id} names a catalog row it does not have: ${unit.rowId}`,
    );
  }
  return { unit, namespace: row.namespace, statistics: row.statistics };
}

function checkWindow({ start, end }: Window, periodSeconds: number): void {
  const periodMs = periodSeconds * secondMs;
  if (!Number.isInteger(periodSeconds / 60) || periodSeconds <= 0) {
    throw new RangeError(
      `CloudWatch serves no period of ${periodSeconds} s; take a multiple of 60`,
    );
  }
  if (!(start < end) || start % periodMs !== 0 || end % periodMs !== 0) {
    throw new RangeError(`window [${start}, ${end}) is empty or not aligned to ${periodSeconds} s`);
  }
}

/** Units in order, as many a group as have room for all their statistics. */
function packed(wanted: readonly Wanted[], room: number): readonly (readonly Wanted[])[] {
  const groups: Wanted[][] = [];
  let left = 0;
  for (const one of wanted) {
    const needs = one.statistics.length;
    if (needs > left || groups.length === 0) {
      groups.push([]);
      left = room;
    }
    groups.at(-1)?.push(one);
    left -= needs;
  }
  return groups;
}

function callOf(window: Window, periods: number, wanted: readonly Wanted[]): PlannedCall {
  const queries = wanted.flatMap(({ unit, namespace, statistics }, index) =>
    statistics.map((statistic, n) => ({ id: `m${index}s${n}`, unit, namespace, statistic })),
  );
  const metrics = wanted.reduce(
    (sum, { statistics }) => sum + Math.ceil(statistics.length / statisticsPerMetric),
    0,
  );
  return { window, queries, metrics, points: queries.length * periods };
}
