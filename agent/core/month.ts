import type { Instant, Window } from './time.ts';

/** The start of the UTC calendar month that holds the instant. */
export function monthStart(instant: Instant): Instant {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** The start of the UTC calendar month after it. */
export function nextMonth(instant: Instant): Instant {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** A span cut at the starts of months; the first and last piece may be shorter. Oldest first. */
export function splitByMonth({ start, end }: Window): readonly Window[] {
  const pieces: Window[] = [];
  for (let from = start; from < end;) {
    const to = Math.min(nextMonth(from), end);
    pieces.push({ start: from, end: to });
    from = to;
  }
  return pieces;
}
