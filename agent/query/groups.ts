import { columnOf } from '../core/dimension.ts';
import type { Dimension } from '../core/dimension.ts';
import type { IdentityRow } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { matches, valueReader } from './dimensions.ts';
import type { Filters, TeamRule } from './dimensions.ts';
import { knownGroups } from './known-groups.ts';
import type { Group, Grouping } from './known-groups.ts';
import { planQuery } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Step } from './step.ts';

export type { Group } from './known-groups.ts';

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

export interface Selected extends Grouping {
  readonly plan: Plan;
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
  const grouping = knownGroups(identities, selection, plan.window, () =>
    groupsOf(identities, selection, plan.window),
  );
  const { groups } = grouping;
  return {
    // Nothing has no buckets, however long the range is.
    plan: groups.length === 0 ? { ...plan, buckets: 0 } : plan,
    groups,
    get groupOf() {
      return grouping.groupOf;
    },
  };
}

function groupsOf(
  identities: readonly IdentityRow[],
  { groupBy, filters, scope, teams }: Selection,
  window: Window,
): readonly Group[] {
  const valueOf = valueReader(teams);
  const dimensions = [...new Set(groupBy)];
  const found = new Map<string, { values: readonly string[]; members: IdentityRow[] }>();
  if (dimensions.length === 0) found.set('[]', { values: [], members: [] });
  for (const identity of identities) {
    if (identity.from >= window.end || identity.to <= window.start) continue;
    if (!matches(identity, filters, valueOf)) continue;
    if (scope !== undefined && !matches(identity, scope, valueOf)) continue;
    const values = dimensions.map((dimension) => valueOf(identity, dimension));
    const key = JSON.stringify(values);
    const group = found.get(key);
    if (group === undefined) found.set(key, { values, members: [identity] });
    else group.members.push(identity);
  }
  const sorted = [...found.values()].toSorted((a, b) => compare(a.values, b.values));
  return sorted.map(({ values, members }) => ({
    columns: Object.fromEntries(
      dimensions.map((dimension, index) => [columnOf(dimension), values[index] ?? '']),
    ),
    identities: members,
  }));
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
