import * as z from 'zod';
import { dayMs, floorTo, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { AwsError } from './errors.ts';
import type { Scope } from './get-metric-data.ts';
import type { AwsSeries, Dimension } from './series.ts';
import { statisticOf } from './statistics.ts';
import type { View } from './statistics.ts';
import { readToken, writeToken } from './token.ts';

/** A series is listed this long after its first datum, and no longer listed this long after its last. */
const listedAfterMs = 15 * minuteMs;
const forgottenAfterMs = 14 * dayMs;
/** `RecentlyActive=PT3H` is a rough three hours. */
const recentMs = 3 * hourMs + 50 * minuteMs;

const requestSchema = z.object({
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string().optional() })).default([]),
  NextToken: z.string().optional(),
  RecentlyActive: z.literal('PT3H').optional(),
  IncludeLinkedAccounts: z.boolean().default(false),
  OwningAccount: z.string().optional(),
});

const tokenSchema = z.object({ asOf: z.number(), from: z.int().nonnegative() });

export interface MetricsAnswer {
  readonly Metrics: readonly {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly Dimension[];
  }[];
  readonly OwningAccounts?: readonly string[];
  readonly NextToken?: string;
}

/** The newest whole minute in `[from, to)` in which the series had a datum. */
type LastDatum = (series: AwsSeries, from: Instant, to: Instant, view: View) => Instant | undefined;

/**
 * Looks back from `to`, and remembers what it found: the next look, usually a little later, starts where this one did.
 */
export function createLastDatum(): LastDatum {
  const looked = new Map<AwsSeries, { readonly to: Instant; readonly last: Instant | undefined }>();
  return (series, from, to, view) => {
    const before = looked.get(series);
    const known = before !== undefined && before.to <= to ? before : undefined;
    let last: Instant | undefined;
    for (let minute = to - minuteMs; minute >= from; minute -= minuteMs) {
      if (known !== undefined && minute < known.to) {
        last = known.last;
        break;
      }
      if (statisticOf(series, { kind: 'Sum' }, minute, minute + minuteMs, view) !== undefined) {
        last = minute;
        break;
      }
    }
    looked.set(series, { to, last });
    return last !== undefined && last >= from ? last : undefined;
  };
}

function contains(
  series: AwsSeries,
  wanted: readonly { Name: string; Value?: string | undefined }[],
) {
  return wanted.every(({ Name, Value }) =>
    series.dimensions.some(
      (had) => had.Name === Name && (Value === undefined || had.Value === Value),
    ),
  );
}

/**
 * ListMetrics: what has had a datum within two weeks, but not what began less than 15 minutes ago. The dimension filter
 * finds every series that has those dimensions, whatever else it has.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
 */
export function listMetrics(
  body: unknown,
  scope: Scope,
  view: View,
  options: { readonly pageSize: number; readonly lastDatum: LastDatum },
): MetricsAnswer {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw new AwsError(400, 'ValidationError', z.prettifyError(parsed.error));
  const request = parsed.data;
  const place =
    request.NextToken === undefined
      ? { asOf: view.asOf, from: 0 }
      : readToken(request.NextToken, tokenSchema);
  const to = floorTo(place.asOf - listedAfterMs, minuteMs);
  const backMs = request.RecentlyActive === undefined ? forgottenAfterMs : recentMs;
  const from = floorTo(place.asOf - backMs, minuteMs);
  const owned = request.OwningAccount === undefined || request.OwningAccount === scope.account;
  const listed = [...scope.series.values()]
    .filter(() => owned)
    .filter(({ namespace }) => (request.Namespace ?? namespace) === namespace)
    .filter(({ metric }) => (request.MetricName ?? metric.name) === metric.name)
    .filter((series) => contains(series, request.Dimensions))
    .filter((series) => options.lastDatum(series, from, to, view) !== undefined);
  const shown = listed.slice(place.from, place.from + options.pageSize);
  const next = place.from + options.pageSize;
  return {
    Metrics: shown.map(({ namespace, metric, dimensions }) => ({
      Namespace: namespace,
      MetricName: metric.name,
      Dimensions: dimensions,
    })),
    ...(request.IncludeLinkedAccounts ? { OwningAccounts: shown.map(() => scope.account) } : {}),
    ...(next < listed.length ? { NextToken: writeToken({ asOf: place.asOf, from: next }) } : {}),
  };
}
