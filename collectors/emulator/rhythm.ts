import { dayMs, hourMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Season } from './scenario-lane.ts';

/** Percent of the recorded traffic at each full hour of a working day, UTC; between them in a straight line. */
const workday = [
  15, 15, 15, 15, 16, 20, 30, 48, 68, 84, 93, 97, 90, 96, 100, 98, 90, 76, 60, 46, 34, 26, 20, 17,
] as const;

/** How far a weekend rises above its nights, beside a working day. */
const weekendShare = 0.35;

/** The share of the recorded requests that is replayed at a time, in `(0, 1]`. */
export function shareAt(minute: Instant): number {
  const day = Math.floor(minute / dayMs);
  const hours = (minute - day * dayMs) / hourMs;
  const hour = Math.floor(hours);
  const here = workday[hour] ?? 0;
  const next = workday[(hour + 1) % workday.length] ?? 0;
  const percent = here + (next - here) * (hours - hour);
  // Day 0 of the epoch was a Thursday.
  const weekend = (day + 4) % 7 === 0 || (day + 4) % 7 === 6;
  return (weekend ? 15 + (percent - 15) * weekendShare : percent) / 100;
}

export function isActive(season: Season | undefined, minute: Instant): boolean {
  if (season === undefined) return true;
  return Math.floor(minute / dayMs) % season.cycleDays < season.activeDays;
}
