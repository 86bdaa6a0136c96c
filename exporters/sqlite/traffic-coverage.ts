import type { CoverageSpan, TrafficCoverage } from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import { intersectAll, union } from '../../agent/core/window.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import type { Coverage } from './coverage.ts';
import type { KnownSeries, KnownTraffic } from './registry.ts';

/**
 * Where each traffic was looked at, by the meters behind each amount. An amount without a series of its own (no
 * request ever failed, so the cloud lists no error meter) was looked at wherever the traffic's other meters were.
 * Spans that several traffics share are the same array, so that callers can recognise them.
 */
export function trafficCoverage(
  traffics: readonly KnownTraffic[],
  coverage: Coverage,
  activeUnits: ReadonlySet<number>,
  periodSeconds: number,
): ReadonlyMap<number, TrafficCoverage> {
  const spans = new Map<number, readonly CoverageSpan[]>();
  const shared = new Map<string, readonly Window[]>();
  const share = (windows: readonly Window[]) => {
    const name = windows.map((one) => `${one.start}-${one.end}`).join(',');
    const known = shared.get(name);
    if (known !== undefined) return known;
    shared.set(name, windows);
    return windows;
  };
  const spansOf = (unit: number) => {
    let known = spans.get(unit);
    if (known === undefined) {
      known = coverage.of(unit).filter((span) => span.periodSeconds <= periodSeconds);
      spans.set(unit, known);
    }
    return known;
  };
  const coveredBy = (units: readonly number[]) => share(union(units.flatMap(spansOf)));

  return new Map(
    traffics.map((traffic) => {
      const metered = traffic.series.filter(
        (one) => one.measure.kind === 'tokens' || one.measure.kind === 'requests',
      );
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
      return [traffic.id, { covered, settled: share(settled ?? []) }];
    }),
  );
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
