import type { Instant } from '../core/time.ts';

const iso =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;
/** 1973 in milliseconds; below it a number is more likely seconds, a year or a date without dashes. */
const leastMs = 100_000_000_000;
const year10000 = 253_402_300_800_000;

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
  if (/^\d+$/.test(trimmed)) return fromNumber(Number(trimmed));
  const [whole, offset] = iso.exec(trimmed) ?? [];
  if (whole === undefined) {
    return wrong('not a time; write 2026-11-01, 2026-11-01T10:00:00Z or epoch milliseconds');
  }
  const spelled = whole.toUpperCase().replace(' ', 'T').replace(',', '.');
  const zoned = spelled.length > 10 && offset === undefined ? `${spelled}Z` : spelled;
  const instant = Date.parse(zoned);
  return Number.isNaN(instant) || rollsOver(spelled)
    ? wrong('no such day or hour; check the month, the day and the time')
    : { ok: true, instant };
}

function fromNumber(ms: number): ParsedInstant {
  if (ms === 0 || (ms >= leastMs && ms < year10000)) return { ok: true, instant: ms };
  return ms < leastMs
    ? wrong('too small for epoch milliseconds; for seconds add 000, for a date write 2026-11-01')
    : wrong('too large for epoch milliseconds; write a time before the year 10000');
}

/** `Date.parse` takes the 30th of February for a day in March. */
function rollsOver(spelled: string): boolean {
  const day = Number(spelled.slice(8, 10));
  return new Date(`${spelled.slice(0, 10)}T00:00:00Z`).getUTCDate() !== day;
}

function wrong(problem: string): ParsedInstant {
  return { ok: false, problem };
}
