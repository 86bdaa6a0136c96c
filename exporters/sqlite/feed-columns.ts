import type { FeedSums } from '../../agent/core/exporter.ts';
import { addKnown } from '../../agent/core/money.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { amountColumns, costColumns, costsFrom } from './amount-columns.ts';

/** Amounts and money as SQLite hands them over with safe integers: by column. */
export type SumRecord = Readonly<Record<string, bigint | null>>;

/** Every column that sums have, in the order of the tables. */
export const sumColumns = [...amountColumns, ...costColumns] as const;

export function sumsFrom(row: SumRecord): FeedSums {
  const amounts = Object.fromEntries(
    amountNames.map((name, i) => {
      const value = row[amountColumns[i] as string] ?? null;
      return [name, value === null ? null : Number(value)];
    }),
  ) as Record<keyof Amounts, number | null>;
  const { cost = null, cost_low = null, cost_high = null, unpriced = null } = row;
  return { amounts, ...costsFrom({ cost, cost_low, cost_high, unpriced }) };
}

export const noSums: FeedSums = {
  amounts: {
    input: null,
    cacheRead: null,
    cacheWrite: null,
    output: null,
    unsplitInput: null,
    requests: null,
    errors: null,
    throttles: null,
  },
  cost: null,
  costLow: null,
  costHigh: null,
  unpricedTokens: 0,
};

/** Null is nothing known: it adds nothing, and two of them stay null. */
export function addSums(a: FeedSums, b: FeedSums, sign: 1 | -1 = 1): FeedSums {
  const amounts = { ...a.amounts } as Record<keyof Amounts, number | null>;
  for (const name of amountNames) {
    const [x, y] = [a.amounts[name], b.amounts[name]];
    amounts[name] = y === null ? x : (x ?? 0) + sign * y;
  }
  const money = (x: bigint | null, y: bigint | null) =>
    addKnown(x, y === null ? null : BigInt(sign) * y);
  return {
    amounts,
    cost: money(a.cost, b.cost),
    costLow: money(a.costLow, b.costLow),
    costHigh: money(a.costHigh, b.costHigh),
    unpricedTokens: a.unpricedTokens + sign * b.unpricedTokens,
  };
}

/** In the order of the columns. */
export function sumValues({ amounts, ...costs }: FeedSums): readonly (number | bigint | null)[] {
  const { cost, costLow, costHigh, unpricedTokens } = costs;
  return [...amountNames.map((name) => amounts[name]), cost, costLow, costHigh, unpricedTokens];
}

/** A sum of columns in an upsert, in which null is no amount. */
export function addedColumn(column: string): string {
  return `${column} = CASE WHEN ${column} IS NULL THEN excluded.${column}
    WHEN excluded.${column} IS NULL THEN ${column} ELSE ${column} + excluded.${column} END`;
}
