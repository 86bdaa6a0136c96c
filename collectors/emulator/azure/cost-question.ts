import * as z from 'zod';
import { ceilTo, dayMs, floorTo } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { costDimensions } from './cost-charges.ts';
import type { Charge, CostDimension } from './cost-charges.ts';

/** What was asked, understood. */
export interface CostQuestion {
  readonly days: Window;
  readonly isDaily: boolean;
  readonly amounts: readonly ('Cost' | 'UsageQuantity')[];
  readonly groupings: readonly CostDimension[];
  readonly isWanted: (charge: Charge) => boolean;
  /** Months of data that it is counted for. */
  readonly units: number;
}

const most = 2;
const longestMs = 366 * dayMs;

const name = z.enum(costDimensions);
const comparison = z.object({
  name,
  operator: z.literal('In'),
  values: z.array(z.string()).min(1),
});

type Filter =
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly dimensions: z.output<typeof comparison> };
const several = z.lazy(() => z.array(filter).min(2));
const filter: z.ZodType<Filter> = z.union([
  z.strictObject({ and: several }),
  z.strictObject({ or: several }),
  z.strictObject({ dimensions: comparison }),
]);

const sum = z.object({ name: z.enum(['Cost', 'UsageQuantity']), function: z.literal('Sum') });
const bodyShape = z.object({
  type: z.enum(['ActualCost', 'AmortizedCost', 'Usage']),
  timeframe: z.literal('Custom'),
  timePeriod: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }),
  dataset: z.object({
    granularity: z.enum(['Daily', 'None']),
    aggregation: z
      .record(z.string(), sum)
      .transform((sums) => Object.values(sums))
      .refine((sums) => sums.length <= most, `at most ${most} aggregations`),
    grouping: z
      .array(z.object({ type: z.literal('Dimension'), name }))
      .max(most, `at most ${most} groupings`)
      .default([]),
    filter: filter.optional(),
  }),
});

/** The question, or why Azure refuses it. */
export function understandCosts(body: unknown): CostQuestion | { readonly refused: string } {
  const parsed = bodyShape.safeParse(body);
  if (!parsed.success) return { refused: z.prettifyError(parsed.error) };
  const { timePeriod, dataset } = parsed.data;
  const from = Date.parse(timePeriod.from);
  const to = Date.parse(timePeriod.to);
  if (to < from) return { refused: 'The time period ends before it begins.' };
  const days = { start: floorTo(from, dayMs), end: ceilTo(to + 1, dayMs) };
  if (days.end - days.start > longestMs) return { refused: 'The time period is over a year.' };
  const { filter: asked } = dataset;
  return {
    days,
    isDaily: dataset.granularity === 'Daily',
    amounts: dataset.aggregation.map((one) => one.name),
    groupings: dataset.grouping.map((one) => one.name),
    isWanted: (charge) => asked === undefined || holds(asked, charge),
    units: Math.ceil((days.end - days.start) / (31 * dayMs)),
  };
}

function holds(asked: Filter, charge: Charge): boolean {
  if ('and' in asked) return asked.and.every((one) => holds(one, charge));
  if ('or' in asked) return asked.or.some((one) => holds(one, charge));
  const { name: dimension, values } = asked.dimensions;
  const value = charge.of[dimension].toLowerCase();
  return values.some((one) => one.toLowerCase() === value);
}
