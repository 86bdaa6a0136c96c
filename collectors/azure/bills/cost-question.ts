import { dayMs, isoUtc, secondMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';

/** By what costs can be told apart, in Azure's spelling. At most two in one question. */
export type CostDimension =
  | 'ResourceId'
  | 'ResourceGuid'
  | 'Meter'
  | 'MeterSubcategory'
  | 'UnitOfMeasure'
  | 'ServiceName'
  | 'ChargeType'
  | 'PublisherType';

/** What each dimension must be. `or` of several of these is one that holds. */
export type CostClause = Readonly<Partial<Record<CostDimension, readonly string[]>>>;

export interface CostQuestion {
  /** As charged, or with commitments spread over their time. */
  readonly type: 'ActualCost' | 'AmortizedCost';
  /** Whole UTC days. */
  readonly days: Window;
  /** Each day for itself, or all of them in one sum. */
  readonly granularity: 'Daily' | 'None';
  readonly groupings: readonly CostDimension[];
  /** One of these must hold. */
  readonly anyOf: readonly CostClause[];
}

/** Names of the two sums, by which their columns are found again. */
export const amounts = { cost: 'Cost', quantity: 'UsageQuantity' } as const;

/** The body of a question. https://learn.microsoft.com/en-us/rest/api/cost-management/query/usage */
export function bodyOf({ type, days, granularity, groupings, anyOf }: CostQuestion): unknown {
  return {
    type,
    timeframe: 'Custom',
    timePeriod: { from: stamp(days.start), to: stamp(days.end - secondMs) },
    dataset: {
      granularity,
      aggregation: {
        totalCost: { name: amounts.cost, function: 'Sum' },
        totalQuantity: { name: amounts.quantity, function: 'Sum' },
      },
      grouping: groupings.map((name) => ({ type: 'Dimension', name })),
      filter: joined('or', anyOf.map(filterOf)),
    },
  };
}

/** Whether the span is one that can be asked for: whole days, one at least. */
export function isWholeDays({ start, end }: Window): boolean {
  return start % dayMs === 0 && end % dayMs === 0 && end > start;
}

function filterOf(clause: CostClause): unknown {
  const dimensions = Object.entries(clause).map(([name, values]) => ({
    dimensions: { name, operator: 'In', values },
  }));
  return joined('and', dimensions);
}

/** A list of one is refused. */
function joined(word: 'and' | 'or', filters: readonly unknown[]): unknown {
  return filters.length === 1 ? filters[0] : { [word]: filters };
}

function stamp(at: number): string {
  return isoUtc(at).replace('.000Z', 'Z');
}
