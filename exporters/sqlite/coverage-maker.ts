import type { CoverageSpan, TrafficCoverage } from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import { intersectAll, union } from '../../agent/core/window.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import type { Coverage } from './coverage.ts';
import type { KnownSeries, KnownTraffic } from './registry.ts';

/** Makes where each traffic was looked at; what was not read since the last time is what it was, the same object. */
export interface CoverageMaker {
  /** How many lists of spans it has seen and keeps. */
  lists(): number;
  make(): ReadonlyMap<number, TrafficCoverage>;
}

/**
 * Where each traffic was looked at, by the meters behind each amount. An amount without a series of its own (no
 * request ever failed, so the cloud lists no error meter) was looked at wherever the traffic's other meters were.
 * Spans that several traffics share are the same array, and so is all of what traffics share, so that callers can
 * recognise it.
 */
export function createCoverageMaker(
  traffics: readonly KnownTraffic[],
  coverage: Coverage,
  activeUnits: ReadonlySet<number>,
  periodSeconds: number,
): CoverageMaker {
  /** By list of spans: a number for it, and what of it counts. */
  const lists = new Map<readonly CoverageSpan[], Counted>();
  const shared = new Map<string, readonly Window[]>();
  const alike = new Map<string, TrafficCoverage>();
  const share = (windows: readonly Window[]) => {
    const name = windows.map((one) => `${one.start}-${one.end}`).join(',');
    const known = shared.get(name);
    if (known !== undefined) return known;
    const told = windows.map(({ start, end }) => ({ start, end }));
    shared.set(name, told);
    return told;
  };
  const countedOf = (unit: number) => {
    const list = coverage.of(unit);
    const known = lists.get(list);
    if (known !== undefined) return known;
    const spans = list.filter((span) => span.periodSeconds <= periodSeconds);
    const counted = { place: lists.size, spans };
    lists.set(list, counted);
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

  const known = traffics.map(({ id, series }): MadeTraffic => {
    const metered = series.filter(isMetered);
    return { id, metered, units: unitsOf(metered) };
  });

  function madeOf(one: MadeTraffic): TrafficCoverage {
    const now = one.units.map((unit) => coverage.of(unit));
    const { made } = one;
    if (made !== undefined && now.every((list, place) => list === made.lists[place])) {
      return made.coverage;
    }
    // What the answer is made of, and nothing else: what is named alike is covered alike.
    const name = one.metered.map((metered) => {
      const isLive = activeUnits.has(metered.unitId) ? '+' : '-';
      return `${meaningOf(metered)}${isLive}${countedOf(metered.unitId).place}`;
    });
    const key = name.join(' ');
    const found = alike.get(key) ?? coverageOf(one.metered);
    alike.set(key, found);
    one.made = { lists: now, coverage: found };
    return found;
  }

  return {
    lists: () => lists.size,
    make: () => new Map(known.map((one) => [one.id, madeOf(one)])),
  };
}

interface MadeTraffic {
  readonly id: number;
  readonly metered: readonly KnownSeries[];
  readonly units: readonly number[];
  /** What it was made of the last time. */
  made?: {
    readonly lists: readonly (readonly CoverageSpan[])[];
    readonly coverage: TrafficCoverage;
  };
}

function isMetered({ measure: { kind } }: KnownSeries): boolean {
  return kind === 'tokens' || kind === 'requests';
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
