import type { Labels } from '../../core/cloud.ts';

/** What goes by one set of labels. */
export interface Labelled<T> {
  readonly labels: Labels;
  readonly members: readonly T[];
}

export interface LabelledSets<T> {
  readonly sets: readonly Labelled<T>[];
  /** How many sets are told as one, under the labels `overflow`. */
  readonly folded: number;
}

/**
 * Members by their labels, in the order of their first ones; all sets after the first `most` become one whose labels all say
 * `overflow`. Members that are always given in the same order, new ones last, never change between a set of their own and
 * the overflow, so that counters do not fall.
 */
export function labelSets<T>(
  members: readonly T[],
  labelsOf: (member: T) => Labels,
  most: number,
): LabelledSets<T> {
  const sets = new Map<string, { readonly labels: Labels; readonly members: T[] }>();
  for (const member of members) {
    const labels = labelsOf(member);
    const key = JSON.stringify(Object.values(labels));
    const known = sets.get(key);
    if (known === undefined) sets.set(key, { labels, members: [member] });
    else known.members.push(member);
  }
  const all = [...sets.values()];
  const kept = all.slice(0, most);
  const rest = all.slice(most);
  const [first] = rest;
  if (first === undefined) return { sets: kept, folded: 0 };
  const overflow = {
    labels: Object.fromEntries(Object.keys(first.labels).map((name) => [name, 'overflow'])),
    members: rest.flatMap((one) => one.members),
  };
  return { sets: [...kept, overflow], folded: rest.length };
}
