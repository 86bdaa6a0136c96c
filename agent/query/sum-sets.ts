import type { IdentityRow, SumQuery, SumRow, SumTable, UsageReader } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { intersect } from '../core/window.ts';
import { subjectName } from './calibrated.ts';
import type { CalibratedOver } from './calibrated.ts';
import type { Group, Selected } from './groups.ts';
import type { Plan } from './plan.ts';

/** Identities of one group whose costs are made in the same way, so that their sums are all that is asked of them. */
export interface SumSet {
  readonly group: number;
  readonly members: readonly IdentityRow[];
  /** Of all members: the same list for the same groups, by which the ledger knows it again. */
  readonly ids: readonly number[];
  /** All members are there from the one moment to the other. */
  readonly from: Instant;
  readonly to: Instant;
  /** Of it at any time what holds for one holds for all. */
  readonly example: number;
  /** Tokens that capacity pays for. */
  readonly isCapacity: boolean;
}

/** By whether subjects are told apart; forgotten with the groups they were made of. */
const knownSets = {
  whole: new WeakMap<readonly Group[], readonly SumSet[]>(),
  apart: new WeakMap<readonly Group[], readonly SumSet[]>(),
};

export function setsOf(
  { groups }: Pick<Selected, 'groups'>,
  calibrated: CalibratedOver | undefined,
): readonly SumSet[] {
  const known = calibrated === undefined ? knownSets.whole : knownSets.apart;
  const sets = known.get(groups) ?? makeSets(groups, calibrated !== undefined);
  known.set(groups, sets);
  return sets;
}

function makeSets(groups: readonly Group[], apart: boolean): readonly SumSet[] {
  return groups.flatMap(({ identities }, group) => {
    const found = new Map<string, IdentityRow[]>();
    for (const identity of identities) {
      const isCapacity = identity.tier === 'provisioned';
      const name = `${isCapacity} ${apart ? subjectName(identity) : ''}`;
      const known = found.get(name);
      if (known === undefined) found.set(name, [identity]);
      else known.push(identity);
    }
    return [...found.values()].flatMap((members): readonly SumSet[] => {
      const [first] = members;
      if (first === undefined) return [];
      return [
        {
          group,
          members,
          ids: members.map(({ id }) => id),
          from: members.reduce((last, { from }) => Math.max(last, from), first.from),
          to: members.reduce((least, { to }) => Math.min(least, to), first.to),
          example: first.id,
          isCapacity: first.tier === 'provisioned',
        },
      ];
    });
  });
}

/** Sums of one segment: as a table where the ledger has one. */
export type SumPage = readonly SumRow[] | SumTable;

export function isTable(page: SumPage): page is SumTable {
  return 'buckets' in page;
}

/**
 * Every segment of a plan, of the identities that were there at the time: a page of sums each.
 * @param figures as of `SumQuery`
 */
export async function readSums(
  reader: Pick<UsageReader, 'sums' | 'sumTable'>,
  plan: Plan,
  sets: readonly SumSet[],
  figures: Required<SumQuery>['figures'],
): Promise<readonly SumPage[]> {
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  const pages: SumPage[] = [];
  for (const { grain, window } of plan.segments) {
    const ids = sets.map((set) => idsIn(set, window));
    if (ids.some((set) => set.length > 0)) {
      const query = { grain, window, bucketMs, sets: ids, figures };
      pages.push((await reader.sumTable?.(query)) ?? (await reader.sums(query)));
    }
  }
  return pages;
}

function idsIn({ members, ids, from, to }: SumSet, window: Window): readonly number[] {
  if (from < window.end && to > window.start) return ids;
  return members
    .filter((one) => intersect(window, { start: one.from, end: one.to }) !== undefined)
    .map(({ id }) => id);
}
