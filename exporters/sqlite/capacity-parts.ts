import type { RateRange, Rater } from '../../agent/core/rating.ts';
import { floorTo, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import type { StoredCapacityHour } from './capacity-rows.ts';
import { subjectOf } from './held-capacity.ts';
import type { HeldCapacity } from './held-capacity.ts';

/** The part of an hour that is charged, in minutes since the epoch. */
export type CapacityPart = Pick<StoredCapacityHour, 'minute' | 'fromMinute' | 'toMinute'>;

const minutesOfHour = 60;

/** The hours that touch a span of minutes, each cut to what is charged at all. */
export function partsOf(
  start: number,
  end: number,
  chargedFrom = -Infinity,
  chargedTo = Infinity,
): readonly CapacityPart[] {
  const parts: CapacityPart[] = [];
  const first = floorTo(start, minutesOfHour);
  for (let minute = first; minute < end; minute += minutesOfHour) {
    const fromMinute = Math.max(minute, chargedFrom);
    const toMinute = Math.min(minute + minutesOfHour, chargedTo);
    if (fromMinute < toMinute) parts.push({ minute, fromMinute, toMinute });
  }
  return parts;
}

/** Hours of a span of minutes that are not charged yet, or not all of them, oldest first, given the first and the last that are. */
export function missingParts(
  ends: readonly [CapacityPart, CapacityPart] | undefined,
  { start, end }: Window,
): readonly CapacityPart[] {
  if (ends === undefined) return partsOf(start, end, start, end);
  const [first, last] = ends;
  const from = Math.min(start, first.fromMinute);
  const to = Math.max(end, last.toMinute);
  return [
    ...(start < first.fromMinute ? partsOf(start, first.minute + minutesOfHour, from, to) : []),
    ...(end > last.toMinute ? partsOf(last.minute, end, from, to) : []),
  ];
}

/** By the minute an hour starts at. */
export function capacityCosts(
  one: HeldCapacity,
  fromMinute: number,
  toMinute: number,
  rater: Rater,
): ReadonlyMap<number, { readonly unitMs: number; readonly cost: RateRange | null }> {
  const { sku, units, key } = one;
  const window = { start: fromMinute * minuteMs, end: toMinute * minuteMs };
  const span = { deployment: key.deployment, sku, units, from: window.start, to: window.end };
  const hours = rater.capacityHoursOf(subjectOf(one), [span], window);
  return new Map(hours.map(({ start, unitMs, cost }) => [start / minuteMs, { unitMs, cost }]));
}
