import { ExternalError } from '../../agent/core/errors.ts';
import type { FailureReason } from '../../agent/core/errors.ts';

/** Why spans did not arrive, and what a person can do about it. */
export interface Undelivered {
  readonly reason: FailureReason;
  readonly message: string;
  readonly hint: string;
}

export const checkHeaders = 'Check `headers` of this exporter in crossbill.yaml.';

const noTraces =
  'Does this endpoint take traces, as OTLP in JSON at /v1/traces? Some take metrics only.';
const nobodyThere = 'Is an OpenTelemetry collector listening there for OTLP over HTTP?';
const tooSlow = 'The collector is overloaded or too slow; the next spans are sent as before.';

/** Of a collector's answer, enough to recognise it. Characters. */
const shownAnswer = 200;

/**
 * What the SDK's exporter says of a delivery, in the agent's words. A number as `code` is the HTTP status, with the answer
 * as `data`; a text is Node's name of the fault; with no `code` it was a timeout, or a status that is worth another try.
 * @param redact takes secrets out of what the collector answered
 */
export function undelivered(
  error: Error | undefined,
  redact: (text: string) => string,
): Undelivered {
  if (error instanceof ExternalError) return pick(error.reason, error.message, error.hint);
  const code = property(error, 'code');
  if (typeof code === 'number') {
    const answer = redact(text(property(error, 'data'))).trim();
    const message = `answered ${code}${answer && `: ${answer.slice(0, shownAnswer)}`}`;
    return code === 401 || code === 403
      ? pick('denied', message, checkHeaders)
      : pick('bad_response', message, noTraces);
  }
  const message = redact(error?.message ?? '') || text(code) || 'no reason given';
  if (typeof code !== 'string') {
    return message === 'Request timed out'
      ? pick('timeout', 'no answer in time', tooSlow)
      : pick('throttled', `answered 429, 502, 503 or 504 (${message})`, tooSlow);
  }
  return code.startsWith('ERR_INVALID_')
    ? pick('denied', message, checkHeaders)
    : pick('unreachable', message, nobodyThere);
}

function pick(reason: FailureReason, message: string, hint: string): Undelivered {
  return { reason, message, hint };
}

function property(error: Error | undefined, name: string): unknown {
  return error === undefined ? undefined : Reflect.get(error, name);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
