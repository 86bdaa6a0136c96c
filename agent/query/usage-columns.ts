import type { SumQuery } from '../core/store.ts';
import { amountNames, tokenAmounts } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import type { ByAmount } from './by-amount.ts';
import type { CostMethod } from './costs.ts';
import type { ExplainedAmounts } from './explanation.ts';

/** The figures of a row. Null is not zero: it was not looked at, or no contributor tells it. */
export interface UsageFigures extends ExplainedAmounts {
  readonly cost_usd: number | null;
  readonly cost_low_usd: number | null;
  readonly cost_high_usd: number | null;
  readonly cost_method: CostMethod | null;
  readonly unpriced_tokens: number | null;
  /** Share of the contributors' time that was read after the last change the cloud may make, 0 to 1. */
  readonly settled: number | null;
}

/** The columns of the figures, in their order. */
export const usageColumns = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'unsplit_input_tokens',
  'requests',
  'errors',
  'throttles',
  'cost_usd',
  'cost_low_usd',
  'cost_high_usd',
  'cost_method',
  'unpriced_tokens',
  'settled',
] as const satisfies readonly (keyof UsageFigures)[];

export type UsageColumn = (typeof usageColumns)[number];

const amountColumns: ByAmount<UsageColumn> = {
  input: 'input_tokens',
  cacheRead: 'cache_read_tokens',
  cacheWrite: 'cache_write_tokens',
  output: 'output_tokens',
  unsplitInput: 'unsplit_input_tokens',
  requests: 'requests',
  errors: 'errors',
  throttles: 'throttles',
};

const costColumns: readonly UsageColumn[] = [
  'cost_usd',
  'cost_low_usd',
  'cost_high_usd',
  'cost_method',
  'unpriced_tokens',
];

const costFigures = ['cost', 'costLow', 'costHigh', 'unpricedTokens'] as const;

/** What rows of some columns are made of: what a thousand rows do not show is neither added up nor looked at. */
export interface Wanted {
  /** In their order. */
  readonly columns: readonly UsageColumn[];
  readonly amounts: readonly (keyof Amounts)[];
  /** Costs depend on the tokens, which are then among the amounts. */
  readonly costs: boolean;
  /** As of `SumQuery`. */
  readonly figures: Required<SumQuery>['figures'];
}

/** @param asked which columns; empty: all */
export function wantedOf(asked: ReadonlySet<string>): Wanted {
  const columns = usageColumns.filter((name) => asked.size === 0 || asked.has(name));
  const costs = columns.some((name) => costColumns.includes(name));
  // Of what nothing is known nothing is settled.
  const isAll = columns.includes('settled');
  const needed = new Set<keyof Amounts>(costs ? tokenAmounts : []);
  const amounts = amountNames.filter(
    (name) => isAll || needed.has(name) || columns.includes(amountColumns[name]),
  );
  return { columns, amounts, costs, figures: costs ? [...amounts, ...costFigures] : amounts };
}
