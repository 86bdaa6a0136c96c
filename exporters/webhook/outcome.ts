import type { SendOutcome } from '../../agent/core/alert.ts';
import { secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';

/** As much of an answer as is kept, in characters. */
const keptCharacters = 500;

/** Statuses below 500 that say: later. */
const later: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What an answer means for the message. A redirect is not followed: a signed body goes to the configured address or
 * nowhere. It is tried again, as Standard Webhooks asks for every failure, since somebody may correct it meanwhile.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function outcomeOf(
  status: number,
  body: string,
  retryAfter: string | undefined,
  at: Instant,
): SendOutcome {
  return {
    result: resultOf(status),
    status,
    answer: status >= 300 && status < 400 ? redirected(status) : printable(body),
    retryAfterMs: retryAfterMs(retryAfter, at),
  };
}

function resultOf(status: number): SendOutcome['result'] {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 410) return 'gone';
  if (status < 400 || status >= 500 || later.has(status)) return 'retry';
  return 'refused';
}

function redirected(status: number): string {
  return `a redirect (${status}), which is not followed; set url to where it leads`;
}

/** What was not answered at all, to be tried again. */
export function unanswered(why: string): SendOutcome {
  return { result: 'retry', status: null, answer: printable(why), retryAfterMs: null };
}

/** What was never sent, and would not be if it were tried again. */
export function unsendable(why: string): SendOutcome {
  return { result: 'refused', status: null, answer: printable(why), retryAfterMs: null };
}

/** One line without anything that steers a terminal or turns text around, cut to what is kept. */
function printable(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return Array.from(line).slice(0, keptCharacters).join('');
}

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3), as milliseconds from `at`; null where it says neither.
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
function retryAfterMs(text: string | undefined, at: Instant): number | null {
  const said = text?.trim() ?? '';
  if (/^\d{1,12}$/.test(said)) return Number(said) * secondMs;
  return httpDate.test(said) ? Math.max(0, Date.parse(said) - at) : null;
}
