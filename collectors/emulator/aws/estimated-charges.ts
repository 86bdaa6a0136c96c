import * as z from 'zod';
import { dayMs, floorTo, hourMs, secondMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { billedAfterMs } from '../billed.ts';
import type { Billing } from '../billed.ts';
import { awsAccounts } from '../scenario.ts';
import { payer } from './bill-view.ts';
import type { BillView } from './bill-view.ts';
import { chargesOf, costPlaces } from './charges.ts';
import type { Charge } from './charges.ts';
import { AwsError } from './errors.ts';
import type { Dimension } from './series.ts';

const billingNamespace = 'AWS/Billing';
const metricName = 'EstimatedCharges';
/** Posted so often, and each time of what was used until so long before. */
const postedEveryMs = 6 * hourMs;
const behindMs = 6 * hourMs;
const services = ['AmazonBedrock', 'AWSMarketplace'] as const;

interface Gauge {
  readonly dimensions: readonly Dimension[];
  readonly counts: (charge: Charge) => boolean;
}

/** The payer's series at all four levels. Other accounts have none, and other regions neither. */
const gauges: readonly Gauge[] = [undefined, ...Object.values(awsAccounts)].flatMap((account) =>
  [undefined, ...services].map((service): Gauge => ({
    dimensions: [
      { Name: 'Currency', Value: 'USD' },
      ...(account === undefined ? [] : [{ Name: 'LinkedAccount', Value: account }]),
      ...(service === undefined ? [] : [{ Name: 'ServiceName', Value: service }]),
    ],
    counts: (charge) =>
      (account === undefined || charge.account === account) &&
      (service === undefined || serviceOf(charge) === service),
  })),
);

/** Marketplace models are not Bedrock's here. */
function serviceOf({ service }: Charge): (typeof services)[number] {
  return service === 'Amazon Bedrock' ? 'AmazonBedrock' : 'AWSMarketplace';
}

function gaugesOf(account: string, region: string): readonly Gauge[] {
  return account === payer && region === 'us-east-1' ? gauges : [];
}

export interface EstimatedView extends BillView {
  readonly ofDay: ChargesOfDay;
}

const askedNamespace = z.object({ Namespace: z.literal(billingNamespace) });
const askedData = z.object({
  MetricDataQueries: z
    .array(
      z.object({
        Id: z.string(),
        MetricStat: z.object({
          Metric: z.object({
            Namespace: z.literal(billingNamespace),
            MetricName: z.string(),
            Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
          }),
          Period: z.int().positive(),
          Stat: z.string(),
        }),
      }),
    )
    .min(1),
  StartTime: z.number(),
  EndTime: z.number(),
});

/** Undefined for a listing of other metrics. One that names no namespace leaves these out, other than AWS does. */
export function listEstimated(body: unknown, account: string, region: string) {
  if (!askedNamespace.safeParse(body).success) return undefined;
  const Metrics = gaugesOf(account, region).map(({ dimensions }) => ({
    Namespace: billingNamespace,
    MetricName: metricName,
    Dimensions: dimensions,
  }));
  return { Metrics };
}

/**
 * Undefined for other metrics. What the month has cost so far: a gauge in cents that begins anew with the month, but is
 * posted of the old one until twelve hours after its end.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/monitor-charges.html
 */
export function getEstimated(body: unknown, account: string, region: string, view: EstimatedView) {
  const request = askedData.safeParse(body).data;
  if (request === undefined) return undefined;
  const start = request.StartTime * secondMs;
  const end = Math.min(request.EndTime * secondMs, view.asOf + 1);
  const MetricDataResults = request.MetricDataQueries.map(({ Id, MetricStat }) => {
    const { Metric, Period, Stat } = MetricStat;
    if (Stat !== 'Maximum') {
      throw new AwsError(400, 'ValidationError', `Of ${metricName} only Maximum is emulated.`);
    }
    const gauge = gaugesOf(account, region).find(
      ({ dimensions }) =>
        Metric.MetricName === metricName && nameOf(dimensions) === nameOf(Metric.Dimensions),
    );
    const buckets = new Map<Instant, number>();
    const first = Math.ceil(start / postedEveryMs) * postedEveryMs;
    for (let at = first; at < end; at += postedEveryMs) {
      if (gauge === undefined) break;
      const bucket = start + floorTo(at - start, Period * secondMs);
      const value = posted(view, gauge, at);
      buckets.set(bucket, Math.max(buckets.get(bucket) ?? 0, value));
    }
    return {
      Id,
      Label: metricName,
      Timestamps: [...buckets.keys()].map((at) => at / secondMs),
      Values: [...buckets.values()],
      StatusCode: 'Complete',
      Messages: [],
    };
  });
  return { MetricDataResults, Messages: [] };
}

function nameOf(dimensions: readonly Dimension[]): string {
  return dimensions
    .map(({ Name, Value }) => `${Name}=${Value}`)
    .toSorted()
    .join('|');
}

function posted({ billing, ofDay }: EstimatedView, gauge: Gauge, at: Instant): number {
  const until = at - behindMs;
  const last = new Date(until - 1);
  const month = Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), 1);
  let cost = 0n;
  for (let day = month; day < until; day += dayMs) {
    for (const charge of ofDay(billing, day, until + billedAfterMs)) {
      if (gauge.counts(charge)) cost += charge.cost;
    }
  }
  return Math.round(Number(cost) / 10 ** (costPlaces - 2)) / 100;
}

/** One day's charges of every account, as told at a time. */
export type ChargesOfDay = (billing: Billing, day: Instant, asOf: Instant) => readonly Charge[];

/** A day no longer changes so long after its beginning. */
const settledAfterMs = 5 * dayMs;

/** Remembers what it added up: every post of a month is made of the same days. */
export function createChargesOfDay(): ChargesOfDay {
  const kept = new WeakMap<Billing, Map<string, readonly Charge[]>>();
  return (billing, day, asOf) => {
    const ofBilling = kept.get(billing) ?? new Map<string, readonly Charge[]>();
    kept.set(billing, ofBilling);
    const told = Math.min(asOf, day + settledAfterMs);
    const key = `${day}|${told}`;
    const charges =
      ofBilling.get(key) ?? chargesOf(billing, { start: day, end: day + dayMs }, told);
    ofBilling.set(key, charges);
    return charges;
  };
}
