import type { ExplainCost } from '../core/evidence.ts';
import type { UsageReader } from '../core/store.ts';
import { groupChange } from './change-groups.ts';
import type { GroupChange } from './change-groups.ts';
import { sides } from './change-reader.ts';
import type { GroupRows } from './change-reader.ts';
import { createChargeRates } from './charge-rates.ts';
import type { Group } from './groups.ts';
import type { SummedAmounts, SummedRow } from './summed-rows.ts';

/** What was made of a group, and of which rows: whole days that are over mostly say the same from one question to the next. */
interface Known {
  readonly rows: GroupRows;
  readonly made: GroupChange;
}

interface Memory {
  readonly explainCost: ExplainCost;
  /** In the order of their last use. */
  readonly groups: Map<Group, Known>;
  rows: number;
}

/** Rows of all groups together that are kept to be recognised: some megabytes. */
const mostRows = 10_000;

/** Forgotten with the ledger they are of. */
const memories = new WeakMap<UsageReader['sums'], Memory>();

/** As `groupChange`; what rows came to that were the same the last time is not worked out again. */
export function rememberedChanges(
  { sums }: Pick<UsageReader, 'sums'>,
  explainCost: ExplainCost,
): (group: Group, rows: GroupRows) => GroupChange {
  const last = memories.get(sums);
  const memory: Memory =
    last?.explainCost === explainCost ? last : { explainCost, groups: new Map(), rows: 0 };
  memories.set(sums, memory);
  const ratesOf = createChargeRates(explainCost);

  function forget(group: Group, known: Known): void {
    memory.groups.delete(group);
    memory.rows -= sizeOf(known.rows);
  }

  return (group, rows) => {
    const known = memory.groups.get(group);
    if (known !== undefined) forget(group, known);
    const isKnown = known !== undefined && isSame(known.rows, rows);
    const kept = isKnown ? known : { rows, made: groupChange(rows, ratesOf) };
    memory.groups.set(group, kept);
    memory.rows += sizeOf(kept.rows);
    for (const [oldest, own] of memory.groups) {
      if (memory.rows <= mostRows) break;
      forget(oldest, own);
    }
    return kept.made;
  };
}

function sizeOf(rows: GroupRows): number {
  return sides.reduce((size, side) => {
    const { metered, unknown, common, capacity } = rows[side];
    return size + metered.length + unknown.length + common.length + capacity.length;
  }, 1);
}

/** Only of rows that are all tokens of spans that were looked at whole; others are few, and are worked out each time. */
function isSame(a: GroupRows, b: GroupRows): boolean {
  return sides.every((side) => {
    const [one, other] = [a[side], b[side]];
    const isPlain = [one, other].every(
      ({ unknown, common, capacity }) => unknown.length + common.length + capacity.length === 0,
    );
    return isPlain && isSameList(one.metered, other.metered);
  });
}

function isSameList(a: readonly SummedRow[], b: readonly SummedRow[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place += 1) {
    const [one, other] = [a[place], b[place]];
    if (one === undefined || other === undefined) return false;
    if (one.of !== other.of || one.card !== other.card || !isSameRow(one.row, other.row)) {
      return false;
    }
  }
  return true;
}

/** In everything that is asked of it. */
function isSameRow(a: SummedAmounts, b: SummedAmounts): boolean {
  return (
    a.input === b.input &&
    a.cacheRead === b.cacheRead &&
    a.cacheWrite === b.cacheWrite &&
    a.output === b.output &&
    a.unsplitInput === b.unsplitInput &&
    a.cost === b.cost &&
    a.costLow === b.costLow &&
    a.costHigh === b.costHigh &&
    a.unpricedTokens === b.unpricedTokens
  );
}
