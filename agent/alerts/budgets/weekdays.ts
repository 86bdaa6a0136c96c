import { dayMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { meanOf, medianOf } from './robust.ts';

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
  const weekAround = weeksAround(days);
  for (const [index, value] of days.entries()) {
    const around = weekAround(index);
    if (value === null || around === undefined || around <= 0) continue;
    ratios[weekdayOf(firstDay + index * dayMs)]?.push(value / around);
  }
  const counted = ratios.map(({ length }) => length);
  if (counted.reduce((sum, count) => sum + count, 0) < 7) return evenWeek;
  const own = ratios.map(trimmedMean);
  const factors = own.map((factor, weekday) => {
    const count = counted[weekday] ?? 0;
    const like = likeOf(weekday).flatMap((other) => ((counted[other] ?? 0) > 0 ? other : []));
    const group = like.length === 0 ? 1 : meanOf(like.map((other) => own[other] ?? 1));
    const borrowed = borrowedDays * group;
    return ((count === 0 ? 0 : count * factor) + borrowed) / (count + borrowedDays);
  });
  const mean = meanOf(factors);
  if (!(mean > 0)) return evenWeek;
  return { factors: factors.map((factor) => factor / mean), weeks: Math.min(...counted) };
}

function likeOf(weekday: number): readonly number[] {
  return weekday === 0 || weekday === 6 ? [0, 6] : [1, 2, 3, 4, 5];
}

/**
 * For each day the mean of seven known days side by side that hold it, undefined where there are none; an odd one among them
 * counts as thrice the median at most.
 */
function weeksAround(days: readonly DaySum[]): (index: number) => number | undefined {
  const means = days.slice(0, Math.max(days.length - 6, 0)).map((_, start) => {
    const week: number[] = [];
    for (let day = start; day < start + 7; day += 1) {
      const value = days[day];
      if (value !== null && value !== undefined) week.push(value);
    }
    if (week.length < 7) return undefined;
    const most = 3 * medianOf(week);
    const sum = week.reduce((all, value) => all + (most > 0 ? Math.min(value, most) : value), 0);
    return sum / 7;
  });
  return (index) => means[Math.min(Math.max(index - 3, 0), means.length - 1)];
}

/** Without the largest and the smallest where there are enough. */
function trimmedMean(values: readonly number[]): number {
  if (values.length < 4) return medianOf(values);
  return meanOf(values.toSorted((a, b) => a - b).slice(1, -1));
}
