import type { SumTable, UsageReader } from '../core/store.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { amountNames } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import { byAmount } from './by-amount.ts';
import type { ByAmount } from './by-amount.ts';
import { calibratedOver } from './calibrated.ts';
import type { CalibratedOver } from './calibrated.ts';
import { costTally, usdOf } from './costs.ts';
import type { CostMaking, CostMethod, CostTally, GroupCost } from './costs.ts';
import type { ExplainedAmounts } from './explanation.ts';
import { learn, readCoverage } from './coverage.ts';
import type { Knowledge } from './coverage.ts';
import { select } from './groups.ts';
import type { Selected, Selection } from './groups.ts';
import { bucketAt, bucketStart, bucketWindow } from './plan.ts';
import type { Plan } from './plan.ts';
import { bearersOf, readCapacityCosts } from './capacity-costs.ts';
import type { CapacityCosts } from './capacity-costs.ts';
import { isTable, readSums, setsOf } from './sum-sets.ts';
import type { SumPage, SumSet } from './sum-sets.ts';
import { checkRows, mostRows } from './too-many-rows.ts';

export type UsageQuery = Selection;

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

/** A column of `groupBy` each between the time and the figures. */
export type UsageRow = { readonly time: string } & UsageFigures &
  Readonly<Record<string, string | number | null>>;

export interface UsageResult {
  /** By time, then by group values. */
  readonly rows: readonly UsageRow[];
  /** The end of the newest span of the range that was looked at; null where none was. */
  readonly newest: Instant | null;
  /** Of the costs of all rows, capacity that nobody used; null where none is known. */
  readonly idleUsd: number | null;
}

/**
 * Tokens and requests by bucket and group: every combination of group values that the range knows × every bucket.
 * Buckets are epoch-aligned and clipped to the range, so they add up to its total. Provisioned capacity is among the costs, at
 * list price: whoever used it bears a share by tokens, and the deployment itself what stood idle.
 * Throws a TooManyRowsError before anything but the identities is read.
 */
export async function queryUsage(reader: UsageReader, query: UsageQuery): Promise<UsageResult> {
  const [identities, capacities, readUntil] = await Promise.all([
    reader.identities(),
    reader.capacities(),
    reader.readUntil(),
  ]);
  const bearers = bearersOf(identities, capacities);
  const selected = select(bearers.all, query, readUntil);
  checkRows(selected.plan, selected.groups.length, query.maxRows ?? mostRows);
  const metered = bearers.metered(selected);
  // Coverage first: what is read while sums are is in the sums at most, where it does no harm.
  const [layers, capacity, calibrations] = await Promise.all([
    readCoverage(reader, selected.plan),
    readCapacityCosts(reader, selected, capacities),
    reader.calibrations(),
  ]);
  const calibrated = calibratedOver(identities, calibrations);
  const sets = setsOf(metered, calibrated);
  const pages = await readSums(reader, selected.plan, sets);
  const knowledge = learn(metered, layers);
  const rows = rowsOf(selected, addUp(selected, sets, pages, capacity, calibrated), knowledge);
  return { rows, newest: knowledge.newest, idleUsd: usdOf(capacity.idle) };
}

/** What stored rows add up to, by group and bucket; amounts are NaN where none says anything. */
interface Sums {
  readonly amounts: ByAmount<Float64Array>;
  readonly costs: CostTally;
}

function addUp(
  selected: Selected,
  sets: readonly SumSet[],
  pages: readonly SumPage[],
  capacity: CapacityCosts,
  calibrated: CalibratedOver | undefined,
): Sums {
  const { plan, groups } = selected;
  const size = groups.length * plan.buckets;
  const sums = byAmount(() => new Float64Array(size).fill(Number.NaN));
  const costs = costTally(size);
  const making = (set: SumSet, bucket: number): CostMaking => {
    if (set.isCapacity) return 'provisioned';
    return calibrated?.(set.example, bucketWindow(plan, bucket)) ?? 'none';
  };
  for (const page of pages) {
    if (isTable(page)) {
      addTable({ amounts: sums, costs }, page, plan, sets, making);
      continue;
    }
    for (const row of page) {
      const set = sets[row.set];
      if (set === undefined) continue;
      const bucket = bucketAt(plan, row.bucket);
      const index = set.group * plan.buckets + bucket;
      for (const name of amountNames) add(sums[name], index, row[name]);
      costs.add(index, row, making(set, bucket));
    }
  }
  for (const row of capacity.rows) {
    const group = selected.groupOf.get(row.identityId);
    if (group === undefined) continue;
    costs.add(group * plan.buckets + bucketAt(plan, row.bucket), row, 'provisioned');
  }
  return { amounts: sums, costs };
}

function addTable(
  { amounts, costs }: Sums,
  table: SumTable,
  plan: Plan,
  sets: readonly SumSet[],
  making: (set: SumSet, bucket: number) => CostMaking,
): void {
  const first = bucketAt(plan, table.first);
  for (const [place, set] of sets.entries()) {
    const from = place * table.buckets;
    const to = set.group * plan.buckets + first;
    for (const name of amountNames) {
      const column = table.amounts[name];
      const sums = amounts[name];
      for (let bucket = 0; bucket < table.buckets; bucket += 1) {
        const value = column[from + bucket] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        const sum = sums[to + bucket] ?? Number.NaN;
        sums[to + bucket] = Number.isNaN(sum) ? value : sum + value;
      }
    }
    for (let bucket = 0; bucket < table.buckets; bucket += 1) {
      // Every row says how much of it has no price: where none does, there is none.
      if (Number.isNaN(table.costs.unpricedTokens[from + bucket] ?? Number.NaN)) continue;
      costs.addNumbers(to + bucket, table.costs, from + bucket, making(set, first + bucket));
    }
  }
}

function add(sums: Float64Array, index: number, value: number | null): void {
  if (value === null) return;
  const sum = sums[index] ?? Number.NaN;
  sums[index] = Number.isNaN(sum) ? value : sum + value;
}

function rowsOf({ plan, groups }: Selected, sums: Sums, knowledge: Knowledge): UsageRow[] {
  const rows: UsageRow[] = [];
  const columnsOf = groups.map(({ columns }) => Object.entries(columns));
  for (let bucket = 0; bucket < plan.buckets; bucket += 1) {
    const time = isoUtc(bucketStart(plan, bucket));
    for (const [group, columns] of columnsOf.entries()) {
      const index = group * plan.buckets + bucket;
      const amounts = amountsAt(sums.amounts, index, knowledge, group, bucket);
      const known = knowledge.looked(group, bucket) || isAnyKnown(amounts);
      const settled = known ? knowledge.settled(group, bucket) : null;
      rows.push(rowOf(time, columns, amounts, sums.costs.at(index), settled));
    }
  }
  return rows;
}

function amountsAt(
  sums: Sums['amounts'],
  index: number,
  knowledge: Knowledge,
  group: number,
  bucket: number,
): Amounts {
  const amount = (name: keyof Amounts) => {
    const sum = sums[name][index] ?? Number.NaN;
    if (!Number.isNaN(sum)) return sum;
    return knowledge.tells(group, bucket, name) ? 0 : null;
  };
  return byAmount(amount);
}

function isAnyKnown(amounts: Amounts): boolean {
  for (const name of amountNames) if (amounts[name] !== null) return true;
  return false;
}

/** Names and values. */
type Columns = readonly (readonly [string, string])[];
type Told = [amounts: Amounts, cost: GroupCost, settled: number | null];
type Unfinished = { time: string } & {
  -readonly [Name in keyof UsageFigures]?: UsageFigures[Name];
} & Record<string, string | number | null>;

/** Column by column: there are thousands of rows, and putting objects together makes each several times slower to make. */
function rowOf(time: string, columns: Columns, ...told: Told): UsageRow;
function rowOf(time: string, columns: Columns, ...[amounts, cost, settled]: Told): Unfinished {
  const tokens = tokensOf(amounts);
  // What was looked at and was silent costs nothing; what has no price costs nobody knows what.
  const silent = tokens === 0 && cost.method === null;
  const row: Unfinished = { time };
  for (const [name, value] of columns) row[name] = value;
  row.input_tokens = amounts.input;
  row.cache_read_tokens = amounts.cacheRead;
  row.cache_write_tokens = amounts.cacheWrite;
  row.output_tokens = amounts.output;
  row.unsplit_input_tokens = amounts.unsplitInput;
  row.requests = amounts.requests;
  row.errors = amounts.errors;
  row.throttles = amounts.throttles;
  row.cost_usd = silent ? 0 : cost.cost;
  row.cost_low_usd = silent ? 0 : cost.costLow;
  row.cost_high_usd = silent ? 0 : cost.costHigh;
  row.cost_method = cost.method;
  row.unpriced_tokens = tokens === null ? null : cost.unpricedTokens;
  row.settled = settled;
  return row;
}

/** All tokens; null where no token type is known. */
function tokensOf({ input, cacheRead, cacheWrite, output, unsplitInput }: Amounts): number | null {
  const [a, b, c] = [input, cacheRead, cacheWrite];
  if (a === null && b === null && c === null && output === null && unsplitInput === null)
    return null;
  return (a ?? 0) + (b ?? 0) + (c ?? 0) + (output ?? 0) + (unsplitInput ?? 0);
}
