import type { AmountQuery } from '../core/store.ts';
import { intersect } from '../core/window.ts';
import type { Selected } from './groups.ts';

/** Reads every segment of a plan, for the identities that were there at the time: a page of rows each. */
export async function readSegments<Row>(
  { plan, groups }: Selected,
  read: (query: AmountQuery) => Promise<readonly Row[]>,
): Promise<readonly (readonly Row[])[]> {
  const identities = groups.flatMap((group) => group.identities);
  return Promise.all(
    plan.segments.map(async ({ grain, window }) => {
      const identityIds = identities
        .filter(({ from, to }) => intersect(window, { start: from, end: to }) !== undefined)
        .map(({ id }) => id);
      const bucketMs = plan.step === 'total' ? 0 : plan.step;
      return identityIds.length === 0 ? [] : read({ grain, identityIds, window, bucketMs });
    }),
  );
}
