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
  const steps = days.slice(1).map((value, index) => Math.abs(value - (days[index] ?? 0)));
  const spread = Math.max((1.4826 * medianOf(steps)) / Math.SQRT2, 1e-9);
  const calm = days.map((value, index) => {
    const around = medianOf(days.slice(Math.max(index - 2, 0), index + 3));
    return Math.min(Math.max(value, around - 3 * spread), around + 3 * spread);
  });
  const all = calm.reduce((sum, value) => sum + value, 0);
  let at = 0;
  let strongest = shiftErrors;
  let before = 0;
  for (const [place, value] of calm.entries()) {
    const rest = calm.length - place;
    if (place >= shortestAfterShift && rest >= shortestAfterShift) {
      const [was, is] = [before / place, (all - before) / rest];
      const errors = Math.abs(is - was) / (spread * Math.sqrt(1 / place + 1 / rest));
      if (errors > strongest && Math.abs(is - was) > shiftShare * Math.abs(was)) {
        strongest = errors;
        at = place;
      }
    }
    before += value;
  }
  return at;
}

/** The first autocorrelation, drawn to a little where there are few days to tell it. */
function persistenceOf(days: readonly number[], mean: number): number {
  const rest = days.map((value) => value - mean);
  const power = rest.reduce((sum, value) => sum + value * value, 0);
  if (power === 0) return 0;
  const joint = rest.slice(1).reduce((sum, value, index) => sum + value * (rest[index] ?? 0), 0);
  const assumed = 0.1;
  const assumedDays = 10;
  const told = (joint / power) * rest.length + assumed * assumedDays;
  return Math.min(Math.max(told / (rest.length + assumedDays), 0), 0.7);
}
