import { addKnown } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { CostSums, IdentityRow, TrafficCoverage, UsageReader } from '../core/store.ts';
import type { Window } from '../core/time.ts';
import { amountNames, tokenAmounts } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import { ceilTo, floorTo, hourMs } from '../core/time.ts';
import { coveredMs, intersect, subtract, union } from '../core/window.ts';
import { learn, readCoverage } from './coverage.ts';
import type { CoverageLayer } from './coverage.ts';
import { seriesOf } from './change-lines.ts';
import type { Group, Selected } from './groups.ts';
import { overlaps } from './tally.ts';

/** What coverage says of the groups over one span. */
export interface SpanKnowledge {
  /** Whether anything of the group was looked at. */
  looked(group: number): boolean;
  /** Whether silence of its tokens is zero. */
  tells(group: number): boolean;
  settled(group: number): number;
  /** Share of the time of its traffic that was looked at, 0 to 1; 1 where it had none. */
  covered(group: number): number;
  /** Whether any series of the group has gaps. */
  hasGaps(group: number): boolean;
  /** Where a series existed and was not looked at, from the start of the span on; none where it was wholly looked at. */
  gaps(group: number, series: string): readonly Window[];
}

/** @param selected one bucket, of identities that meters tell of */
export async function learnSpan(usage: UsageReader, selected: Selected): Promise<SpanKnowledge> {
  const { plan, groups } = selected;
  const layers = await readCoverage(usage, plan);
  const knowledge = learn(selected, layers);
  const alike = alikeIn(layers);
  const found = groups.map((group) => {
    let [expected, covered] = [0, 0];
    const gaps = new Map<string, readonly Window[]>();
    for (const { first, members } of alike(group)) {
      const span = intersect(plan.window, { start: first.from, end: first.to });
      if (span === undefined) continue;
      const missing = missingOf(first, span, layers);
      expected += (span.end - span.start) * members.length;
      covered += (span.end - span.start - lengthOf(missing)) * members.length;
      if (missing.length === 0) continue;
      for (const identity of members) {
        const series = seriesOf(identity);
        const own = gaps.get(series) ?? [];
        gaps.set(series, [...own, ...missing.map(shifted(-plan.window.start))]);
      }
    }
    return { share: expected === 0 ? 1 : covered / expected, gaps };
  });
  return {
    looked: (group) => knowledge.looked(group, 0),
    tells: (group) => tokenAmounts.some((name) => knowledge.tells(group, 0, name)),
    settled: (group) => knowledge.settled(group, 0),
    covered: (group) => found[group]?.share ?? 1,
    hasGaps: (group) => (found[group]?.gaps.size ?? 0) > 0,
    gaps: (group, series) => found[group]?.gaps.get(series) ?? [],
  };
}

/** Identities of a group that are there at the same time, report the same and were looked at alike. */
interface Alike {
  readonly first: IdentityRow;
  readonly members: readonly IdentityRow[];
}

type ByTraffic = CoverageLayer['byTraffic'];

/** Forgotten with the coverage and with the group they are of. */
const knownAlike = new WeakMap<ByTraffic, WeakMap<Group, readonly Alike[]>>();

function alikeIn(layers: readonly CoverageLayer[]): (group: Group) => readonly Alike[] {
  const [layer] = layers;
  if (layer === undefined || layers.length > 1) {
    return ({ identities }) => identities.map((first) => ({ first, members: [first] }));
  }
  const known = knownAlike.get(layer.byTraffic) ?? new WeakMap<Group, readonly Alike[]>();
  knownAlike.set(layer.byTraffic, known);
  return (group) => {
    const found = known.get(group) ?? makeAlike(group, layer.byTraffic);
    known.set(group, found);
    return found;
  };
}

function makeAlike({ identities }: Group, byTraffic: ByTraffic): readonly Alike[] {
  const byCoverage = new Map<
    TrafficCoverage | undefined,
    { first: IdentityRow; members: IdentityRow[] }[]
  >();
  for (const one of identities) {
    const coverage = byTraffic.get(one.trafficId);
    const kinds = byCoverage.get(coverage) ?? [];
    byCoverage.set(coverage, kinds);
    const kind = kinds.find(
      ({ first }) =>
        first.from === one.from && first.to === one.to && first.reports === one.reports,
    );
    if (kind === undefined) kinds.push({ first: one, members: [one] });
    else kind.members.push(one);
  }
  return [...byCoverage.values()].flat();
}

/** Where not every kind of token that an identity reports was looked at. */
function missingOf(
  { trafficId, reports }: IdentityRow,
  span: Window,
  layers: readonly CoverageLayer[],
): readonly Window[] {
  const told = tokenAmounts.filter((name) => reports.has(name));
  const missing: Window[] = [];
  for (const { window, byTraffic } of layers) {
    const within = intersect(window, span);
    if (within === undefined) continue;
    const coverage = byTraffic.get(trafficId)?.covered;
    const lists =
      coverage === undefined
        ? [[]]
        : new Set((told.length === 0 ? amountNames : told).map((name) => coverage[name]));
    for (const spans of lists) {
      if (coveredMs(within, spans) < within.end - within.start) {
        missing.push(...subtract(within, overlaps(spans, within)));
      }
    }
  }
  return missing.length === 0 ? missing : union(missing);
}

/** What is left to compare of two spans: the hours, counted from their starts, that both know. */
export function commonHours(lengthMs: number, gaps: readonly Window[]): readonly Window[] {
  const whole = gaps.map(({ start, end }) => ({
    start: floorTo(start, hourMs),
    end: ceilTo(end, hourMs),
  }));
  const common = subtract({ start: 0, end: floorTo(lengthMs, hourMs) }, union(whole));
  return common.length > mostPieces ? [] : common;
}

/** Each piece is read by itself; a series with more gaps than that is not compared. */
const mostPieces = 20;

/** The same piece of time, so much later. */
export function shifted(byMs: number): (window: Window) => Window {
  return ({ start, end }) => ({ start: start + byMs, end: end + byMs });
}

function lengthOf(windows: readonly Window[]): number {
  return windows.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** What a group used and cost in a span, by what is stored. */
export interface SpanSums {
  add(costs: CostSums, amounts?: Amounts): void;
  /** Null: nothing has a price. */
  readonly cost: NanoUsd | null;
  /** Null: nothing is stored. */
  readonly tokens: number | null;
  readonly unpricedTokens: number;
}

export function spanSums(): SpanSums {
  let cost: NanoUsd | null = null;
  let tokens: number | null = null;
  let unpricedTokens = 0;
  return {
    add(costs, amounts) {
      cost = addKnown(cost, costs.cost);
      unpricedTokens += costs.unpricedTokens;
      for (const name of amounts === undefined ? [] : tokenAmounts) {
        const more = amounts?.[name] ?? null;
        if (more !== null) tokens = (tokens ?? 0) + more;
      }
    },
    get cost() {
      return cost;
    },
    get tokens() {
      return tokens;
    },
    get unpricedTokens() {
      return unpricedTokens;
    },
  };
}
