import { hourMs, minuteMs, secondMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { HeaderLookup } from '../retry-after.ts';

/** Whose patience is spent: units of a month, the scope, the tenant, all who name the same client. */
const buckets = ['qpu', 'entity', 'tenant', 'clienttype'] as const;

/** What Azure asks is at times too short: more on top of it, and never less than a minute. */
const marginMs = 5 * secondMs;
const leastMs = minuteMs;
const mostMs = hourMs;

/** Seconds that a bucket asks to wait, in this header. */
export function throttleHeader(bucket: (typeof buckets)[number]): string {
  return `x-ms-ratelimit-microsoft.costmanagement-${bucket}-retry-after`;
}

/** How long to wait after a refusal of Cost Management: the longest that any header asks, and a margin. Milliseconds. */
export function costWaitMs(header: HeaderLookup, text: string, now: Instant): number {
  const asked = buckets.map((bucket) => secondsOf(header(throttleHeader(bucket))) * secondMs);
  const longest = Math.max(retryAfterMs(header, text, now) ?? 0, ...asked);
  return Math.min(mostMs, Math.max(leastMs, longest + marginMs));
}

function secondsOf(text: string | undefined): number {
  const stated = text?.trim() ?? '';
  return /^\d+(?:\.\d+)?$/.test(stated) ? Number(stated) : 0;
}
