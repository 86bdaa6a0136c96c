import { deviationOf, meanOf, medianOf, withoutExtremes } from './robust.ts';

/** What a mean day spends at present. */
export interface Level {
  readonly mean: number;
  /** Of one day around it. */
  readonly deviation: number;
  /** Days it rests on. */
  readonly days: number;
  /** How much a day tells of the next, 0 to 0.7. */
  readonly persistence: number;
}

const shortestAfterShift = 3;
/** A shift is one when it is so many standard errors, and such a share of what was before. */
const shiftErrors = 5;
const shiftShare = 0.15;

/**
 * The level of days from which the rhythm of the week is taken out, oldest first: of those since the level last shifted for
 * good. A day or two of an odd height are no shift and count no more than an ordinary high day.
 */
export function levelOf(days: readonly number[]): Level {
  const since = days.slice(lastShift(days));
  const calm = withoutExtremes(since, 3.5);
  const mean = meanOf(calm);
  return {
    mean,
    deviation: deviationOf(calm),
    days: calm.length,
    persistence: persistenceOf(calm, mean),
  };
}

/** Where the newest level begins: 0 where it never shifted. */
function lastShift(days: readonly number[]): number {
  const steps: number[] = [];
  for (let day = 1; day < days.length; day += 1) {
    steps.push(Math.abs((days[day] ?? 0) - (days[day - 1] ?? 0)));
  }
  const spread = Math.max((1.4826 * medianOf(steps)) / Math.SQRT2, 1e-9);
  const calm = days.map((value, index) => {
    const around = medianOf(days.slice(Math.max(index - 2, 0), index + 3));
    return Math.min(Math.max(value, around - 3 * spread), around + 3 * spread);
  });
  let all = 0;
  for (const value of calm) all += value;
  let at = 0;
  let strongest = shiftErrors;
  let before = 0;
  for (let place = 0; place < calm.length; place += 1) {
    const rest = calm.length - place;
    if (place >= shortestAfterShift && rest >= shortestAfterShift) {
      const was = before / place;
      const is = (all - before) / rest;
      const errors = Math.abs(is - was) / (spread * Math.sqrt(1 / place + 1 / rest));
      if (errors > strongest && Math.abs(is - was) > shiftShare * Math.abs(was)) {
        strongest = errors;
        at = place;
      }
    }
    before += calm[place] ?? 0;
  }
  return at;
}

/** The first autocorrelation, drawn to a little where there are few days to tell it. */
function persistenceOf(days: readonly number[], mean: number): number {
  let power = 0;
  let joint = 0;
  let before = 0;
  for (const value of days) {
    const rest = value - mean;
    power += rest * rest;
    joint += rest * before;
    before = rest;
  }
  if (power === 0) return 0;
  const assumed = 0.1;
  const assumedDays = 10;
  const told = (joint / power) * days.length + assumed * assumedDays;
  return Math.min(Math.max(told / (days.length + assumedDays), 0), 0.7);
}
