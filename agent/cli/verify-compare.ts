import type { Statistic } from '../core/meter.ts';
import type { Readings } from '../core/reading.ts';
import type { Instant } from '../core/time.ts';

/** One value that the ledger and the cloud do not agree on. */
export interface Difference {
  readonly metric: string;
  readonly dimensions: Readings['series']['key']['dimensions'];
  readonly start: Instant;
  readonly statistic: Statistic;
  /** Null: no value. */
  readonly ledger: number | null;
  readonly cloud: number | null;
  /** Cloud − ledger, no value taken as 0. */
  readonly delta: number;
}

export interface Comparison {
  /** Values that either side has, silence that both have not counted. */
  readonly values: number;
  readonly differences: readonly Difference[];
}

/**
 * What the ledger keeps of a window against what the cloud says now, value by value. A zero and no value are the same:
 * a cloud sends a quiet minute as either, and the ledger keeps no zero of a counter. Of hours neither latency nor means
 * and percentiles are compared: the ledger folds its own minutes, and those do not come out as the cloud's do.
 */
export function compareReadings(
  stored: readonly Readings[],
  fresh: readonly Readings[],
  periodSeconds: number,
): Comparison {
  const ledger = byName(stored);
  const cloud = byName(fresh);
  const compared = periodSeconds > 60 ? ofHours : ofMinutes;
  const differences: Difference[] = [];
  let values = 0;
  for (const name of new Set([...ledger.keys(), ...cloud.keys()])) {
    const ours = ledger.get(name);
    const theirs = cloud.get(name);
    const series = ours?.series ?? theirs?.series;
    if (series === undefined) continue;
    if (periodSeconds > 60 && series.measure.kind === 'latency') continue;
    const { metric, dimensions } = series.key;
    for (const statistic of compared) {
      const here = pointsOf(ours, statistic);
      const there = pointsOf(theirs, statistic);
      const starts = new Set([...here.keys(), ...there.keys()]);
      for (const start of [...starts].toSorted((a, b) => a - b)) {
        const [kept, said] = [here.get(start) ?? null, there.get(start) ?? null];
        if ((kept ?? 0) === 0 && (said ?? 0) === 0) continue;
        values += 1;
        if (isSame(kept ?? 0, said ?? 0)) continue;
        const delta = (said ?? 0) - (kept ?? 0);
        differences.push({
          metric,
          dimensions,
          start,
          statistic,
          ledger: kept,
          cloud: said,
          delta,
        });
      }
    }
  }
  return { values, differences };
}

const ofMinutes: readonly Statistic[] = ['sum', 'count', 'min', 'max', 'avg', 'p90'];
const ofHours: readonly Statistic[] = ['sum', 'count', 'min', 'max'];

function byName(readings: readonly Readings[]): ReadonlyMap<string, Readings> {
  return new Map(readings.map((one) => [nameOf(one), one]));
}

function pointsOf(readings: Readings | undefined, statistic: Statistic): Map<Instant, number> {
  const points = new Map<Instant, number>();
  const values = readings?.columns[statistic] ?? [];
  for (const [index, start] of (readings?.starts ?? []).entries()) {
    const value = values[index] ?? null;
    if (value !== null) points.set(start, value);
  }
  return points;
}

function nameOf({ series: { key } }: Readings): string {
  const names = Object.keys(key.dimensions).toSorted();
  return JSON.stringify([key.metric, ...names.map((name) => [name, key.dimensions[name]])]);
}

/** Whole numbers are what they are; sums of fractions end differently by the order of adding. */
function isSame(a: number, b: number): boolean {
  if (Number.isInteger(a) && Number.isInteger(b)) return a === b;
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}
