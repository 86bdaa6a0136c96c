import type { AmountQuery, IdentityRow } from '../core/store.ts';
import type { Window } from '../core/time.ts';
import type { Selected } from './groups.ts';
import { allOf, livingIn } from './living.ts';

/** Reads every segment of a plan, for the identities that were there at the time: a page of rows each. */
export async function readSegments<Row>(
  selected: Selected,
  read: (query: AmountQuery) => Promise<readonly Row[]>,
): Promise<readonly (readonly Row[])[]> {
  return Promise.all(segmentQueries(selected).map(read));
}

/** Of each segment for which anybody was there. */
export function segmentQueries({ plan, groups }: Selected): readonly AmountQuery[] {
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  return plan.segments
    .map(({ grain, window }) => ({ grain, window, bucketMs, identityIds: idsIn(groups, window) }))
    .filter(({ identityIds }) => identityIds.length > 0);
}

function idsIn(groups: Selected['groups'], window: Window): readonly number[] {
  const all = allOf(groups);
  const living = livingIn(all, window);
  const known = idsOf.get(living) ?? living.map(({ id }) => id);
  idsOf.set(living, known);
  return known;
}

/** The same list for the same identities; forgotten with them. */
const idsOf = new WeakMap<readonly IdentityRow[], readonly number[]>();
