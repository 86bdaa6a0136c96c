import type { IdentityRow } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Group } from './groups.ts';

/** Of a list of identities, which is never changed. */
interface Known {
  /** All of them are there from the one moment to the other. */
  readonly from: Instant;
  readonly to: Instant;
  /** Of each a list of its own, for the ledger to add up. */
  readonly sets: readonly (readonly number[])[];
  readonly provisioned: readonly IdentityRow[];
}

/** Forgotten with the lists. */
const known = new WeakMap<readonly IdentityRow[], Known>();

function knownOf(identities: readonly IdentityRow[]): Known {
  const found = known.get(identities);
  if (found !== undefined) return found;
  const made = {
    from: identities.reduce((last, { from }) => Math.max(last, from), Number.NEGATIVE_INFINITY),
    to: identities.reduce((least, { to }) => Math.min(least, to), Number.POSITIVE_INFINITY),
    sets: identities.map(({ id }) => [id]),
    provisioned: identities.filter(({ tier }) => tier === 'provisioned'),
  };
  known.set(identities, made);
  return made;
}

/** Those that are there at any time of a window: the same list where all of them are. */
export function livingIn(
  identities: readonly IdentityRow[],
  { start, end }: Window,
): readonly IdentityRow[] {
  const all = knownOf(identities);
  if (all.from < end && all.to > start) return identities;
  return identities.filter(({ from, to }) => from < end && to > start);
}

/** Sets of one for sums: the same lists for the same list. */
export function setsOfOne(identities: readonly IdentityRow[]): Known['sets'] {
  return knownOf(identities).sets;
}

/** Those that may bear capacity. */
export function provisionedOf(identities: readonly IdentityRow[]): Known['provisioned'] {
  return knownOf(identities).provisioned;
}

/** Forgotten with the groups. */
const members = new WeakMap<readonly Group[], readonly IdentityRow[]>();

/** Of all groups: the same list for the same groups. */
export function allOf(groups: readonly Group[]): readonly IdentityRow[] {
  const found = members.get(groups) ?? groups.flatMap(({ identities }) => identities);
  members.set(groups, found);
  return found;
}
