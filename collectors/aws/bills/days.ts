import { dayMs, floorTo, isoUtc } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';

/** `2026-11-23`, as Cost Explorer writes days. */
export function dateOf(day: Instant): string {
  return isoUtc(day).slice(0, 10);
}

/** The start of a UTC day; undefined for a text that names none. */
export function dayOf(date: string | undefined): Instant | undefined {
  if (date === undefined || !/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const day = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(day) || dateOf(day) !== date ? undefined : day;
}

/** The first day of the UTC month, `months` before it. */
export function monthOf(instant: Instant, months = 0): Instant {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1);
}

/** Throws RangeError for what is not whole UTC days. */
export function checkDays({ start, end }: Window): void {
  if (start < end && floorTo(start, dayMs) === start && floorTo(end, dayMs) === end) return;
  throw new RangeError(`[${start}, ${end}) is empty or not whole UTC days`);
}

/**
 * How long a month stays open after its end. AWS sends its invoices between the third and the fifth day of the next
 * month, and may change the bill until then.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/invoice.html
 */
const monthOpenForMs = 5 * dayMs;

/** The first day that may still change: of the month before until its fifth day is over, of this month from then on. */
export function openSince(now: Instant): Instant {
  return monthOf(now, now < monthOf(now) + monthOpenForMs ? 1 : 0);
}
