import type { SumTable } from '../core/store.ts';
import { byAmount } from './by-amount.ts';
import type { ByAmount } from './by-amount.ts';
import type { CalibratedOver } from './calibrated.ts';
import type { CapacityCosts } from './capacity-costs.ts';
import { costTally } from './costs.ts';
import type { CostMaking, CostTally } from './costs.ts';
import type { Selected } from './groups.ts';
import { bucketAt, bucketWindow } from './plan.ts';
import type { Plan } from './plan.ts';
import { isTable } from './sum-sets.ts';
import type { SumPage, SumSet } from './sum-sets.ts';
import type { Wanted } from './usage-columns.ts';

/** What stored rows add up to, by group and bucket. */
export interface UsageSums {
  /** NaN where none says anything; empty where nobody wants them. */
  readonly amounts: ByAmount<Float64Array>;
  readonly costs: CostTally;
}

type Making = (set: SumSet, bucket: number) => CostMaking;

export function addUp(
  selected: Selected,
  wanted: Wanted,
  sets: readonly SumSet[],
  pages: readonly SumPage[],
  capacity: CapacityCosts,
  calibrated: CalibratedOver | undefined,
): UsageSums {
  const { plan, groups } = selected;
  const size = groups.length * plan.buckets;
  const none = new Float64Array();
  const amounts = byAmount((name) =>
    wanted.amounts.includes(name) ? new Float64Array(size).fill(Number.NaN) : none,
  );
  const costs = costTally(wanted.costs ? size : 0);
  const making: Making = (set, bucket) => {
    if (set.isCapacity) return 'provisioned';
    return calibrated?.(set.example, bucketWindow(plan, bucket)) ?? 'none';
  };
  for (const page of pages) {
    if (isTable(page)) {
      addTable({ amounts, costs }, page, plan, sets, wanted, making);
      continue;
    }
    for (const row of page) {
      const set = sets[row.set];
      if (set === undefined) continue;
      const bucket = bucketAt(plan, row.bucket);
      const index = set.group * plan.buckets + bucket;
      for (const name of wanted.amounts) add(amounts[name], index, row[name] ?? Number.NaN);
      if (wanted.costs) costs.add(index, row, making(set, bucket));
    }
  }
  for (const row of wanted.costs ? capacity.rows : []) {
    const group = selected.groupOf.get(row.identityId);
    if (group === undefined) continue;
    costs.add(group * plan.buckets + bucketAt(plan, row.bucket), row, 'provisioned');
  }
  return { amounts, costs };
}

function addTable(
  { amounts, costs }: UsageSums,
  table: SumTable,
  plan: Plan,
  sets: readonly SumSet[],
  wanted: Wanted,
  making: Making,
): void {
  const first = bucketAt(plan, table.first);
  for (const [place, set] of sets.entries()) {
    const from = place * table.buckets;
    const to = set.group * plan.buckets + first;
    for (const name of wanted.amounts) {
      addRow(amounts[name], to, table.amounts[name], from, table.buckets);
    }
    if (!wanted.costs) continue;
    for (let bucket = 0; bucket < table.buckets; bucket += 1) {
      // Every row says how much of it has no price: where none does, there is none.
      if (Number.isNaN(table.costs.unpricedTokens[from + bucket] ?? Number.NaN)) continue;
      costs.addNumbers(to + bucket, table.costs, from + bucket, making(set, first + bucket));
    }
  }
}

function addRow(
  sums: Float64Array,
  to: number,
  column: Float64Array,
  from: number,
  buckets: number,
): void {
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    add(sums, to + bucket, column[from + bucket] ?? Number.NaN);
  }
}

/** NaN is nothing. */
function add(sums: Float64Array, index: number, value: number): void {
  if (Number.isNaN(value)) return;
  const sum = sums[index] ?? Number.NaN;
  sums[index] = Number.isNaN(sum) ? value : sum + value;
}
