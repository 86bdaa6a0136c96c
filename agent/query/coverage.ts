import type { Grain, TrafficCoverage, UsageReader } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { amountNames } from '../core/usage.ts';
import type { Amounts } from '../core/usage.ts';
import { intersect, union } from '../core/window.ts';
import { byAmount } from './by-amount.ts';
import type { Group, Selected } from './groups.ts';
import type { Plan } from './plan.ts';
import { overlaps, spanTally, touchTally } from './tally.ts';

/** Where traffic was looked at, for the part of a query that one kind of table answers. */
export interface CoverageLayer {
  readonly window: Window;
  readonly byTraffic: ReadonlyMap<number, TrafficCoverage>;
}

/** What is known of a group's bucket beside the stored rows. */
export interface Knowledge {
  /** Whether anything of it was looked at. */
  looked(group: number, bucket: number): boolean;
  /** Whether a contributor that reports the amount was looked at: silence is then zero. */
  tells(group: number, bucket: number, amount: keyof Amounts): boolean;
  /** Share of the contributors' time that is settled, 0 to 1. */
  settled(group: number, bucket: number): number;
  /** The end of the newest span that was looked at; null where none was. */
  readonly newest: Instant | null;
}

const periodSeconds: Readonly<Record<Grain, number>> = { minute: 60, hour: 3_600, day: 86_400 };

/**
 * Reads coverage as fine as the tables that answer: an hour that was only ever read as an hour says nothing of its
 * minutes.
 */
export async function readCoverage(
  reader: UsageReader,
  plan: Plan,
): Promise<readonly CoverageLayer[]> {
  const periods = plan.segments.map(({ grain }) => periodSeconds[grain]);
  const byPeriod = new Map(
    await Promise.all(
      [...new Set(periods)].map(
        async (period) => [period, await reader.coverageByTraffic(period)] as const,
      ),
    ),
  );
  return plan.segments.map(({ window: { start, end } }, index) => ({
    window: { start, end: Math.min(end, plan.window.end) },
    byTraffic: byPeriod.get(periods[index] ?? 60) ?? new Map(),
  }));
}

/**
 * What coverage says of every bucket of every group.
 * @param amounts the only ones of which anybody asks whether they are told
 */
export function learn(
  { plan, groups }: Pick<Selected, 'plan' | 'groups'>,
  layers: readonly CoverageLayer[],
  amounts: readonly (keyof Amounts)[] = amountNames,
): Knowledge {
  const looked = touchTally(plan, groups.length);
  const nobody = touchTally(plan, 0);
  const told = byAmount((name) =>
    amounts.includes(name) ? touchTally(plan, groups.length) : nobody,
  );
  const settled = spanTally(plan, groups.length);
  const expected = spanTally(plan, groups.length);
  let newest: Instant = never;

  for (const { window, byTraffic } of layers) {
    const within = clipper();
    for (const [place, group] of groups.entries()) {
      const { looks, presences } = lookedOf(group, byTraffic);
      for (const look of looks) {
        const span = intersect(window, look);
        if (span === undefined) continue;
        for (const spans of look.lists) {
          const parts = within(spans, span);
          looked.add(place, parts);
          newest = Math.max(newest, parts.at(-1)?.end ?? never);
        }
        for (const name of amounts) {
          if (!look.reports.has(name)) continue;
          told[name].add(place, within(look.coverage.covered[name], span));
        }
      }
      for (const presence of presences) {
        const span = intersect(window, presence);
        if (span === undefined) continue;
        expected.add(place, [span], presence.count);
        settled.add(place, within(presence.spans, span), presence.count);
      }
    }
  }
  const lookedAt = looked.finish();
  const tells = byAmount((name) => told[name].finish());
  const settledMs = settled.finish();
  const expectedMs = expected.finish();
  return {
    looked: lookedAt,
    tells: (group, bucket, amount) => tells[amount](group, bucket),
    settled: (group, bucket) => {
      const whole = expectedMs(group, bucket);
      return whole === 0 ? 0 : settledMs(group, bucket) / whole;
    },
    newest: newest === never ? null : newest,
  };
}

const never = Number.NEGATIVE_INFINITY;

/** Clips sorted spans to a window; the lists of many traffics are one list, so the last answer of each is kept. */
function clipper(): (sorted: readonly Window[], within: Window) => readonly Window[] {
  const kept = new Map<readonly Window[], { within: Window; parts: readonly Window[] }>();
  return (sorted, within) => {
    const known = kept.get(sorted);
    if (known?.within.start === within.start && known.within.end === within.end) return known.parts;
    const parts = overlaps(sorted, within);
    kept.set(sorted, { within, parts });
    return parts;
  };
}

/** How a group was looked at, whatever is asked of it. */
interface Looked {
  /** What was looked at twice was looked at: most identities say the same as their neighbour. */
  readonly looks: readonly Look[];
  readonly presences: readonly Presence[];
}

/** The span of an identity, or of many that say the same. */
interface Look extends Window {
  readonly coverage: TrafficCoverage;
  /** Where any amount was looked at: most are looked at together. */
  readonly lists: readonly (readonly Window[])[];
  readonly reports: ReadonlySet<keyof Amounts>;
}

/** A span of time in which so many traffics were there whose settled spans are the same list. */
interface Presence extends Window {
  readonly spans: readonly Window[];
  readonly count: number;
}

type ByTraffic = CoverageLayer['byTraffic'];

/** Forgotten with the coverage and with the group they are of. */
const knownLooked = new WeakMap<ByTraffic, WeakMap<Group, Looked>>();

function lookedOf(group: Group, byTraffic: ByTraffic): Looked {
  const byGroup = knownLooked.get(byTraffic) ?? new WeakMap<Group, Looked>();
  knownLooked.set(byTraffic, byGroup);
  const known = byGroup.get(group);
  if (known !== undefined) return known;
  const made = { looks: looksOf(group, byTraffic), presences: presencesOf(group, byTraffic) };
  byGroup.set(group, made);
  return made;
}

function looksOf(group: Group, byTraffic: ByTraffic): readonly Look[] {
  const looks: Look[] = [];
  const done = new Map<TrafficCoverage, Look[]>();
  for (const { trafficId, from: start, to: end, reports } of group.identities) {
    const coverage = byTraffic.get(trafficId);
    if (coverage === undefined) continue;
    const same = done.get(coverage);
    const isKnown = same?.some(
      (one) => one.start === start && one.end === end && one.reports === reports,
    );
    if (isKnown === true) continue;
    const lists = [...new Set(amountNames.map((name) => coverage.covered[name]))];
    const look = { coverage, lists, start, end, reports };
    looks.push(look);
    if (same === undefined) done.set(coverage, [look]);
    else same.push(look);
  }
  return looks;
}

function presencesOf(group: Group, byTraffic: ByTraffic): readonly Presence[] {
  const found: Counted[] = [];
  /** By list of spans and by start: names made of them would take most of the time. */
  const byList = new Map<readonly Window[], Map<Instant, Counted[]>>();
  for (const { trafficId, there } of presenceOf(group)) {
    const spans = byTraffic.get(trafficId)?.settled ?? nowhere;
    let byStart = byList.get(spans);
    if (byStart === undefined) byList.set(spans, (byStart = new Map()));
    for (const { start, end } of there) {
      const alike = byStart.get(start);
      const same = alike?.find((one) => one.end === end);
      if (same !== undefined) {
        same.count += 1;
        continue;
      }
      const presence = { start, end, spans, count: 1 };
      found.push(presence);
      if (alike === undefined) byStart.set(start, [presence]);
      else alike.push(presence);
    }
  }
  return found;
}

type Counted = Omit<Presence, 'count'> & { count: number };

const nowhere: readonly Window[] = [];

interface There {
  readonly trafficId: number;
  readonly there: readonly Window[];
}

/** Forgotten with the group. */
const knownPresence = new WeakMap<Group, readonly There[]>();

/** When each traffic belonged to a group: the facets of one traffic count once. */
function presenceOf(group: Group): readonly There[] {
  const known = knownPresence.get(group);
  if (known !== undefined) return known;
  const byTraffic = new Map<number, Window[]>();
  for (const { trafficId, from, to } of group.identities) {
    const spans = byTraffic.get(trafficId);
    if (spans === undefined) byTraffic.set(trafficId, [{ start: from, end: to }]);
    else spans.push({ start: from, end: to });
  }
  const made = [...byTraffic].map(([trafficId, spans]) => ({
    trafficId,
    there: spans.length > 1 ? union(spans) : spans,
  }));
  knownPresence.set(group, made);
  return made;
}
