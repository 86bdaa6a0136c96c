import { isRestError } from '@azure/core-rest-pipeline';
import type { RestError } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import { ExternalError } from '../../agent/core/errors.ts';
import type { FailureReason } from '../../agent/core/errors.ts';
import type { Instant } from '../../agent/core/time.ts';
import { retryAfterMs } from './retry-after.ts';

/** What was being done when something failed. */
export interface Attempt {
  /** The permission it needs, which is also its name: `Microsoft.Insights/metrics/read`. */
  readonly operation: string;
  /** Of what: `account aoai-1`, `subscription 0000…`. */
  readonly subject: string;
  /** The least role that permits it, and where to grant it. */
  readonly role: string;
}

export interface ErrorContext {
  readonly now: Instant;
  /** Takes every secret out of a text. */
  readonly redact: (text: string) => string;
  /** What to set when no token can be had. */
  readonly credentialHint: string;
}

interface Verdict {
  readonly reason: FailureReason;
  readonly hint: string;
  readonly retryAfterMs?: number | undefined;
  readonly ofCredentials?: boolean;
}

const longestMessage = 500;
const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'REQUEST_SEND_ERROR',
]);
const networkWords =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|network_error|endpoints_resolution_error/;
const credentialErrors = new Set([
  'CredentialUnavailableError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'AggregateAuthenticationError',
  'ClientConfigurationError',
]);
/** What Azure answers when the dimensions or metrics asked for are not, or no longer, those of its definitions. */
const outdated =
  /does not support requested dimension combination|failed to find metric configuration/i;

/** True where cached metric definitions no longer hold. */
export function contradictsDefinitions(error: ExternalError): boolean {
  return error.reason === 'bad_response' && outdated.test(error.message);
}

/** A short answer that is not what it should be: missing pieces, a wrong span, a metric left out. */
export function badAnswer(message: string, attempt: Attempt): ExternalError {
  return new ExternalError(`${attempt.operation} of ${attempt.subject}: ${message}`, {
    reason: 'bad_response',
    operation: attempt.operation,
    hint: 'Nothing was stored; the same window is asked for again. Report it if it stays.',
  });
}

/** Any failure of a call to Azure. Its cause is left out: it would carry the request, token and all. */
export function azureError(
  thrown: unknown,
  attempt: Attempt,
  context: ErrorContext,
): ExternalError {
  if (thrown instanceof ExternalError) return thrown;
  const { verdict, said } = judge(thrown, attempt, context);
  const text = context.redact(`${attempt.operation} of ${attempt.subject}: ${said}`);
  return new ExternalError(shorten(text), {
    reason: verdict.reason,
    operation: attempt.operation,
    hint: verdict.hint,
    ofCredentials: verdict.ofCredentials ?? false,
    ...(verdict.retryAfterMs === undefined ? {} : { retryAfterMs: verdict.retryAfterMs }),
  });
}

interface Judged {
  readonly verdict: Verdict;
  readonly said: string;
}

function judge(thrown: unknown, attempt: Attempt, context: ErrorContext): Judged {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return { verdict: tooSlow, said: 'no answer in time' };
  }
  if (credentialErrors.has(error.name)) {
    const verdict: Verdict = networkWords.test(error.message)
      ? { reason: 'unreachable', hint: 'The sign-in service cannot be reached: check DNS, proxy.' }
      : { reason: 'denied', hint: context.credentialHint, ofCredentials: true };
    return { verdict, said: `no token: ${error.message}` };
  }
  if (isRestError(error)) return judgeRest(error, attempt, context.now);
  const hint = 'The answer lacks what it should have; report it if it stays.';
  return { verdict: { reason: 'bad_response', hint }, said: error.message };
}

function judgeRest(error: RestError, attempt: Attempt, now: Instant): Judged {
  const { statusCode = 0, code } = error;
  const said = saidBy(error);
  if (statusCode !== 0 && (statusCode < 200 || statusCode >= 300)) {
    return { verdict: ofStatus(error, said, attempt, now), said };
  }
  if (code !== undefined && unreachableCodes.has(code)) {
    const hint = 'Check the endpoint, DNS, proxy and firewall.';
    return { verdict: { reason: 'unreachable', hint }, said };
  }
  const hint = 'The answer was cut or is not JSON; it is asked for again.';
  return { verdict: { reason: 'bad_response', hint }, said };
}

function ofStatus(error: RestError, said: string, attempt: Attempt, now: Instant): Verdict {
  const status = error.statusCode ?? 0;
  const fixed = fixedVerdicts[status];
  if (fixed !== undefined) return fixed;
  if (status === 403) {
    const unregistered = /not registered|register the|register with/i.test(said);
    return { reason: 'denied', hint: unregistered ? registerHint : `Grant ${attempt.role}.` };
  }
  if (status === 429 || status === 503 || status === 529) {
    const { headers, bodyAsText } = error.response ?? {};
    return {
      reason: 'throttled',
      hint: 'Azure asked to slow down; it is asked again later.',
      retryAfterMs: retryAfterMs((name) => headers?.get(name), `${said} ${bodyAsText ?? ''}`, now),
    };
  }
  if (status >= 500) {
    return { reason: 'unreachable', hint: 'A fault on the side of Azure; it is asked again.' };
  }
  return {
    reason: 'bad_response',
    hint: outdated.test(said)
      ? 'The metric definitions changed; they are read again at the next discovery.'
      : 'Azure refused the question; report it with this line.',
  };
}

const registerHint =
  'Register the resource provider: az provider register --namespace Microsoft.Insights';
const tooSlow: Verdict = { reason: 'timeout', hint: 'Azure was too slow; it is asked again.' };
const fixedVerdicts: Readonly<Record<number, Verdict>> = {
  401: {
    reason: 'denied',
    hint: 'The token was refused: check tenant and credential of this source.',
    ofCredentials: true,
  },
  404: { reason: 'bad_response', hint: 'It was deleted or moved; the next discovery drops it.' },
  408: tooSlow,
  409: { reason: 'conflict', hint: 'Somebody has to resolve what Azure says here.' },
};

const flatBody = z.object({ code: z.string().optional(), message: z.string() });
const wrappedBody = z.object({ error: flatBody });
const metricsBody = z.object({
  value: z.array(
    z.object({ errorCode: z.string().optional(), errorMessage: z.string().optional() }),
  ),
});

/** `403 AuthorizationFailed: The client …`: the body's own words where it has any. */
function saidBy(error: RestError): string {
  const body = parsed(error.response?.bodyAsText);
  const said =
    wrappedBody.safeParse(body).data?.error ?? flatBody.safeParse(body).data ?? metricSaid(body);
  const head = [error.statusCode, said?.code ?? error.code].filter((part) => part !== undefined);
  const separator = head.length === 0 ? '' : ': ';
  return `${head.join(' ')}${separator}${said?.message ?? error.message}`;
}

function metricSaid(body: unknown): { code?: string | undefined; message: string } | undefined {
  const failed = metricsBody
    .safeParse(body)
    .data?.value.find((one) => one.errorMessage !== undefined);
  return failed?.errorMessage === undefined
    ? undefined
    : { code: failed.errorCode, message: failed.errorMessage };
}

function parsed(text: string | null | undefined): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length <= longestMessage ? flat : `${flat.slice(0, longestMessage)}…`;
}
