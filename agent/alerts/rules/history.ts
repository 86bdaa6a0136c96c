import { addKnown, toUsd } from '../../core/money.ts';
import type { NanoUsd } from '../../core/money.ts';
import type { IdentityRow, TrafficCoverage } from '../../core/store.ts';
import { ceilTo, floorTo, hourMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import { intersect, subtract } from '../../core/window.ts';
import type { Hours } from './anomaly-score.ts';
import { historyHours, weekHours } from './anomaly-score.ts';
import type { RuleDeps } from './rule.ts';

/** Everyone who ever was in a series, and the end of its newest full hour. */
export interface Wanted {
  readonly identities: readonly IdentityRow[];
  readonly end: Instant;
}

/**
 * What each series cost in each of the hours before its end, in dollars. Read week by week, so that never more than a week of
 * hours of all of them is in memory at once.
 */
export async function readHistory(
  reader: RuleDeps['reader'],
  wanted: readonly Wanted[],
): Promise<readonly Hours[]> {
  if (wanted.length === 0) return [];
  const newest = Math.max(...wanted.map(({ end }) => end));
  const whole = { start: newest - (historyHours + weekHours) * hourMs, end: newest };
  const coverage = await reader.coverageByTraffic(3_600);
  const lanes = wanted.map(({ identities, end }) => {
    const window = { start: end - historyHours * hourMs, end };
    return { window, hours: knownHours(identities, window, coverage) };
  });
  const laneOf = new Map(
    wanted.flatMap(({ identities }, place) =>
      identities.map(({ id }) => [id, lanes[place]] as const),
    ),
  );
  const everyone = wanted.flatMap(({ identities }) => identities);
  for (const week of weeksOf(whole)) {
    const identityIds = everyone
      .filter(({ from, to }) => intersect(week, { start: from, end: to }) !== undefined)
      .map(({ id }) => id);
    if (identityIds.length === 0) continue;
    const rows = await reader.amounts({
      grain: 'hour',
      identityIds,
      window: week,
      bucketMs: hourMs,
    });
    for (const { identityId, bucket, cost } of rows) {
      const lane = laneOf.get(identityId);
      if (lane === undefined) continue;
      const index = (bucket - lane.window.start) / hourMs;
      const hour = lane.hours[index];
      if (hour !== undefined && hour.known) hour.cost = addKnown(hour.cost, cost);
    }
  }
  return lanes.map(({ hours }) =>
    hours.map(({ known, cost }) => (known ? toUsd(cost ?? 0n) : null)),
  );
}

const none: readonly Window[] = [];

interface Hour {
  known: boolean;
  cost: NanoUsd | null;
}

function* weeksOf({ start, end }: Window): Generator<Window> {
  for (let from = start; from < end; from += weekHours * hourMs) {
    yield { start: from, end: Math.min(from + weekHours * hourMs, end) };
  }
}

/**
 * Hours that were read whole: after the first read of any traffic, and in no hole of one. What begins later than others is
 * not missing before: it was not there.
 */
function knownHours(
  identities: readonly IdentityRow[],
  window: Window,
  coverage: ReadonlyMap<number, TrafficCoverage>,
): Hour[] {
  const hours = Array.from({ length: historyHours }, (): Hour => ({ known: false, cost: null }));
  // Traffics that were read alike have one list.
  const lists = new Set(
    identities.map(({ trafficId }) => coverage.get(trafficId)?.covered.output ?? none),
  );
  const each = (span: Window, round: typeof floorTo, other: typeof floorTo, known: boolean) => {
    const part = intersect(span, window);
    if (part === undefined) return;
    const from = (round(part.start, hourMs) - window.start) / hourMs;
    const to = (other(part.end, hourMs) - window.start) / hourMs;
    for (const hour of hours.slice(from, Math.max(from, to))) hour.known = known;
  };
  for (const spans of lists) for (const span of spans) each(span, ceilTo, floorTo, true);
  for (const spans of lists) {
    const [first, last] = [spans[0], spans.at(-1)];
    if (first === undefined || last === undefined) continue;
    const holes = subtract({ start: first.start, end: last.end }, spans);
    for (const hole of holes) each(hole, floorTo, ceilTo, false);
  }
  return hours;
}
