import { medianOf, spreadOf } from '../budgets/robust.ts';

/** What one series came to in each hour, oldest first; the last one is the newest full hour. Null: not known. */
export type Hours = readonly (number | null)[];

export interface AnomalySettings {
  /** Times the usual, above which it is odd. */
  readonly factor: number;
  /** So much above the usual, in an hour or in a day, is worth a word; greater than 0. */
  readonly floor: number;
}

/** Actual and usual of the hour or day that stands out most. */
export interface AnomalyFigures {
  readonly span: 'hour' | 'day';
  readonly actual: number;
  readonly usual: number;
  /** Actual over usual. */
  readonly factor: number;
}

export type AnomalyScore =
  | { readonly state: 'no_data' }
  | ({ readonly state: 'met' | 'clear'; readonly near: boolean } & AnomalyFigures);

export const weekHours = 168;
const dayHours = 24;
/** Weeks before that an hour is compared with. */
const mostWeeks = 4;
const leastWeeks = 2;
/** Hours of history that are made use of. */
export const historyHours = mostWeeks * weekHours + 2 * dayHours;
/** So many spreads of what is normal away from the usual is odd. */
const widths = 4;
/** Traffic without any noise is still not exact to less. */
const leastSpread = 0.02;
/** A rolling day at this part of the factor goes on with what fires. */
const nearPart = 0.8;

/**
 * Whether the newest full hour, or the day that ends with it, is far above the same hour of the weeks before: above `factor`
 * times the usual, further than noise goes, and by more than `floor`. The usual is the median of up to four weeks, or the
 * last week's where that is more, so that a new level is the usual one after a week. Noise is told from how the hours of the
 * history differ from those of the other weeks, by the median absolute deviation: one odd week does not widen it. Fewer than two
 * weeks before are no data. What dips is never odd. An episode goes on (`near`) until a whole day has no odd hour.
 */
export function anomalyScore(hours: Hours, settings: AnomalySettings): AnomalyScore {
  const lane = laneOf('hour', hours, settings);
  const daily = laneOf('day', rollingDays(hours), settings);
  const last = hours.length - 1;
  const hour = lane.at(last);
  const day = daily.at(last);
  const first = hour ?? day;
  if (first === undefined) return { state: 'no_data' };
  const odd = [hour, day].filter((one) => one !== undefined).filter((one) => one.isOdd(1));
  const strongest = odd.toSorted((a, b) => b.figures.factor - a.figures.factor)[0];
  if (strongest !== undefined) return { state: 'met', near: false, ...strongest.figures };
  const earlier = Array.from({ length: dayHours - 1 }, (_, back) => lane.at(last - 1 - back));
  const near = day?.isOdd(nearPart) === true || earlier.some((one) => one?.isOdd(1) === true);
  return { state: 'clear', near, ...first.figures };
}

interface Compared {
  readonly figures: AnomalyFigures;
  /** Whether it passes all three bounds, each times `part`. */
  isOdd(part: number): boolean;
}

/** One value each hour, with what is usual and how far from it is noise. */
function laneOf(
  span: AnomalyFigures['span'],
  values: Hours,
  { factor: limit, floor }: AnomalySettings,
): { at(index: number): Compared | undefined } {
  // Ratios of next to nothing say nothing: a tenth of the floor is added to both sides.
  const ground = floor / 10;
  const ratio = (actual: number, usual: number) => (actual + ground) / (usual + ground);
  let noise: number | undefined;
  const spread = () => (noise ??= Math.max(leastSpread, spreadOf(residuals(values, ratio))));
  return {
    at(index) {
      const actual = values[index] ?? null;
      const before = Array.from(
        { length: mostWeeks },
        (_, k) => values[index - (k + 1) * weekHours],
      );
      const known = before.filter((one) => one !== undefined && one !== null);
      if (actual === null || known.length < leastWeeks) return undefined;
      const usual = Math.max(medianOf(known), before[0] ?? 0);
      const factor = ratio(actual, usual);
      return {
        figures: { span, actual, usual, factor },
        isOdd: (part) =>
          factor > limit * part &&
          actual - usual >= floor * part &&
          Math.log(factor) > widths * spread() * part,
      };
    },
  };
}

/** Logarithms of each hour over the median of the same hour in the other weeks; the newest day is left out. */
function residuals(values: Hours, ratio: (actual: number, usual: number) => number): number[] {
  const found: number[] = [];
  const end = values.length - dayHours;
  for (let index = 0; index < end; index += 1) {
    const actual = values[index] ?? null;
    if (actual === null) continue;
    const others: number[] = [];
    for (let other = index % weekHours; other < end; other += weekHours) {
      const value = values[other] ?? null;
      if (other !== index && value !== null) others.push(value);
    }
    if (others.length > 0) found.push(Math.log(ratio(actual, medianOf(others))));
  }
  return found;
}

/** The 24 hours that end with each hour; not known where one of them is not. */
function rollingDays(hours: Hours): Hours {
  return hours.map((_, index) => {
    if (index < dayHours - 1) return null;
    let sum = 0;
    for (let at = index - dayHours + 1; at <= index; at += 1) {
      const value = hours[at] ?? null;
      if (value === null) return null;
      sum += value;
    }
    return sum;
  });
}
