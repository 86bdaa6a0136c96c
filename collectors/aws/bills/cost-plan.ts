import type { ApiCost } from '../../../agent/core/collector.ts';
import { nanoUsdPerCostRequest } from '../limits.ts';

/** What tells amounts of one day and usage type apart. */
export const costKeys = ['SERVICE', 'LINKED_ACCOUNT', 'RECORD_TYPE'] as const;
export type CostKey = (typeof costKeys)[number];
export type CostValues = Readonly<Record<CostKey, readonly string[]>>;

/** One question of GetCostAndUsage, all its pages included: amounts by `groupedBy` and usage type. */
export interface CostQuery {
  readonly groupedBy: CostKey;
  /** One value of each key that is not grouped, and every known value of the one that is. */
  readonly values: CostValues;
}

/**
 * The fewest queries that tell everything apart. Cost Explorer groups by two keys at most, and usage types are many, so
 * the key with the most values is grouped with them and each value of the other two has a query of its own.
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
 */
export function planQueries(values: CostValues): readonly CostQuery[] {
  const grouped = costKeys.reduce((most, key) =>
    values[key].length > values[most].length ? key : most,
  );
  const [first, second] = costKeys.filter((key) => key !== grouped);
  if (first === undefined || second === undefined || values[grouped].length === 0) return [];
  return values[first].flatMap((a) =>
    values[second].map((b) => ({
      groupedBy: grouped,
      values: { ...values, [first]: [a], [second]: [b] },
    })),
  );
}

/** Of each key its values are asked for first. */
const listingRequests = costKeys.length;

/**
 * What one statement costs at $0.01 a request, as long as each answer has one page; where one has more, each further
 * page is a cent. https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/
 */
export function priceStatement(counts: Readonly<Record<CostKey, number>>): ApiCost {
  const sizes = costKeys.map((key) => counts[key]);
  const product = sizes.reduce((all, size) => all * size, 1);
  const queries = product === 0 ? 0 : product / Math.max(...sizes);
  const calls = counts.SERVICE === 0 ? 1 : listingRequests + queries;
  return {
    operation: 'ce:GetCostAndUsage',
    calls,
    costNanoUsd: BigInt(calls) * nanoUsdPerCostRequest,
  };
}
