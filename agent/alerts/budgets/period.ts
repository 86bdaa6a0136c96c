import { dayMs, floorTo } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import type { LocalTime, Zone } from './zone.ts';

export type PeriodKind = 'day' | 'week' | 'month' | 'quarter';

/**
 * The calendar period that holds an instant: a day, a week from Monday, a month or a quarter of the zone's wall clock. As
 * long as it really is: the day on which summer time begins has 23 hours in most places. Periods of a kind follow each
 * other without hole or overlap.
 */
export function periodAt(kind: PeriodKind, zone: Zone, at: Instant): Window {
  let day = firstDay(kind, zone.localTime(at));
  for (;;) {
    const next = followingDay(kind, day);
    const period = { start: zone.startOfDay(day), end: zone.startOfDay(next) };
    // Where a clock goes back over midnight, the hour it shows again belongs to the new day.
    if (at < period.end) return period;
    day = next;
  }
}

/** `30 Nov`: the last local day of a period. */
export function lastDayOf(period: Window, zone: Zone): string {
  return dayText(zone.localTime(period.end - 1));
}

/** `Tue`: of a UTC day. */
export function weekdayText(day: Instant): string {
  return weekdays[new Date(day).getUTCDay()] ?? '';
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const weekdays = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

function dayText(local: LocalTime): string {
  const date = new Date(local);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
}

function firstDay(kind: PeriodKind, local: LocalTime): LocalTime {
  const day = floorTo(local, dayMs);
  const date = new Date(day);
  const first: Readonly<Record<PeriodKind, LocalTime>> = {
    day,
    week: day - ((date.getUTCDay() + 6) % 7) * dayMs,
    month: Date.UTC(date.getUTCFullYear(), date.getUTCMonth()),
    quarter: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3)),
  };
  return first[kind];
}

function followingDay(kind: PeriodKind, first: LocalTime): LocalTime {
  const date = new Date(first);
  const next: Readonly<Record<PeriodKind, LocalTime>> = {
    day: first + dayMs,
    week: first + 7 * dayMs,
    month: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1),
    quarter: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 3),
  };
  return next[kind];
}
