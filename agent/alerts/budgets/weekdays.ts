import { dayMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { inOrder, meanOf, medianOf } from './robust.ts';

/** What a UTC day spent; null where it is not known, or may still change. */
export type DaySum = number | null;

/** Weekday factors, Sunday first, and how many weeks told of them. */
interface WeekRhythm {
  /** A weekday against the mean day. */
  readonly factors: readonly number[];
  readonly weeks: number;
}

/** As many days as a neighbour's evidence counts for where a weekday has few of its own. */
const borrowedDays = 2;

const evenWeek: WeekRhythm = { factors: [1, 1, 1, 1, 1, 1, 1], weeks: 0 };

/** Of a UTC day, Sunday being 0: the epoch began on a Thursday. */
export function weekdayOf(day: Instant): number {
  return (((Math.floor(day / dayMs) + 4) % 7) + 7) % 7;
}

/**
 * The rhythm of the week: each day against the mean of the seven around it, by weekday. Weekdays and weekend days borrow
 * from their like while there are few weeks; under one week nothing is claimed.
 */
export function weekRhythm(days: readonly DaySum[], firstDay: Instant): WeekRhythm {
  const ratios: number[][] = Array.from({ length: 7 }, () => []);
  const means = weekMeans(days);
  let all = 0;
  for (let index = 0; index < days.length; index += 1) {
    const value = days[index] ?? null;
    const around = means[Math.min(Math.max(index - 3, 0), means.length - 1)] ?? Number.NaN;
    if (value === null || !(around > 0)) continue;
    ratios[weekdayOf(firstDay + index * dayMs)]?.push(value / around);
    all += 1;
  }
  if (all < 7) return evenWeek;
  const counted = ratios.map(({ length }) => length);
  const own = ratios.map(trimmedMean);
  const ofGroup = (group: readonly number[]) => {
    const known = group.filter((weekday) => (counted[weekday] ?? 0) > 0);
    return known.length === 0 ? 1 : meanOf(known.map((weekday) => own[weekday] ?? 1));
  };
  const [ofWeekend, ofWorkdays] = [ofGroup(weekend), ofGroup(workdays)];
  const factors = own.map((factor, weekday) => {
    const count = counted[weekday] ?? 0;
    const borrowed = borrowedDays * (weekend.includes(weekday) ? ofWeekend : ofWorkdays);
    return ((count === 0 ? 0 : count * factor) + borrowed) / (count + borrowedDays);
  });
  const mean = meanOf(factors);
  if (!(mean > 0)) return evenWeek;
  return { factors: factors.map((factor) => factor / mean), weeks: Math.min(...counted) };
}

/** Weekdays that are like each other. */
const weekend: readonly number[] = [0, 6];
const workdays: readonly number[] = [1, 2, 3, 4, 5];

/**
 * From each day on the mean of seven days side by side, NaN where one of them is not known; an odd one among them counts as
 * thrice the median at most.
 */
function weekMeans(days: readonly DaySum[]): Float64Array {
  const means = new Float64Array(Math.max(days.length - 6, 0)).fill(Number.NaN);
  /** Of the seven days up to the one that is looked at those that are known without a gap, the smallest first. */
  const sorted = new Float64Array(7);
  let count = 0;
  for (let day = 0; day < days.length; day += 1) {
    const value = days[day] ?? null;
    if (value === null) {
      count = 0;
      continue;
    }
    if (count === 7) {
      const gone = sorted.indexOf(days[day - 7] ?? 0);
      for (let at = gone; at < 6; at += 1) sorted[at] = sorted[at + 1] ?? 0;
      count -= 1;
    }
    let place = count;
    for (; place > 0 && (sorted[place - 1] ?? 0) > value; place -= 1) {
      sorted[place] = sorted[place - 1] ?? 0;
    }
    sorted[place] = value;
    count += 1;
    if (count < 7) continue;
    const most = 3 * (sorted[3] ?? 0);
    let sum = 0;
    for (let at = day - 6; at <= day; at += 1) {
      const one = days[at] ?? 0;
      sum += most > 0 && one > most ? most : one;
    }
    means[day - 6] = sum / 7;
  }
  return means;
}

/** Without the largest and the smallest where there are enough. */
function trimmedMean(values: readonly number[]): number {
  if (values.length < 4) return medianOf(values);
  const sorted = inOrder(values);
  let sum = 0;
  for (let at = 1; at < sorted.length - 1; at += 1) sum += sorted[at] ?? 0;
  return sum / (sorted.length - 2);
}
