import { columnOf } from '../../core/dimension.ts';
import type { Dimension } from '../../core/dimension.ts';
import type { Labels } from '../../core/cloud.ts';
import type { NamedTraffic } from '../../core/ledger-rows.ts';
import type { ValueReader } from '../../query/dimensions.ts';

/** The most series a rule has conditions for; of more, those with the most in them. */
export const mostSeries = 500;

/** What has the same values of some dimensions. */
export interface Series<Member> {
  /** Sorted by name; empty values are left out. */
  readonly labels: Labels;
  readonly members: readonly Member[];
}

/** The labels of the series that some traffic is in: the same object for all of one series. */
export type LabelsOf = (traffic: NamedTraffic) => Labels;

/** Without dimensions everything is one series. */
export function labelsBy(by: readonly Dimension[], valueOf: ValueReader): LabelsOf {
  const dimensions = [...new Set(by)].toSorted((a, b) => (columnOf(a) < columnOf(b) ? -1 : 1));
  const root: Branch = { next: new Map(), labels: undefined };
  return (traffic) => {
    let branch = root;
    for (const dimension of dimensions) {
      const value = valueOf(traffic, dimension);
      let next = branch.next.get(value);
      if (next === undefined) {
        next = { next: new Map(), labels: undefined };
        branch.next.set(value, next);
      }
      branch = next;
    }
    return (branch.labels ??= Object.fromEntries(
      dimensions
        .map((dimension) => [columnOf(dimension), valueOf(traffic, dimension)] as const)
        .filter(([, value]) => value !== ''),
    ));
  };
}

/** Values of the dimensions, one after the other; the labels stand where they end. */
interface Branch {
  readonly next: Map<string, Branch>;
  labels: Labels | undefined;
}

const everything: Labels = {};

/** Members by the labels of their series. With no member there is one series only where there are no dimensions. */
export function seriesBy<Member>(
  members: readonly Member[],
  labelsOf: (member: Member) => Labels,
  by: readonly Dimension[],
): readonly Series<Member>[] {
  if (by.length === 0) return [{ labels: everything, members }];
  const found = new Map<Labels, Member[]>();
  for (const member of members) {
    const labels = labelsOf(member);
    const known = found.get(labels);
    if (known === undefined) found.set(labels, [member]);
    else known.push(member);
  }
  return Array.from(found, ([labels, own]) => ({ labels, members: own }));
}

/** The first `mostSeries` by `weight`, and a sentence where some are left out. */
export function busiest<One>(
  all: readonly One[],
  weight: (one: One) => number,
): { readonly kept: readonly One[]; readonly told: string | undefined } {
  if (all.length <= mostSeries) return { kept: all, told: undefined };
  return {
    kept: all.toSorted((a, b) => weight(b) - weight(a)).slice(0, mostSeries),
    told: `Of ${all.length} series the ${mostSeries} busiest are looked at; fewer dimensions in \`by\` show the rest.`,
  };
}
