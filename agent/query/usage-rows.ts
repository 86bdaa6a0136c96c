import { isoUtc } from '../core/time.ts';
import { amountNames, tokenAmounts } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import { byAmount } from './by-amount.ts';
import type { CostName } from './costs.ts';
import type { Knowledge } from './coverage.ts';
import type { Group, Selected } from './groups.ts';
import { bucketStart } from './plan.ts';
import type { UsageColumn, UsageFigures, Wanted } from './usage-columns.ts';
import type { UsageSums } from './usage-sums.ts';

/** A column of `groupBy` each between the time and the figures. */
export type UsageRow = { readonly time: string } & UsageFigures & Readonly<Values>;

/** A row with no other figures than those that are wanted. */
export type UsageCut = { time: string } & {
  -readonly [Name in UsageColumn]?: UsageFigures[Name];
} & Values;

type Value = string | number | null;
type Values = Record<string, Value>;

/** Of the sums at an index, which are those of the bucket of the group. */
type FigureOf = (index: number, group: number, bucket: number) => Value;

/**
 * Rows by bucket, then by group. There are thousands of them, and what each leaves behind for the garbage collector takes longer
 * than the rest: a row is one object that has room for its columns from the start, and is filled column by column.
 */
export function rowsOf(
  { plan, groups }: Selected,
  { columns }: Pick<Wanted, 'columns'>,
  sums: UsageSums,
  knowledge: Knowledge,
): UsageCut[] {
  const empty = groups.map((group) => emptyRow(group, columns));
  const times = Array.from({ length: plan.buckets }, (_, bucket) =>
    isoUtc(bucketStart(plan, bucket)),
  );
  const rows = Array.from({ length: groups.length * plan.buckets }, (_, place) => {
    const row = { ...(empty[place % groups.length] ?? noRow) };
    row.time = times[Math.floor(place / groups.length)] ?? '';
    return row;
  });
  const figures = figuresOf(sums, knowledge, groups.length, plan.buckets);
  for (const name of columns) fill(rows, name, figures[name], groups.length, plan.buckets);
  return rows;
}

const noRow: UsageCut = { time: '' };

/** What is read from JSON has its columns in the object itself, and so have its copies: they are half as large. */
function emptyRow(group: Group, names: readonly UsageColumn[]): UsageCut;
function emptyRow({ columns }: Group, names: readonly UsageColumn[]): unknown {
  const figures = Object.fromEntries(names.map((name) => [name, null]));
  return JSON.parse(JSON.stringify({ time: '', ...columns, ...figures }));
}

function fill(
  rows: readonly Values[],
  name: UsageColumn,
  figureOf: FigureOf,
  groups: number,
  buckets: number,
): void {
  let place = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    for (let group = 0; group < groups; group += 1) {
      const row = rows[place];
      if (row !== undefined) row[name] = figureOf(group * buckets + bucket, group, bucket);
      place += 1;
    }
  }
}

function figuresOf(
  { amounts, costs }: UsageSums,
  knowledge: Knowledge,
  groups: number,
  buckets: number,
): Readonly<Record<UsageColumn, FigureOf>> {
  const amount = (name: keyof Amounts) => (index: number, group: number, bucket: number) => {
    const sum = amounts[name][index] ?? Number.NaN;
    if (!Number.isNaN(sum)) return sum;
    return knowledge.tells(group, bucket, name) ? 0 : null;
  };
  const byName = byAmount(amount);

  /** All tokens; NaN where no token type is known. */
  let allTokens: Float64Array | undefined;
  function addTokens(): Float64Array {
    const sums = new Float64Array(groups * buckets).fill(Number.NaN);
    for (const name of tokenAmounts) {
      for (let group = 0; group < groups; group += 1) {
        for (let bucket = 0; bucket < buckets; bucket += 1) {
          const index = group * buckets + bucket;
          const value = byName[name](index, group, bucket);
          const before = sums[index] ?? Number.NaN;
          if (value !== null) sums[index] = (Number.isNaN(before) ? 0 : before) + value;
        }
      }
    }
    return sums;
  }
  const tokensAt = (index: number) => (allTokens ??= addTokens())[index] ?? Number.NaN;
  const usd =
    (name: CostName): FigureOf =>
    (index) => {
      if (costs.method(index) !== null) return costs.usd(name, index);
      // What was looked at and was silent costs nothing; what has no price costs nobody knows what.
      return tokensAt(index) === 0 ? 0 : null;
    };
  return {
    input_tokens: byName.input,
    cache_read_tokens: byName.cacheRead,
    cache_write_tokens: byName.cacheWrite,
    output_tokens: byName.output,
    unsplit_input_tokens: byName.unsplitInput,
    requests: byName.requests,
    errors: byName.errors,
    throttles: byName.throttles,
    cost_usd: usd('cost'),
    cost_low_usd: usd('costLow'),
    cost_high_usd: usd('costHigh'),
    cost_method: (index) => costs.method(index),
    unpriced_tokens: (index) => (Number.isNaN(tokensAt(index)) ? null : costs.unpriced(index)),
    settled(index, group, bucket) {
      const isKnown =
        knowledge.looked(group, bucket) ||
        amountNames.some((name) => byName[name](index, group, bucket) !== null);
      return isKnown ? knowledge.settled(group, bucket) : null;
    },
  };
}
