import type { IdentityRow, UsageReader } from '../core/store.ts';
import { hourMs } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { seriesOf } from './change-lines.ts';
import type { Side } from './change-lines.ts';
import { commonHours, shifted } from './change-spans.ts';
import type { SpanKnowledge } from './change-spans.ts';
import { bearersOf } from './capacity-costs.ts';
import { capacityRows } from './charge-rows.ts';
import type { CardsOf } from './charge-rows.ts';
import type { Selected } from './groups.ts';
import { allOf, livingIn } from './living.ts';
import { planQuery } from './plan.ts';
import type { Plan } from './plan.ts';
import { summedRows } from './summed-rows.ts';
import type { SummedRow } from './summed-rows.ts';

interface ReaderParts {
  readonly usage: UsageReader;
  readonly cardsOf: CardsOf;
  readonly selected: Selected;
}

/** Identities of which one of the spans was looked at in part, by the hours that both know, counted from their starts. */
interface PartlyKnown {
  has(identityId: number): boolean;
  readonly pieces: readonly {
    readonly identities: readonly IdentityRow[];
    readonly common: readonly Window[];
  }[];
}

export function partlyKnown(
  { groups }: Selected,
  known: Readonly<Record<Side, SpanKnowledge>>,
  spans: Readonly<Record<Side, Window>>,
): PartlyKnown {
  const { before, after } = spans;
  // Edges of other spans are known by the minute, where minutes are known at all.
  const isByHours = before.start % hourMs === 0 && after.start % hourMs === 0;
  const pieces = new Map<string, { identities: IdentityRow[]; common: readonly Window[] }>();
  const ids = new Set<number>();
  for (const [group, { identities }] of groups.entries()) {
    if (!known.before.hasGaps(group) && !known.after.hasGaps(group)) continue;
    for (const identity of identities) {
      const series = seriesOf(identity);
      const gaps = [...known.before.gaps(group, series), ...known.after.gaps(group, series)];
      if (gaps.length === 0) continue;
      const common = isByHours ? commonHours(after.end - after.start, gaps) : [];
      ids.add(identity.id);
      const name = JSON.stringify(common);
      const alike = pieces.get(name);
      if (alike === undefined) pieces.set(name, { identities: [identity], common });
      else alike.identities.push(identity);
    }
  }
  return { has: (id) => ids.has(id), pieces: [...pieces.values()] };
}

/** What a group used and cost in one span. */
interface SideRows {
  /** Of series that both spans know whole. */
  readonly metered: readonly SummedRow[];
  /** Of series of which one of the spans was looked at in part, and of those the hours that both know. */
  readonly unknown: readonly SummedRow[];
  readonly common: readonly SummedRow[];
  readonly capacity: Awaited<ReturnType<typeof capacityRows>>;
}

export type GroupRows = Readonly<Record<Side, SideRows>>;

export const sides = ['before', 'after'] as const satisfies readonly Side[];

/** Reads the rows of every group over a span, and of each series what can be compared with the other span. */
export function createSpanReader({
  usage,
  cardsOf,
  selected,
}: ReaderParts): (window: Window, partly: PartlyKnown) => Promise<readonly SideRows[]> {
  const { groups, groupOf } = selected;
  const all = allOf(groups);
  const rowsOf = (identities: readonly IdentityRow[], plan: Plan) =>
    summedRows(usage, bearersOf(identities, []).all, plan, cardsOf);
  const byGroup = <Row extends { readonly of: { readonly id: number } }>(rows: readonly Row[]) => {
    const found: Row[][] = groups.map(() => []);
    for (const row of rows) found[groupOf.get(row.of.id) ?? 0]?.push(row);
    return found;
  };

  async function readCommon({ start }: Window, { pieces }: PartlyKnown) {
    const common: SummedRow[] = [];
    for (const { identities, common: windows } of pieces) {
      for (const window of windows.map(shifted(start))) {
        const piece = planQuery(window.start, window.end, 'total');
        const living = livingIn(identities, window);
        common.push(...(await rowsOf(living, piece)));
      }
    }
    return common;
  }

  return async (window, partly) => {
    const plan = planQuery(window.start, window.end, 'total');
    const living = livingIn(all, plan.window);
    const rows = await rowsOf(living, plan);
    const isPartly = partly.pieces.length > 0;
    const metered = isPartly
      ? byGroup(rows.filter(({ of }) => !partly.has(of.id)))
      : knownByGroup(rows, groups, byGroup);
    const unknown = byGroup(isPartly ? rows.filter(({ of }) => partly.has(of.id)) : []);
    const common = byGroup(await readCommon(window, partly));
    const capacity = byGroup(await capacityRows(usage, living, plan));
    return groups.map((_, group) => ({
      metered: metered[group] ?? [],
      unknown: unknown[group] ?? [],
      common: common[group] ?? [],
      capacity: capacity[group] ?? [],
    }));
  };
}

/** Forgotten with the rows. */
const knownRows = new WeakMap<readonly SummedRow[], ByGroup>();

interface ByGroup {
  readonly groups: Selected['groups'];
  readonly rows: readonly (readonly SummedRow[])[];
}

/** The same lists for the same rows of the same groups. */
function knownByGroup(
  rows: readonly SummedRow[],
  groups: Selected['groups'],
  byGroup: (rows: readonly SummedRow[]) => ByGroup['rows'],
): ByGroup['rows'] {
  const known = knownRows.get(rows);
  if (known?.groups === groups) return known.rows;
  const made = byGroup(rows);
  knownRows.set(rows, { groups, rows: made });
  return made;
}
