import * as z from 'zod';
import { dayMs, floorTo, minuteMs, secondMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { AwsError } from './errors.ts';
import { seriesKey } from './series.ts';
import type { AwsSeries } from './series.ts';
import { parseStatistic, statisticOf } from './statistics.ts';
import type { Statistic, View } from './statistics.ts';
import { readToken, writeToken } from './token.ts';

const mostQueries = 500;
const mostDatapoints = 100_800;

const requestSchema = z.object({
  MetricDataQueries: z.array(
    z.object({
      Id: z.string().regex(/^[a-z][a-zA-Z0-9_]*$/),
      MetricStat: z
        .object({
          Metric: z.object({
            Namespace: z.string(),
            MetricName: z.string(),
            Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
          }),
          Period: z.int().positive(),
          Stat: z.string(),
          Unit: z.string().optional(),
        })
        .optional(),
      Label: z.string().optional(),
      ReturnData: z.boolean().default(true),
      AccountId: z.string().optional(),
    }),
  ),
  StartTime: z.number(),
  EndTime: z.number(),
  NextToken: z.string().optional(),
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).default('TimestampDescending'),
  MaxDatapoints: z.int().positive().max(mostDatapoints).default(mostDatapoints),
});
type MetricDataRequest = z.output<typeof requestSchema>;

const tokenSchema = z.object({ asOf: z.number(), step: z.int(), query: z.int() });

interface Query {
  readonly id: string;
  readonly label: string;
  readonly statistic: Statistic;
  readonly periodMs: number;
  /** None: no such series, or nothing that the query may see. */
  readonly series: AwsSeries | undefined;
  readonly forbidden: boolean;
}

interface Result {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: number[];
  readonly Values: number[];
  StatusCode: 'Complete' | 'PartialData' | 'Forbidden';
  readonly Messages: readonly [];
}

export interface MetricDataAnswer {
  readonly MetricDataResults: readonly Result[];
  readonly NextToken?: string;
  readonly Messages: readonly [];
}

/** How fine points are kept, by age: 60 s for 15 days, 300 s for 63, 3,600 s for 455. */
const kept = [
  { ageMs: 15 * dayMs, stepMs: minuteMs },
  { ageMs: 63 * dayMs, stepMs: 5 * minuteMs },
  { ageMs: 455 * dayMs, stepMs: 60 * minuteMs },
] as const;

function invalid(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}

function parse(body: unknown): MetricDataRequest {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const { MetricDataQueries: queries, StartTime, EndTime } = parsed.data;
  if (queries.length > mostQueries) {
    throw invalid(
      `The collection MetricDataQueries must not have a size greater than ${mostQueries}.`,
    );
  }
  if (new Set(queries.map((query) => query.Id)).size < queries.length) {
    throw invalid('The values for parameter Id in MetricDataQueries are not unique.');
  }
  if (StartTime >= EndTime) throw invalid('The parameter StartTime must be less than EndTime.');
  return parsed.data;
}

/** Where the caller's series are looked up. */
export interface Scope {
  readonly account: string;
  readonly series: ReadonlyMap<string, AwsSeries>;
}

function planQuery(
  query: MetricDataRequest['MetricDataQueries'][number],
  scope: Scope,
  stepMs: number | undefined,
): Query {
  if (query.MetricStat === undefined) {
    throw invalid(`Expressions are not emulated: query ${query.Id} has no MetricStat.`);
  }
  const { Metric, Period, Stat, Unit } = query.MetricStat;
  const statistic = parseStatistic(Stat);
  if (statistic === undefined)
    throw invalid(`The value ${Stat} for parameter Stat is not supported.`);
  const periodMs = Period * secondMs;
  if (Period > 60 && Period % 60 !== 0) {
    throw invalid(`The parameter Period must be a multiple of 60, not ${Period}.`);
  }
  const forbidden = query.AccountId !== undefined && query.AccountId !== scope.account;
  const found = scope.series.get(seriesKey(Metric.Namespace, Metric.MetricName, Metric.Dimensions));
  const suits = stepMs !== undefined && periodMs % stepMs === 0;
  const unitFits = Unit === undefined || Unit === found?.metric.unit;
  return {
    id: query.Id,
    label: query.Label ?? Metric.MetricName,
    statistic,
    periodMs: Math.max(periodMs, minuteMs),
    series: suits && unitFits && !forbidden ? found : undefined,
    forbidden,
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function resultOf({ id, label, forbidden }: Query): Result {
  const StatusCode = forbidden ? 'Forbidden' : 'Complete';
  return { Id: id, Label: label, Timestamps: [], Values: [], StatusCode, Messages: [] };
}

/**
 * One page of points, in order of time and, within a time, of the queries. A page is full at MaxDatapoints points over
 * all queries; until the last one every query is PartialData. Buckets start where the query does, not on the clock.
 */
function page(
  request: MetricDataRequest,
  queries: readonly Query[],
  span: { readonly start: Instant; readonly end: Instant },
  view: View,
): MetricDataAnswer {
  const from =
    request.NextToken === undefined ? undefined : readToken(request.NextToken, tokenSchema);
  const stepMs = queries.map((query) => query.periodMs).reduce(greatestCommonDivisor, 0);
  const steps = stepMs === 0 ? 0 : Math.ceil((span.end - span.start) / stepMs);
  const results = queries.map(resultOf);
  let points = 0;
  for (let step = from?.step ?? 0; step < steps; step += 1) {
    const ascending = request.ScanBy === 'TimestampAscending';
    const at = span.start + stepMs * (ascending ? step : steps - 1 - step);
    for (let q = step === from?.step ? from.query : 0; q < queries.length; q += 1) {
      const { series, statistic, periodMs = 0 } = queries[q] ?? {};
      if (series === undefined || statistic === undefined) continue;
      if ((at - span.start) % periodMs !== 0) continue;
      const to = Math.min(at + periodMs, span.end);
      const value = statisticOf(series, statistic, at, to, view);
      if (value === undefined) continue;
      if (points === request.MaxDatapoints) {
        for (const result of results) {
          if (result.StatusCode === 'Complete') result.StatusCode = 'PartialData';
        }
        const NextToken = writeToken({ asOf: view.asOf, step, query: q });
        return { MetricDataResults: results, NextToken, Messages: [] };
      }
      results[q]?.Timestamps.push(at / secondMs);
      results[q]?.Values.push(value);
      points += 1;
    }
  }
  return { MetricDataResults: results, Messages: [] };
}

/**
 * GetMetricData. Points as old as CloudWatch forgets them, and queries whose period does not suit the age of StartTime,
 * give nothing. All pages of an answer show the same state of things.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function getMetricData(body: unknown, scope: Scope, view: View): MetricDataAnswer {
  const request = parse(body);
  const token = request.NextToken;
  const asOf = token === undefined ? view.asOf : readToken(token, tokenSchema).asOf;
  const startMs = request.StartTime * secondMs;
  const stepMs = kept.find(({ ageMs }) => asOf - startMs <= ageMs)?.stepMs;
  const span = {
    start: floorTo(startMs, stepMs ?? minuteMs),
    end: Math.min(request.EndTime * secondMs, asOf),
  };
  const queries = request.MetricDataQueries.map((query) => planQuery(query, scope, stepMs));
  const answer = page(request, queries, span, { ...view, asOf });
  const returned = new Set(request.MetricDataQueries.filter((q) => q.ReturnData).map((q) => q.Id));
  const MetricDataResults = answer.MetricDataResults.filter((result) => returned.has(result.Id));
  return { ...answer, MetricDataResults };
}
