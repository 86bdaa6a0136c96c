import type { FeedSums, LatencyPoint, SettledPoint, ToldName } from '../../agent/core/exporter.ts';
import type { Window } from '../../agent/core/time.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { split, union } from '../../agent/core/window.ts';
import { addSums, noSums } from './feed-columns.ts';
import type { FeedNames } from './feed-names.ts';
import type { FeedRows } from './feed-rows.ts';
import type { Untold } from './feed-settled.ts';
import type { ToldSums } from './feed-totals.ts';
import type { Identities } from './identities.ts';
import type { LatencyPoints } from './latency.ts';
import type { KnownTraffic } from './registry.ts';

/** What is left to tell of one traffic, oldest first. */
export interface Work {
  readonly traffic: KnownTraffic;
  readonly untold: readonly Untold[];
  /** Whether its hours are the sums of its minutes for sure, none being read by the hour. */
  readonly byMinutes: boolean;
}

/** A page as it is gathered. */
export interface Gathered {
  readonly names: ReadonlyMap<number, ToldName>;
  readonly points: readonly SettledPoint[];
  readonly latencies: readonly LatencyPoint[];
  readonly spans: readonly { readonly trafficId: number; readonly windows: readonly Window[] }[];
  /** By traffic and identity id, what the points are made of; absent where the ledger may sum them up otherwise. */
  readonly held: ReadonlyMap<number, ReadonlyMap<number, FeedSums>>;
}

export interface GatherParts {
  readonly identities: Identities;
  readonly names: FeedNames;
  readonly rows: FeedRows;
  readonly latencyOf: LatencyPoints;
}

/** So that silence, which makes no point, ends a page as well. */
const mostPieces = 20_000;

/** Points from the beginning of the work, an hour of a traffic at a time, until there are `limit` of them. */
export function gather(
  parts: GatherParts,
  works: readonly Work[],
  { limit, latencies: wanted }: { readonly limit: number; readonly latencies: boolean },
): Gathered {
  const names = new Map<number, ToldName>();
  const points = new Map<string, SettledPoint>();
  const latencies: LatencyPoint[] = [];
  const spans = new Map<number, Window[]>();
  const held = new Map<number, Map<number, FeedSums>>();
  let pieces = 0;
  const isFull = () => points.size + latencies.length >= limit || pieces >= mostPieces;

  function addPoint(name: ToldName, window: Window, { amounts, ...costs }: FeedSums): void {
    names.set(name.id, name);
    const key = `${name.id}@${window.start}`;
    const known = points.get(key);
    if (known === undefined) {
      points.set(key, { nameId: name.id, ...window, amounts, costs });
      return;
    }
    // Facets of one traffic that go by one name are one series.
    const both = addSums({ amounts: known.amounts, ...known.costs }, { amounts, ...costs });
    const { amounts: sum, ...money } = both;
    points.set(key, { nameId: name.id, ...window, amounts: sum, costs: money });
  }

  function tell({ traffic }: Work, window: Window, grain: 'minute' | 'hour'): void {
    const stepMs = grain === 'minute' ? minuteMs : hourMs;
    const ofTraffic = held.get(traffic.id);
    const known = parts.identities.all(traffic.id);
    for (const identity of known) {
      for (const { start, sums } of parts.rows.rows(identity.id, window, grain)) {
        addPoint(parts.names.of(traffic, identity), { start, end: start + stepMs }, sums);
        ofTraffic?.set(identity.id, addSums(ofTraffic.get(identity.id) ?? noSums, sums));
      }
    }
    if (!wanted) return;
    const periodSeconds = stepMs / 1_000;
    const found = parts.latencyOf(
      traffic,
      parts.identities,
      window,
      periodSeconds,
      stepMs / minuteMs,
    );
    for (const { identityId, phase, minute, count, avgMs, minMs, maxMs } of found) {
      const identity = known.find(({ id }) => id === identityId);
      if (identity === undefined || count === null || avgMs === null) continue;
      const start = minute * minuteMs;
      const name = parts.names.of(traffic, identity);
      names.set(name.id, name);
      const period = { start, end: start + stepMs };
      const sumMs = avgMs * count;
      latencies.push({ nameId: name.id, phase, ...period, count, sumMs, minMs, maxMs });
    }
  }

  for (const work of works) {
    if (isFull()) break;
    const { id } = work.traffic;
    const windows: Window[] = [];
    spans.set(id, windows);
    if (work.byMinutes) held.set(id, new Map());
    for (const { grain, ...span } of work.untold) {
      for (const window of split(span, hourMs)) {
        if (isFull()) break;
        if (grain !== 'none') tell(work, window, grain);
        windows.push(window);
        pieces += 1;
      }
    }
  }
  return {
    names,
    points: [...points.values()].toSorted((a, b) => a.nameId - b.nameId || a.start - b.start),
    latencies,
    spans: [...spans]
      .filter(([, windows]) => windows.length > 0)
      .map(([trafficId, windows]) => ({ trafficId, windows: union(windows) })),
    held,
  };
}

/** By name id, what the points add to its total. */
export function sumsByName(points: readonly SettledPoint[]): ReadonlyMap<number, ToldSums> {
  const sums = new Map<number, ToldSums>();
  for (const { nameId, end, amounts, costs } of points) {
    const known = sums.get(nameId) ?? { ...noSums, until: end, succeeded: null };
    const { requests, errors } = amounts;
    const succeeded = requests === null ? null : Math.max(0, requests - (errors ?? 0));
    sums.set(nameId, {
      ...addSums(known, { amounts, ...costs }),
      until: Math.max(known.until, end),
      succeeded: succeeded === null ? known.succeeded : (known.succeeded ?? 0) + succeeded,
    });
  }
  return sums;
}
