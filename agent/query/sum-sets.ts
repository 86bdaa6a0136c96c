import type { IdentityRow, SumRow, UsageReader } from '../core/store.ts';
import { intersect } from '../core/window.ts';
import { subjectName } from './calibrated.ts';
import type { CalibratedOver } from './calibrated.ts';
import type { Selected } from './groups.ts';
import type { Plan } from './plan.ts';

/** Identities of one group whose costs are made in the same way, so that their sums are all that is asked of them. */
export interface SumSet {
  readonly group: number;
  readonly members: readonly IdentityRow[];
  /** Of it at any time what holds for one holds for all. */
  readonly example: number;
  /** Tokens that capacity pays for. */
  readonly isCapacity: boolean;
}

export function setsOf(
  { groups }: Pick<Selected, 'groups'>,
  calibrated: CalibratedOver | undefined,
): readonly SumSet[] {
  return groups.flatMap(({ identities }, group) => {
    const found = new Map<string, IdentityRow[]>();
    for (const identity of identities) {
      const isCapacity = identity.tier === 'provisioned';
      const name = `${isCapacity} ${calibrated === undefined ? '' : subjectName(identity)}`;
      const known = found.get(name);
      if (known === undefined) found.set(name, [identity]);
      else known.push(identity);
    }
    return [...found.values()].flatMap((members) => {
      const [first] = members;
      if (first === undefined) return [];
      return [{ group, members, example: first.id, isCapacity: first.tier === 'provisioned' }];
    });
  });
}

/** Every segment of a plan, of the identities that were there at the time: a page of sums each. */
export async function readSums(
  reader: Pick<UsageReader, 'sums'>,
  plan: Plan,
  sets: readonly SumSet[],
): Promise<readonly (readonly SumRow[])[]> {
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  const pages: (readonly SumRow[])[] = [];
  for (const { grain, window } of plan.segments) {
    const ids = sets.map(({ members }) =>
      members
        .filter(({ from, to }) => intersect(window, { start: from, end: to }) !== undefined)
        .map(({ id }) => id),
    );
    if (ids.some((set) => set.length > 0)) {
      pages.push(await reader.sums({ grain, window, bucketMs, sets: ids }));
    }
  }
  return pages;
}
