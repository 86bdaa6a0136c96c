import type { SumRow, UsageReader } from '../core/store.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { amountNames } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import { byAmount } from './by-amount.ts';
import type { ByAmount } from './by-amount.ts';
import { calibratedOver } from './calibrated.ts';
import type { CalibratedOver } from './calibrated.ts';
import { costTally, usdOf } from './costs.ts';
import type { CostMethod, CostTally, GroupCost } from './costs.ts';
import type { ExplainedAmounts } from './explanation.ts';
import { learn, readCoverage } from './coverage.ts';
import type { Knowledge } from './coverage.ts';
import { select } from './groups.ts';
import type { Selected, Selection } from './groups.ts';
import { bucketAt, bucketStart, bucketWindow } from './plan.ts';
import { bearersOf, readCapacityCosts } from './capacity-costs.ts';
import type { CapacityCosts } from './capacity-costs.ts';
import { readSums, setsOf } from './sum-sets.ts';
import type { SumSet } from './sum-sets.ts';
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
  { plan, groups, groupOf }: Selected,
  sets: readonly SumSet[],
  pages: readonly (readonly SumRow[])[],
  capacity: CapacityCosts,
  calibrated: CalibratedOver | undefined,
): Sums {
  const size = groups.length * plan.buckets;
  const sums = byAmount(() => new Float64Array(size).fill(Number.NaN));
  const costs = costTally(size);
  for (const page of pages) {
    for (const row of page) {
      const set = sets[row.set];
      if (set === undefined) continue;
      const bucket = bucketAt(plan, row.bucket);
      const index = set.group * plan.buckets + bucket;
      add(sums.input, index, row.input);
      add(sums.cacheRead, index, row.cacheRead);
      add(sums.cacheWrite, index, row.cacheWrite);
      add(sums.output, index, row.output);
      add(sums.unsplitInput, index, row.unsplitInput);
      add(sums.requests, index, row.requests);
      add(sums.errors, index, row.errors);
      add(sums.throttles, index, row.throttles);
      const made = calibrated?.(set.example, bucketWindow(plan, bucket)) ?? 'none';
      costs.add(index, row, set.isCapacity ? 'provisioned' : made);
    }
  }
  for (const row of capacity.rows) {
    const group = groupOf.get(row.identityId);
    if (group === undefined) continue;
    costs.add(group * plan.buckets + bucketAt(plan, row.bucket), row, 'provisioned');
  }
  return { amounts: sums, costs };
}

function add(sums: Float64Array, index: number, value: number | null): void {
  if (value === null) return;
  const sum = sums[index] ?? Number.NaN;
  sums[index] = Number.isNaN(sum) ? value : sum + value;
}

function rowsOf({ plan, groups }: Selected, sums: Sums, knowledge: Knowledge): UsageRow[] {
  const rows: UsageRow[] = [];
  for (let bucket = 0; bucket < plan.buckets; bucket += 1) {
    const time = isoUtc(bucketStart(plan, bucket));
    for (const [group, { columns }] of groups.entries()) {
      const index = group * plan.buckets + bucket;
      const amounts = byAmount((name) => {
        const sum = sums.amounts[name][index] ?? Number.NaN;
        if (!Number.isNaN(sum)) return sum;
        return knowledge.tells(group, bucket, name) ? 0 : null;
      });
      const known = knowledge.looked(group, bucket) || amountNames.some((n) => amounts[n] !== null);
      const settled = known ? knowledge.settled(group, bucket) : null;
      rows.push(rowOf(time, columns, amounts, sums.costs.at(index), settled));
    }
  }
  return rows;
}

/** A plain literal, assigned: there are thousands of rows, and spreading makes each many times slower to make. */
function rowOf(
  time: string,
  columns: Readonly<Record<string, string>>,
  amounts: Amounts,
  cost: GroupCost,
  settled: number | null,
): UsageRow {
  const tokens = tokensOf(amounts);
  // What was looked at and was silent costs nothing; what has no price costs nobody knows what.
  const silent = tokens === 0 && cost.method === null;
  const figures: UsageFigures = {
    input_tokens: amounts.input,
    cache_read_tokens: amounts.cacheRead,
    cache_write_tokens: amounts.cacheWrite,
    output_tokens: amounts.output,
    unsplit_input_tokens: amounts.unsplitInput,
    requests: amounts.requests,
    errors: amounts.errors,
    throttles: amounts.throttles,
    cost_usd: silent ? 0 : usdOf(cost.cost),
    cost_low_usd: silent ? 0 : usdOf(cost.costLow),
    cost_high_usd: silent ? 0 : usdOf(cost.costHigh),
    cost_method: cost.method,
    unpriced_tokens: tokens === null ? null : cost.unpricedTokens,
    settled,
  };
  return Object.assign({ time }, columns, figures);
}

/** All tokens; null where no token type is known. */
function tokensOf(amounts: Amounts): number | null {
  const { input, cacheRead, cacheWrite, output, unsplitInput } = amounts;
  const isKnown = [input, cacheRead, cacheWrite, output, unsplitInput].some((n) => n !== null);
  if (!isKnown) return null;
  return (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0) + (output ?? 0) + (unsplitInput ?? 0);
}
