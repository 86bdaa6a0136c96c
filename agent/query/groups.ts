import { columnOf } from '../core/dimension.ts';
import type { Dimension } from '../core/dimension.ts';
import type { IdentityRow } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { matches, valueReader } from './dimensions.ts';
import type { Filters, TeamRule } from './dimensions.ts';
import { planQuery } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Step } from './step.ts';

/** What every query says: which time, which rows, told apart by what. */
export interface Selection {
  readonly from: Instant;
  /** Exclusive. A minute belongs to the range when it starts in it. */
  readonly to: Instant;
  readonly stepMs: Step;
  readonly groupBy: readonly Dimension[];
  readonly filters: Filters;
  /** What the asker may see at all: it must hold beside the filters. */
  readonly scope?: Filters;
  readonly teams: readonly TeamRule[];
  readonly maxRows?: number;
}

/** One combination of group values, with everything it adds up. */
export interface Group {
  /** The group's part of a row: column → value. */
  readonly columns: Readonly<Record<string, string>>;
  readonly identities: readonly IdentityRow[];
}

export interface Selected {
  readonly plan: Plan;
  /** In the order of their values. */
  readonly groups: readonly Group[];
  /** Identity id → its group's place. */
  readonly groupOf: ReadonlyMap<number, number>;
}

/**
 * The combinations a query is about. Without dimensions to group by there is one, be there nothing in it.
 * @param readUntil as of `planQuery`
 */
export function select(
  identities: readonly IdentityRow[],
  selection: Selection,
  readUntil: Instant | null = null,
): Selected {
  const plan = planQuery(selection.from, selection.to, selection.stepMs, readUntil);
  const valueOf = valueReader(selection.teams);
  const dimensions = [...new Set(selection.groupBy)];
  const found = new Map<string, { values: readonly string[]; members: IdentityRow[] }>();
  if (dimensions.length === 0) found.set('[]', { values: [], members: [] });
  for (const identity of identities) {
    if (identity.from >= plan.window.end || identity.to <= plan.window.start) continue;
    if (!matches(identity, selection.filters, valueOf)) continue;
    if (selection.scope !== undefined && !matches(identity, selection.scope, valueOf)) continue;
    const values = dimensions.map((dimension) => valueOf(identity, dimension));
    const key = JSON.stringify(values);
    const group = found.get(key);
    if (group === undefined) found.set(key, { values, members: [identity] });
    else group.members.push(identity);
  }
  const sorted = [...found.values()].toSorted((a, b) => compare(a.values, b.values));
  const groupOf = new Map<number, number>();
  for (const [place, { members }] of sorted.entries()) {
    for (const identity of members) groupOf.set(identity.id, place);
  }
  const groups = sorted.map(({ values, members }) => ({
    columns: Object.fromEntries(
      dimensions.map((dimension, index) => [columnOf(dimension), values[index] ?? '']),
    ),
    identities: members,
  }));
  // Nothing has no buckets, however long the range is.
  return { plan: groups.length === 0 ? { ...plan, buckets: 0 } : plan, groups, groupOf };
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
