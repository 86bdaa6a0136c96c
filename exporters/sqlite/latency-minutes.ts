import type { AmountQuery, LedgerRetention } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import { openRefresh } from './fresh-memory.ts';
import type { Identities } from './identities.ts';
import { mergeLatency, openLatencyPoints } from './latency.ts';
import type { LatencyPoint } from './latency.ts';
import type { ReadingStore } from './readings.ts';
import type { KnownTraffic, Registry } from './registry.ts';

interface MinuteParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly identities: () => Identities;
  readonly readings: ReadingStore;
}

/**
 * Minutes of latency. The hours that a range begins and ends in are kept as they were read, for a minute later less of the one
 * is asked for and more of the other: some five megabytes at most, and nothing five minutes after the last question.
 */
export interface LatencyMinutes {
  /** By identity, phase and bucket. */
  points(query: Omit<AmountQuery, 'grain'>): readonly LatencyPoint[];
  /** Readings that were given up for their age are in the file no more. */
  aged(now: Instant, retention: LedgerRetention): void;
}

/** Points of a traffic within one hour, by the minute. */
interface Part extends Window {
  readonly points: readonly LatencyPoint[];
}

interface Owners {
  readonly wanted: ReadonlySet<number>;
  readonly traffics: readonly KnownTraffic[];
}

const mostPoints = 40_000;
/** Nobody asked for so long: the memory is worth more to others. */
const keptMs = 300_000;

export function openLatencyMinutes(parts: MinuteParts): LatencyMinutes {
  const pointsOf = openLatencyPoints(parts.db, parts.readings);
  /** By hour, in the order of their last use, and traffic. */
  const hours = new Map<Instant, Map<number, Part>>();
  let kept = 0;
  let drop: NodeJS.Timeout | undefined;

  /** By list of identities that is asked for. */
  let owners = new WeakMap<readonly number[], Owners>();
  let ownersAre: readonly unknown[] = [];

  /** Which traffic is that of any of the identities; known again as long as nobody is called otherwise. */
  function ownersOf(identityIds: readonly number[]): Owners {
    const [registry, identities] = [parts.registry(), parts.identities()];
    const now = [registry, registry.version, identities, identities.version];
    if (now.some((one, index) => one !== ownersAre[index])) owners = new WeakMap();
    ownersAre = now;
    const known = owners.get(identityIds);
    if (known !== undefined) return known;
    const wanted = new Set(identityIds);
    const traffics = [...registry.traffics()].filter((traffic) =>
      identities.idsOf(traffic.id).some((id) => wanted.has(id)),
    );
    const made = { wanted, traffics };
    // What another process writes is not seen here before it is read.
    if (!parts.db.readonly) owners.set(identityIds, made);
    return made;
  }

  function forgetAll(): void {
    hours.clear();
    kept = 0;
  }

  function forget(hour: Instant, trafficId: number): void {
    const of = hours.get(hour);
    kept -= (of?.get(trafficId)?.points.length ?? -1) + 1;
    of?.delete(trafficId);
  }

  function forgetHour(hour: Instant): void {
    for (const { points } of hours.get(hour)?.values() ?? []) kept -= points.length + 1;
    hours.delete(hour);
  }

  const refresh = openRefresh(parts, {
    isEmpty: () => hours.size === 0,
    forgetAll,
    forget(trafficId, _, start, end) {
      for (const hour of hours.keys()) {
        if (hour < end * minuteMs && hour + hourMs > start * minuteMs) forget(hour, trafficId);
      }
    },
  });

  type Read = (traffic: KnownTraffic, window: Window) => readonly LatencyPoint[];

  /**
   * At least those of the window.
   * @param of what is kept of the hour in which it lies
   */
  function pointsIn(traffic: KnownTraffic, window: Window, of: Map<number, Part>, read: Read) {
    const known = of.get(traffic.id);
    const isKnown = known !== undefined && known.start <= window.start && known.end >= window.end;
    const part = isKnown ? known : readPart(traffic, window, read);
    if (!isKnown) {
      kept += part.points.length - (known?.points.length ?? -1);
      of.set(traffic.id, part);
    }
    return part.points;
  }

  /** To the end of the hour, which a range that ends now is going to reach. */
  function readPart(traffic: KnownTraffic, { start }: Window, read: Read): Part {
    const window = { start, end: floorTo(start, hourMs) + hourMs };
    return { ...window, points: read(traffic, window) };
  }

  function trim(): void {
    for (const hour of hours.keys()) {
      if (kept <= mostPoints) break;
      forgetHour(hour);
    }
    clearTimeout(drop);
    drop = setTimeout(forgetAll, keptMs).unref();
  }

  return {
    points({ identityIds, window, bucketMs }) {
      const identities = parts.identities();
      const { wanted, traffics } = ownersOf(identityIds);
      const read: Read = (traffic, span) => pointsOf(traffic, identities, span, 60, 1);
      const hour = floorTo(window.start, hourMs);
      const isEdge = window.end <= hour + hourMs && traffics.length * 60 <= mostPoints;
      refresh();
      const of = hours.get(hour) ?? new Map<number, Part>();
      const own: LatencyPoint[] = [];
      const [start, end] = [window.start / minuteMs, window.end / minuteMs];
      for (const traffic of traffics) {
        for (const point of isEdge ? pointsIn(traffic, window, of, read) : read(traffic, window)) {
          if (point.minute < start || point.minute >= end) continue;
          if (wanted.has(point.identityId)) own.push(point);
        }
      }
      if (isEdge) {
        hours.delete(hour);
        hours.set(hour, of);
        trim();
      }
      return mergeLatency(own, bucketMs / minuteMs);
    },
    aged(now, { minuteSeconds }) {
      for (const hour of hours.keys()) {
        if (hour < now - minuteSeconds * 1_000) forgetHour(hour);
      }
    },
  };
}
