import { secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';

/** How one header is looked up; undefined when absent. */
export type HeaderLookup = (name: string) => string | undefined;

/** `Please try again after '309' seconds.`, as Resource Manager writes it where it sends no header. */
const inWords = /try again (?:after|in) '?(\d+)'? seconds?/i;

/**
 * How long an answer asks to wait, in milliseconds; undefined when it does not say. The headers win over the text,
 * the exact ones over the rounded one. `Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3).
 */
export function retryAfterMs(header: HeaderLookup, text: string, now: Instant): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const exact = positive(header(name));
    if (exact !== undefined) return exact;
  }
  const stated = header('retry-after');
  const seconds = positive(stated);
  if (seconds !== undefined) return seconds * secondMs;
  const date = stated === undefined ? Number.NaN : Date.parse(stated);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const words = positive(inWords.exec(text)?.[1]);
  return words === undefined ? undefined : words * secondMs;
}

function positive(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
