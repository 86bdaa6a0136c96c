import type { IdentityRow, UsageReader } from '../core/store.ts';
import { hourMs } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { seriesOf } from './change-lines.ts';
import type { ChangeLines, Side } from './change-lines.ts';
import { commonHours, shifted, spanSums } from './change-spans.ts';
import type { SpanKnowledge, SpanSums } from './change-spans.ts';
import { amountsOfSums, capacityRows, meteredRows } from './charge-rows.ts';
import type { rememberedCards } from './charge-rows.ts';
import type { Selected } from './groups.ts';
import { planQuery } from './plan.ts';

interface ReaderParts {
  readonly usage: UsageReader;
  readonly cardsOf: ReturnType<typeof rememberedCards>;
  readonly selected: Selected;
  /** By group; what is read is put here too. */
  readonly lines: readonly ChangeLines[];
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

type ReadSpan = (side: Side, window: Window, partly: PartlyKnown) => Promise<readonly SpanSums[]>;

/** Reads what the groups used and cost over a span, and of each series what can be compared with the other span. */
export function createSpanReader({ usage, cardsOf, selected, lines }: ReaderParts): ReadSpan {
  const { groups, groupOf } = selected;
  const all = groups.flatMap(({ identities }) => identities);
  const amounts = amountsOfSums(usage);

  return async (side, window, partly) => {
    const sums = groups.map(() => spanSums());
    const plan = planQuery(window.start, window.end, 'total');
    const living = livingIn(all, plan.window);
    for (const { row, of, card } of await meteredRows(amounts, living, plan, cardsOf)) {
      const group = groupOf.get(of.id) ?? 0;
      sums[group]?.add(row, row);
      if (partly.has(of.id)) lines[group]?.addUnknown(side, row.cost ?? 0n);
      else lines[group]?.addTokens(side, of, row, card);
    }
    for (const { row, of } of await capacityRows(usage, living, plan)) {
      const group = groupOf.get(of.id) ?? 0;
      sums[group]?.add(row);
      lines[group]?.addCapacity(side, row.cost);
    }
    for (const { identities, common } of partly.pieces) {
      for (const { start, end } of common.map(shifted(window.start))) {
        const some = livingIn(identities, { start, end });
        const piece = planQuery(start, end, 'total');
        for (const { row, of, card } of await meteredRows(amounts, some, piece, cardsOf)) {
          const own = lines[groupOf.get(of.id) ?? 0];
          own?.addUnknown(side, -(row.cost ?? 0n));
          own?.addTokens(side, of, row, card);
        }
      }
    }
    return sums;
  };
}

function livingIn(identities: readonly IdentityRow[], { start, end }: Window) {
  return identities.filter(({ from, to }) => from < end && to > start);
}
