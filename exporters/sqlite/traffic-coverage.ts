import type { CoverageSpan, TrafficCoverage } from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import { intersectAll, union } from '../../agent/core/window.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { KnownSeries, KnownTraffic, Registry } from './registry.ts';

interface TrafficCoverageParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly coverage: () => Coverage;
  /** Another one whenever targets were listed. */
  readonly listings: () => number;
}

type ByTraffic = ReadonlyMap<number, TrafficCoverage>;

/** Where each traffic was looked at; the same map until anything is read or listed. */
export function openTrafficCoverage(
  parts: TrafficCoverageParts,
): (periodSeconds: number) => ByTraffic {
  const { db } = parts;
  const active = db.prepare('SELECT id FROM unit WHERE active = 1').pluck();
  const kept = new Map<number, ByTraffic>();
  let of: readonly unknown[] = [];
  return (periodSeconds) => {
    const [registry, coverage] = [parts.registry(), parts.coverage()];
    const now = [registry, registry.version, coverage, coverage.version, parts.listings()];
    if (now.some((one, index) => one !== of[index])) kept.clear();
    of = now;
    const known = kept.get(periodSeconds);
    if (known !== undefined) return known;
    const units = new Set(active.all() as number[]);
    const made = trafficCoverage([...registry.traffics()], coverage, units, periodSeconds);
    // What another process writes is not seen here before it is read.
    if (!db.readonly) kept.set(periodSeconds, made);
    return made;
  };
}

/**
 * Where each traffic was looked at, by the meters behind each amount. An amount without a series of its own (no
 * request ever failed, so the cloud lists no error meter) was looked at wherever the traffic's other meters were.
 * Spans that several traffics share are the same array, and so is all of what traffics share, so that callers can
 * recognise it.
 */
function trafficCoverage(
  traffics: readonly KnownTraffic[],
  coverage: Coverage,
  activeUnits: ReadonlySet<number>,
  periodSeconds: number,
): ByTraffic {
  /** By list of spans: a number for it, and what of it counts. */
  const lists = new Map<readonly CoverageSpan[], Counted>();
  const byUnit = new Map<number, Counted>();
  const shared = new Map<string, readonly Window[]>();
  const alike = new Map<string, TrafficCoverage>();
  const share = (windows: readonly Window[]) => {
    const name = windows.map((one) => `${one.start}-${one.end}`).join(',');
    const known = shared.get(name);
    if (known !== undefined) return known;
    shared.set(name, windows);
    return windows;
  };
  const countedOf = (unit: number) => {
    const known = byUnit.get(unit);
    if (known !== undefined) return known;
    const list = coverage.of(unit);
    const counted = lists.get(list) ?? {
      place: lists.size,
      spans: list.filter((span) => span.periodSeconds <= periodSeconds),
    };
    lists.set(list, counted);
    byUnit.set(unit, counted);
    return counted;
  };
  const spansOf = (unit: number) => countedOf(unit).spans;
  const coveredBy = (units: readonly number[]) => share(union(units.flatMap(spansOf)));

  function coverageOf(metered: readonly KnownSeries[]): TrafficCoverage {
    const all = unitsOf(metered);
    const covered = Object.fromEntries(
      amountNames.map((amount) => {
        const own = unitsOf(metered.filter((one) => feeds(one, amount)));
        return [amount, coveredBy(own.length > 0 ? own : all)];
      }),
    ) as Record<keyof Amounts, readonly Window[]>;
    const tokens = unitsOf(metered.filter((one) => one.measure.kind === 'tokens'));
    const live = tokens.filter((unit) => activeUnits.has(unit));
    const settled = (live.length > 0 ? live : tokens)
      .map((unit) => union(spansOf(unit).filter((span) => span.settled)))
      .reduce<readonly Window[] | undefined>(
        (both, next) => (both === undefined ? next : intersectAll(both, next)),
        undefined,
      );
    return { covered, settled: share(settled ?? []) };
  }

  return new Map(
    traffics.map((traffic) => {
      const metered = traffic.series.filter(
        (one) => one.measure.kind === 'tokens' || one.measure.kind === 'requests',
      );
      // What the answer is made of, and nothing else: what is named alike is covered alike.
      const name = metered.map((one) => {
        const isLive = activeUnits.has(one.unitId) ? '+' : '-';
        return `${meaningOf(one)}${isLive}${countedOf(one.unitId).place}`;
      });
      const key = name.join(' ');
      const made = alike.get(key) ?? coverageOf(metered);
      alike.set(key, made);
      return [traffic.id, made];
    }),
  );
}

interface Counted {
  readonly place: number;
  readonly spans: readonly CoverageSpan[];
}

/** What `feeds` looks at. */
function meaningOf({ measure }: KnownSeries): string {
  if (measure.kind === 'tokens') return measure.meter;
  return measure.kind === 'requests' ? measure.outcome : measure.kind;
}

function unitsOf(series: readonly KnownSeries[]): readonly number[] {
  return [...new Set(series.map((one) => one.unitId))];
}

function feeds(series: KnownSeries, amount: keyof Amounts): boolean {
  const { measure } = series;
  if (measure.kind === 'tokens') {
    if (amount === 'unsplitInput') return measure.meter === 'input';
    const own = {
      input: 'input',
      cacheRead: 'cache_read',
      cacheWrite: 'cache_write',
      output: 'output',
    };
    return own[amount as keyof typeof own] === measure.meter;
  }
  if (measure.kind !== 'requests') return false;
  if (amount === 'requests') return measure.outcome === 'accepted';
  if (amount === 'throttles') return measure.outcome === 'throttled';
  return (
    amount === 'errors' &&
    (measure.outcome === 'client_error' || measure.outcome === 'server_error')
  );
}
