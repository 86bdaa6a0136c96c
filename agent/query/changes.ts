import type { ExplainCost } from '../core/evidence.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import type { IdentityRow, UsageReader } from '../core/store.ts';
import { dayMs, floorTo } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { bearersOf } from './capacity-costs.ts';
import type { GroupChange } from './change-groups.ts';
import { rememberedChanges } from './change-memory.ts';
import { largestPart } from './change-parts.ts';
import type { ChangePart } from './change-parts.ts';
import { createSpanReader, partlyKnown } from './change-reader.ts';
import { learnSpan } from './change-spans.ts';
import type { SpanKnowledge, SpanSums } from './change-spans.ts';
import { rememberedCards } from './charge-rows.ts';
import { usdOf } from './costs.ts';
import { select } from './groups.ts';
import type { Selected, Selection } from './groups.ts';
import { planQuery } from './plan.ts';
import { checkRows, mostRows } from './too-many-rows.ts';

/** What changes are read from. */
export interface ChangeReaders {
  readonly usage: UsageReader;
  readonly cards: Pick<PriceBookReader, 'cardsOf' | 'cardsMark'>;
  readonly explainCost: ExplainCost;
}

export interface ChangesQuery extends Pick<
  Selection,
  'groupBy' | 'filters' | 'scope' | 'teams' | 'maxRows'
> {
  readonly span: Window;
  /** As long as the span, and before it. */
  readonly before: Window;
}

/** The figures of a row. The seven parts add up to `change_usd`. */
export interface ChangeFigures {
  /** Null: not looked at, or nothing of it has a price. */
  readonly cost_usd: number | null;
  readonly cost_before_usd: number | null;
  /** Null, as all the parts then are, where one of the costs is. */
  readonly change_usd: number | null;
  readonly price_usd: number | null;
  readonly volume_usd: number | null;
  readonly mix_usd: number | null;
  readonly new_usd: number | null;
  readonly gone_usd: number | null;
  readonly capacity_usd: number | null;
  readonly unknown_usd: number | null;
  /** The part that moves the cost most. */
  readonly why: ChangePart | 'none';
  readonly tokens: number | null;
  readonly tokens_before: number | null;
  readonly unpriced_tokens: number | null;
  readonly unpriced_tokens_before: number | null;
  /** Share of the time that was looked at, 0 to 1. */
  readonly covered: number;
  readonly covered_before: number;
  /** Something of it was not looked at in one of the spans: the same hours of both are then in `unknown_usd`. */
  readonly incomplete: boolean;
  /** Share of the time that was read after the last change the cloud may make, 0 to 1; of the span, and of the one before. */
  readonly settled: number | null;
  readonly settled_before: number | null;
}

/** A text column of `groupBy` each before the figures. */
export type ChangeRow = ChangeFigures & Readonly<Record<string, string | number | boolean | null>>;

/** The last seven whole UTC days and the seven before them. */
export function lastTwoWeeks(now: Instant): Pick<ChangesQuery, 'span' | 'before'> {
  const end = floorTo(now, dayMs);
  const start = end - 7 * dayMs;
  return { span: { start, end }, before: { start: start - 7 * dayMs, end: start } };
}

/**
 * What a span cost more or less than one before it and why, by group, the largest change first. The costs are those that usage
 * has, and the parts add up to their difference to the nano-dollar. Throws a TooManyRowsError before anything but the
 * identities is read.
 */
export async function queryChanges(
  { usage, cards, explainCost }: ChangeReaders,
  query: ChangesQuery,
): Promise<readonly ChangeRow[]> {
  const [identities, capacities] = await Promise.all([usage.identities(), usage.capacities()]);
  const bearers = bearersOf(identities, capacities);
  const selected = selectBoth(bearers.all, query);
  const { plan, groups } = selected;
  checkRows(plan, groups.length, query.maxRows ?? mostRows);
  const spans = { before: query.before, after: query.span };
  const knowledgeOf = async ({ start, end }: Window) =>
    learnSpan(usage, bearers.metered({ ...selected, plan: planQuery(start, end, 'total') }));
  const known = {
    before: await knowledgeOf(spans.before),
    after: await knowledgeOf(spans.after),
  };
  const partly = partlyKnown(selected, known, spans);
  const read = createSpanReader({ usage, cardsOf: rememberedCards(cards), selected });
  const rows = {
    before: await read(spans.before, partly),
    after: await read(spans.after, partly),
  };
  const changeOf = rememberedChanges(usage, explainCost);
  return groups
    .map((group, place) => {
      const [before, after] = [rows.before[place], rows.after[place]];
      if (before === undefined || after === undefined) throw new Error('a group was not read');
      const change = changeOf(group, { before, after });
      return {
        ...group.columns,
        ...figuresOf(
          sideOf(known.before, change.sums.before, place),
          sideOf(known.after, change.sums.after, place),
          change,
        ),
      };
    })
    .toSorted((a, b) => sizeOf(b) - sizeOf(a));
}

/** The groups that either span knows. */
function selectBoth(identities: readonly IdentityRow[], query: ChangesQuery): Selected {
  const { span, before, ...selection } = query;
  const isLiving = ({ from, to }: IdentityRow) =>
    [span, before].some(({ start, end }) => from < end && to > start);
  // The same list, where it is the same, is known again.
  const living = before.end === span.start ? identities : identities.filter(isLiving);
  const whole = { from: Math.min(before.start, span.start), to: Math.max(before.end, span.end) };
  return select(living, { ...selection, ...whole, stepMs: 'total' });
}

interface Figures {
  readonly cost: bigint | null;
  readonly tokens: number | null;
  readonly unpriced: number | null;
  readonly covered: number;
  readonly settled: number | null;
}

/** As usage tells them: looked at and silent is 0, not looked at is null. */
function sideOf(knowledge: SpanKnowledge, sums: SpanSums, group: number): Figures {
  const { cost, tokens: stored, unpricedTokens } = sums;
  const tokens = stored ?? (knowledge.tells(group) ? 0 : null);
  const isKnown = knowledge.looked(group) || tokens !== null;
  return {
    cost: cost ?? (tokens === 0 ? 0n : null),
    tokens,
    unpriced: tokens === null ? null : unpricedTokens,
    covered: knowledge.covered(group),
    settled: isKnown ? knowledge.settled(group) : null,
  };
}

function figuresOf(
  before: Figures,
  after: Figures,
  { change, parts: found }: GroupChange,
): ChangeFigures {
  const isKnown = before.cost !== null && after.cost !== null;
  const parts = isKnown ? found : undefined;
  const part = (name: ChangePart) => usdOf(parts?.[name] ?? null);
  return {
    cost_usd: usdOf(after.cost),
    cost_before_usd: usdOf(before.cost),
    change_usd: isKnown ? usdOf(change) : null,
    price_usd: part('price'),
    volume_usd: part('volume'),
    mix_usd: part('mix'),
    new_usd: part('new'),
    gone_usd: part('gone'),
    capacity_usd: part('capacity'),
    unknown_usd: part('unknown'),
    why: parts === undefined ? 'unknown' : (largestPart(parts) ?? 'none'),
    tokens: after.tokens,
    tokens_before: before.tokens,
    unpriced_tokens: after.unpriced,
    unpriced_tokens_before: before.unpriced,
    covered: after.covered,
    covered_before: before.covered,
    incomplete: after.covered < 1 || before.covered < 1,
    settled: after.settled,
    settled_before: before.settled,
  };
}

/** What is not known comes last. */
function sizeOf({ change_usd: change }: ChangeFigures): number {
  return change === null ? -1 : Math.abs(change);
}
