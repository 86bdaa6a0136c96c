import type { Dimension } from '../core/dimension.ts';
import type { IdentityRow } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Filters, TeamRule } from './dimensions.ts';

/** One combination of group values, with everything it adds up. */
export interface Group {
  /** The group's part of a row: column → value. */
  readonly columns: Readonly<Record<string, string>>;
  readonly identities: readonly IdentityRow[];
}

/** The same objects whenever the same is asked of the same list of identities, so that callers can recognise them. */
export interface Grouping {
  /** In the order of their values. */
  readonly groups: readonly Group[];
  /** Identity id → its group's place. */
  readonly groupOf: ReadonlyMap<number, number>;
}

/** What decides who is in which group, beside the time. */
interface Told {
  readonly groupBy: readonly Dimension[];
  readonly filters: Filters;
  readonly scope?: Filters;
  readonly teams: readonly TeamRule[];
}

/** What was made of one list of identities. A list is never changed: whoever is called otherwise is in another one. */
interface Known {
  readonly starts: readonly Instant[];
  readonly ends: readonly Instant[];
  readonly teams: readonly TeamRule[];
  /** In the order of their last use. */
  readonly groupings: Map<string, Grouping>;
  members: number;
}

/** Places in all groupings of one list together: some megabytes, with what is made of them elsewhere. */
const mostMembers = 100_000;

/** Forgotten with the list it was made of. */
const byList = new WeakMap<readonly IdentityRow[], Known>();

/**
 * The groups of a selection, remembered by the list of identities: boards ask of the same ones again and again, and a moment
 * later the same identities lie in the range.
 */
export function knownGroups(
  identities: readonly IdentityRow[],
  { groupBy, filters, scope, teams }: Told,
  window: Window,
  make: () => readonly Group[],
): Grouping {
  const known = knownOf(identities, teams);
  const key = JSON.stringify([
    // Which identities lie in a range depends on nothing else.
    known.starts.findLastIndex((start) => start < window.end),
    known.ends.findIndex((end) => end > window.start),
    [...new Set(groupBy)],
    [...filters],
    [...(scope ?? [])],
  ]);
  const found = known.groupings.get(key) ?? groupingOf(make());
  if (known.groupings.delete(key)) known.members -= sizeOf(found);
  known.groupings.set(key, found);
  known.members += sizeOf(found);
  for (const [oldest, grouping] of known.groupings) {
    if (known.members <= mostMembers) break;
    known.groupings.delete(oldest);
    known.members -= sizeOf(grouping);
  }
  return found;
}

function knownOf(identities: readonly IdentityRow[], teams: readonly TeamRule[]): Known {
  const known = byList.get(identities);
  if (known?.teams === teams) return known;
  const made: Known = {
    starts: distinct(identities.map(({ from }) => from)),
    ends: distinct(identities.map(({ to }) => to)),
    teams,
    groupings: new Map(),
    members: 0,
  };
  byList.set(identities, made);
  return made;
}

function groupingOf(groups: readonly Group[]): Grouping {
  let groupOf: ReadonlyMap<number, number> | undefined;
  return {
    groups,
    get groupOf() {
      groupOf ??= new Map(
        groups.flatMap(({ identities }, place) => identities.map(({ id }) => [id, place] as const)),
      );
      return groupOf;
    },
  };
}

function sizeOf({ groups }: Grouping): number {
  return groups.reduce((sum, { identities }) => sum + identities.length + 1, 1);
}

function distinct(instants: readonly Instant[]): readonly Instant[] {
  return [...new Set(instants)].toSorted((a, b) => a - b);
}
