import { dayMs, floorTo, hourMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';

/**
 * Microsoft refreshes costs every four hours, tells usage 8 to 24 hours late and may correct an open month until 72 hours
 * after its end. That a day does not change once five have passed is what users see, nowhere promised.
 * https://learn.microsoft.com/en-us/azure/cost-management-billing/costs/understand-cost-mgt-data
 */
const correctedForMs = 72 * hourMs;
const settlesAfterMs = 5 * dayMs;

/** The first day that may still change: of the open month, of the one before until it is corrected, of the last five days. */
export function openFrom(now: Instant): Instant {
  const today = new Date(now);
  const month = monthStart(today, 0);
  const open = now < month + correctedForMs ? monthStart(today, -1) : month;
  return Math.min(open, finalUntil(now));
}

/** Days that end at or before this are not expected to change. */
export function finalUntil(now: Instant): Instant {
  return floorTo(now, dayMs) - settlesAfterMs;
}

function monthStart(at: Date, months: number): Instant {
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1);
}
