import type { Instant } from '../core/time.ts';
import { instantPattern } from './instant-pattern.ts';

const wellFormed = new RegExp(instantPattern);
const isoLike = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)/i;
/** No number of milliseconds that may be written has fewer digits. */
const leastDigits = 12;

export type ParsedInstant =
  | { readonly ok: true; readonly instant: Instant }
  /** What is wrong and what to write instead. */
  | { readonly ok: false; readonly problem: string };

/**
 * ISO 8601 (`2026-11-01`, `2026-11-01T10:00`, `2026-11-01T10:00:00+01:00`) or epoch milliseconds. Without an offset it
 * is UTC, whatever the zone of this machine.
 */
export function parseInstant(text: string): ParsedInstant {
  const trimmed = text.trim();
  if (!wellFormed.test(trimmed)) return { ok: false, problem: whyNot(trimmed) };
  if (/^\d+$/.test(trimmed)) return { ok: true, instant: Number(trimmed) };
  const spelled = trimmed.toUpperCase().replace(' ', 'T').replace(',', '.');
  const isZoned = spelled.length === 10 || /(?:Z|[+-]\d{2}:?\d{2})$/.test(spelled.slice(10));
  // An hour of 1970 in the east lies before the epoch.
  return { ok: true, instant: Math.max(0, Date.parse(isZoned ? spelled : `${spelled}Z`)) };
}

function whyNot(text: string): string {
  if (/^\d+$/.test(text)) {
    return text.length < leastDigits
      ? 'too small for epoch milliseconds; for seconds add 000, for a date write 2026-11-01'
      : 'no epoch milliseconds: they have 12 to 14 digits';
  }
  return isoLike.test(text)
    ? 'no such day or hour; check the year, the month, the day and the time'
    : 'not a time; write 2026-11-01, 2026-11-01T10:00:00Z or epoch milliseconds';
}
