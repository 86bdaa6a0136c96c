import type { IdentityRow } from '../../core/ledger-rows.ts';
import type { AmountQuery, TrafficCoverage } from '../../core/store.ts';
import type { Instant } from '../../core/time.ts';
import { floorTo } from '../../core/time.ts';
import { dataEndOf, tellsTokens } from './data-ends.ts';
import type { DataEnd } from './data-ends.ts';

/** By traffic id; absent where nothing of it is settled yet. */
export type TrafficEnds = ReadonlyMap<number, DataEnd>;

export function endsOf(
  identities: readonly IdentityRow[],
  coverage: ReadonlyMap<number, TrafficCoverage>,
  now: Instant,
): TrafficEnds {
  const withTokens = new Set(identities.filter(tellsTokens).map(({ trafficId }) => trafficId));
  const ends = new Map<number, DataEnd>();
  for (const [trafficId, covered] of coverage) {
    const end = dataEndOf(covered, withTokens.has(trafficId), now);
    if (end !== undefined) ends.set(trafficId, end);
  }
  return ends;
}

/** An identity with its traffic's end; it held within the last `lengthMs` before it. */
export interface Contributor {
  readonly identity: IdentityRow;
  readonly end: DataEnd | undefined;
}

/** Who may say something of the last `lengthMs` of each one's data; what is gone does not. */
export function contributorsOf(
  identities: readonly IdentityRow[],
  ends: TrafficEnds,
  lengthMs: number,
): readonly Contributor[] {
  const found: Contributor[] = [];
  for (const identity of identities) {
    const end = ends.get(identity.trafficId);
    if (end?.age === 'gone') continue;
    if (end !== undefined) {
      const { until } = end;
      if (identity.from >= until || identity.to <= until - lengthMs) continue;
    }
    found.push({ identity, end });
  }
  return found;
}

/**
 * Reads the last `lengthMs` before each fresh contributor's end, floored to the grain, as one bucket each: one read for all
 * whose data ends alike.
 */
export async function readLast<Row extends { readonly identityId: number }>(
  contributors: readonly Contributor[],
  lengthMs: number,
  grain: { readonly name: AmountQuery['grain']; readonly ms: number },
  read: (query: AmountQuery) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const byEnd = new Map<Instant, number[]>();
  for (const { identity, end } of contributors) {
    if (end?.age !== 'fresh') continue;
    const until = floorTo(end.until, grain.ms);
    const ids = byEnd.get(until);
    if (ids === undefined) byEnd.set(until, [identity.id]);
    else ids.push(identity.id);
  }
  const pages = await Promise.all(
    Array.from(byEnd, ([end, identityIds]) =>
      read({
        grain: grain.name,
        identityIds,
        window: { start: end - lengthMs, end },
        bucketMs: 0,
      }),
    ),
  );
  return pages.flat();
}
