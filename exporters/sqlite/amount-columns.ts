import type { CostSums } from '../../agent/core/store.ts';
import type { Amounts } from '../../agent/core/usage.ts';

/** The amounts as columns of the usage tables. Null: the meter does not tell. */
export interface AmountRecord {
  readonly input: number | null;
  readonly cache_read: number | null;
  readonly cache_write: number | null;
  readonly output: number | null;
  readonly unsplit_input: number | null;
  readonly requests: number | null;
  readonly errors: number | null;
  readonly throttles: number | null;
}

/** In the order of the tables. */
export const amountColumns = [
  'input',
  'cache_read',
  'cache_write',
  'output',
  'unsplit_input',
  'requests',
  'errors',
  'throttles',
] as const satisfies readonly (keyof AmountRecord)[];

/** All tokens of a row, as SQL. */
export const tokensOfRow = amountColumns
  .slice(0, 5)
  .map((name) => `coalesce(${name}, 0)`)
  .join(' + ');

export function amountsFrom(row: AmountRecord): Amounts {
  return {
    input: row.input,
    cacheRead: row.cache_read,
    cacheWrite: row.cache_write,
    output: row.output,
    unsplitInput: row.unsplit_input,
    requests: row.requests,
    errors: row.errors,
    throttles: row.throttles,
  };
}

/** In the order of the columns. */
export function amountValues(amounts: Amounts): readonly (number | null)[] {
  const { input, cacheRead, cacheWrite, output, unsplitInput } = amounts;
  const { requests, errors, throttles } = amounts;
  return [input, cacheRead, cacheWrite, output, unsplitInput, requests, errors, throttles];
}

/** What an amount costs, beside the amounts. `cost` null: nothing of it has a price; `unpriced` null: it was never rated. */
export interface CostRecord {
  readonly cost: bigint | number | null;
  readonly cost_low: bigint | number | null;
  readonly cost_high: bigint | number | null;
  readonly unpriced: bigint | number | null;
}

/** In the order of the tables. */
export const costColumns = [
  'cost',
  'cost_low',
  'cost_high',
  'unpriced',
] as const satisfies readonly (keyof CostRecord)[];

/** Sums of rows as SQL, in the same order. */
export const costSums = [
  'sum(cost)',
  'sum(cost_low)',
  'sum(cost_high)',
  `sum(coalesce(unpriced, ${tokensOfRow}))`,
];

export function costsFrom(row: CostRecord): CostSums {
  return {
    cost: exactOf(row.cost),
    costLow: exactOf(row.cost_low),
    costHigh: exactOf(row.cost_high),
    unpricedTokens: Number(row.unpriced ?? 0),
  };
}

function exactOf(value: bigint | number | null): bigint | null {
  return value === null ? null : BigInt(value);
}
