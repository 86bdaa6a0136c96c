import * as z from 'zod';
import { dayMs, floorTo, isoUtc } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import { isEstimated } from '../billed.ts';
import { chargesSeenBy, decimalText } from './bill-view.ts';
import type { BillView } from './bill-view.ts';
import { costPlaces, quantityPlaces } from './charges.ts';
import type { Charge } from './charges.ts';
import { matches, valueOf, expression } from './cost-filter.ts';
import { AwsError } from './errors.ts';
import { readToken, writeToken } from './token.ts';

const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .transform((text) => Date.parse(`${text}T00:00:00Z`))
  .refine(Number.isFinite);
const period = z.object({ Start: date, End: date });
const key = z.enum(['SERVICE', 'USAGE_TYPE', 'LINKED_ACCOUNT', 'RECORD_TYPE']);

const metricNames = ['UnblendedCost', 'AmortizedCost', 'UsageQuantity'] as const;
const costRequest = z.object({
  TimePeriod: period,
  Granularity: z.enum(['DAILY', 'MONTHLY']),
  Metrics: z.array(z.enum(metricNames)).min(1),
  Filter: expression.optional(),
  GroupBy: z
    .array(z.object({ Type: z.literal('DIMENSION'), Key: key }))
    .max(2)
    .default([]),
  NextPageToken: z.string().optional(),
});
const valuesRequest = z.object({
  TimePeriod: period,
  Dimension: key,
  SearchString: z.string().default(''),
  Filter: expression.optional(),
  NextPageToken: z.string().optional(),
});
const tokenSchema = z.object({ asOf: z.number(), from: z.int().nonnegative() });

/** Daily amounts are kept for fourteen months. */
const keptMs = 426 * dayMs;

export interface CostOptions {
  /** Groups, or values, a page. */
  readonly pageSize: number;
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}

/** Where a page begins, and the time by which all pages of its answer are told. */
function placeOf(token: string | undefined, asOf: Instant) {
  return token === undefined ? { asOf, from: 0 } : readToken(token, tokenSchema);
}

function daysOf({ Start, End }: z.output<typeof period>, asOf: Instant): Window {
  if (Start >= End) throw invalid('Start date (and hour) should be before end date (and hour)');
  if (Start < asOf - keptMs) {
    throw invalid("You haven't enabled historical data beyond 14 months");
  }
  return { start: Start, end: End };
}

/**
 * GetDimensionValues: what has any charge in the days.
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetDimensionValues.html
 */
export function getDimensionValues(
  body: unknown,
  account: string,
  view: BillView,
  { pageSize }: CostOptions,
) {
  const request = parse(valuesRequest, body);
  const { asOf, from } = placeOf(request.NextPageToken, view.asOf);
  const days = daysOf(request.TimePeriod, asOf);
  const charges = chargesSeenBy(account, days, { ...view, asOf });
  const values = charges
    .filter((charge) => matches(charge, request.Filter))
    .map((charge) => valueOf(charge, request.Dimension))
    // A bill holds other services than Bedrock.
    .concat(
      request.Dimension === 'SERVICE' && charges.length > 0 ? ['AWS Key Management Service'] : [],
    )
    .filter((value) => value.toLowerCase().includes(request.SearchString.toLowerCase()));
  const found = [...new Set(values)].toSorted();
  const shown = found.slice(from, from + pageSize);
  return {
    DimensionValues: shown.map((Value) => ({ Attributes: {}, Value })),
    ReturnSize: shown.length,
    TotalSize: found.length,
    ...nextPage(asOf, from + pageSize, found.length),
  };
}

function nextPage(asOf: Instant, from: number, total: number) {
  return from < total ? { NextPageToken: writeToken({ asOf, from }) } : {};
}

/**
 * GetCostAndUsage. Every day of the period is told of, with an empty list where it has nothing; pages are cut between
 * groups, so a day may be on two of them.
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
 */
export function getCostAndUsage(
  body: unknown,
  account: string,
  view: BillView,
  { pageSize }: CostOptions,
) {
  const request = parse(costRequest, body);
  const { asOf, from } = placeOf(request.NextPageToken, view.asOf);
  const days = daysOf(request.TimePeriod, asOf);
  const charges = chargesSeenBy(account, days, { ...view, asOf }).filter((charge) =>
    matches(charge, request.Filter),
  );
  const stepOf = (day: Instant) => (request.Granularity === 'DAILY' ? day : monthOf(day));
  const keys = request.GroupBy.map(({ Key }) => Key);
  const steps = new Map<Instant, Map<string, Charge[]>>();
  for (let day = days.start; day < days.end; day += dayMs) {
    if (!steps.has(stepOf(day))) steps.set(stepOf(day), new Map());
  }
  for (const charge of charges) {
    const groups = steps.get(stepOf(charge.day));
    const name = JSON.stringify(keys.map((one) => valueOf(charge, one)));
    groups?.set(name, [...(groups.get(name) ?? []), charge]);
  }
  let at = 0;
  const results: object[] = [];
  for (const [step, groups] of steps) {
    const all = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const shown = all.slice(Math.max(0, from - at), Math.max(0, from + pageSize - at));
    // A day without groups stands on the page on which its place is.
    const isHere = shown.length > 0 || (all.length === 0 && at >= from && at < from + pageSize);
    at += Math.max(1, all.length);
    if (!isHere) continue;
    const start = Math.max(step, days.start);
    const end = request.Granularity === 'DAILY' ? step + dayMs : monthOf(step + 32 * dayMs);
    results.push({
      TimePeriod: { Start: dateOf(start), End: dateOf(Math.min(end, days.end)) },
      Total: keys.length === 0 ? metricsOf(request.Metrics, [...groups.values()].flat()) : {},
      Groups:
        keys.length === 0
          ? []
          : shown.map(([name, ofGroup]) => ({
              Keys: JSON.parse(name),
              Metrics: metricsOf(request.Metrics, ofGroup),
            })),
      Estimated: isEstimated(floorTo(Math.min(end, days.end) - 1, dayMs), asOf),
    });
  }
  return {
    ...(keys.length === 0 ? {} : { GroupDefinitions: request.GroupBy }),
    ResultsByTime: results,
    DimensionValueAttributes: [],
    ...nextPage(asOf, from + pageSize, at),
  };
}

/** Amortized is unblended where nothing is committed. Several units added up have none. */
function metricsOf(names: readonly (typeof metricNames)[number][], charges: readonly Charge[]) {
  const sum = (of: 'cost' | 'quantity') => charges.reduce((all, one) => all + one[of], 0n);
  const units = new Set(charges.map(({ unit }) => unit));
  const [unit = 'N/A'] = units.size === 1 ? units : [];
  const money = { Amount: decimalText(sum('cost'), costPlaces), Unit: 'USD' };
  const quantity = { Amount: decimalText(sum('quantity'), quantityPlaces), Unit: unit };
  return Object.fromEntries(
    names.map((name) => [name, name === 'UsageQuantity' ? quantity : money]),
  );
}

function monthOf(instant: Instant): Instant {
  const at = new Date(instant);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}

function dateOf(instant: Instant): string {
  return isoUtc(instant).slice(0, 10);
}
