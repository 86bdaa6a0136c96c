import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { withDeadline } from '../../agent/core/deadline.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import type { FailureReason } from '../../agent/core/errors.ts';
import type { Instant } from '../../agent/core/time.ts';
import { readRefusal, readRetryAfter, readTaken } from './answer.ts';
import type { Taken } from './answer.ts';
import { redactHeaders } from './redact.ts';
import { checkHeaders } from './undelivered.ts';

/** Points it will not have, or not in this form, however often they are sent. */
export interface Refused {
  readonly refused: string;
}

export interface MetricsEndpoint {
  /** `http://127.0.0.1:4318`; metrics are posted to `/v1/metrics` below it. */
  readonly endpoint: string;
  /** Asked for each request, so that a rotated secret is seen. What it gives or throws: no value is told on. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly contentType: 'application/x-protobuf' | 'application/json';
  readonly userAgent: string;
  /** Of one request, from the first byte to the last one of the answer. */
  readonly timeoutMs: number;
  readonly now: () => Instant;
}

/** Sends one body. Throws ExternalError where it is not known to have arrived. */
export type PostMetrics = (body: Uint8Array, signal: AbortSignal) => Promise<Taken | Refused>;

/** More of an answer is not read. */
const mostAnswerBytes = 65_536;
const operation = 'otlp:ExportMetrics';
const compress = promisify(gzip);

/** A way to one endpoint, over TLS where the address says so; redirects are not followed, for a secret may be in a header. */
export function createPostMetrics(settings: MetricsEndpoint): PostMetrics {
  const url = `${settings.endpoint.replace(/\/+$/, '')}/v1/metrics`;

  return async function post(body, signal) {
    const own = readHeaders(settings);
    const fail = (reason: FailureReason, said: string, hint: string, retryAfterMs?: number) => {
      const message = `${url}: ${redactHeaders(said, own)}`;
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      return new ExternalError(message, { reason, operation, hint, ...wait });
    };
    const headers = headersOf(own, settings);
    if (headers === undefined) throw fail('denied', 'a header cannot be sent', checkHeaders);

    const { status, type, retryAfter, said } = await withDeadline(
      signal,
      settings.timeoutMs,
      async (deadline) => {
        const response = await fetch(url, {
          method: 'POST',
          headers,
          body: await compress(body),
          redirect: 'manual',
          signal: deadline,
        });
        return {
          status: response.status,
          type: response.headers.get('content-type') ?? '',
          retryAfter: readRetryAfter(response.headers.get('retry-after'), settings.now()),
          said: await answerOf(response),
        };
      },
    ).catch((thrown: unknown) => {
      if (signal.aborted) throw fail('timeout', 'stopped before the answer came', tryAgain);
      const [reason, why] = symptomsOf(thrown);
      throw fail(reason, why, reason === 'timeout' ? tooSlow : nobodyThere);
    });

    if (status >= 200 && status < 300) {
      const taken = readTaken(said, type);
      if (taken !== undefined) return { ...taken, message: redactHeaders(taken.message, own) };
      // What sends pages for people is no receiver of metrics, whatever its status says.
      if (/html/i.test(type)) throw fail('bad_response', `answered ${status} with a page`, notOtlp);
      return { rejected: 0, message: `answered ${status} in words that are not OTLP` };
    }
    const why = `answered ${status}: ${readRefusal(said)}`.replace(/: $/, '');
    if (bodiesFault.has(status)) return { refused: redactHeaders(why, own) };
    const [reason, hint] = meaningOf(status);
    throw fail(reason, why, hint, retryAfter);
  };
}

const tryAgain = 'The same points are sent again.';
const tooSlow = 'The backend is overloaded or too slow; the same points are sent again.';
const nobodyThere =
  'Does a backend listen there for OTLP over HTTP? The same points are sent again.';
const notOtlp = 'Does this endpoint take metrics, as OTLP at /v1/metrics? Nothing counts as sent.';

/** What is refused for what it holds: bad data, too much of it. */
const bodiesFault: ReadonlySet<number> = new Set([400, 413, 422]);

/** https://opentelemetry.io/docs/specs/otlp/#failures-1 */
function meaningOf(status: number): readonly [reason: FailureReason, hint: string] {
  if (status === 401 || status === 403 || status === 407) return ['denied', checkHeaders];
  if (status === 429) return ['throttled', tooSlow];
  if (status === 408) return ['timeout', tooSlow];
  if (status >= 500) return ['unreachable', tryAgain];
  if (status < 400) return ['bad_response', 'Redirects are not followed: give the address itself.'];
  return ['bad_response', notOtlp];
}

function readHeaders({ headers }: MetricsEndpoint): Readonly<Record<string, string>> {
  try {
    return headers();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const detail = { reason: 'denied', operation: 'read headers', hint: checkHeaders } as const;
    throw new ExternalError(message, detail, { cause: thrown });
  }
}

/** Undefined where one has a value that HTTP does not allow; the error would repeat it. */
function headersOf(
  own: Readonly<Record<string, string>>,
  { contentType, userAgent }: MetricsEndpoint,
): Headers | undefined {
  try {
    const headers = new Headers(own);
    if (!headers.has('user-agent')) headers.set('user-agent', userAgent);
    headers.set('content-type', contentType);
    headers.set('content-encoding', 'gzip');
    return headers;
  } catch {
    return undefined;
  }
}

/** The first bytes. The status is the answer: a body that breaks off behind it changes nothing. */
async function answerOf({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      if (!(chunk instanceof Uint8Array)) continue;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) break;
    }
  } catch {
    return Buffer.concat(chunks);
  }
  return Buffer.concat(chunks);
}

/** A failed fetch says why in the cause of its error, and there in a code. */
function symptomsOf(thrown: unknown): readonly [reason: FailureReason, said: string] {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'TimeoutError') return ['timeout', error.message];
  const { cause } = error;
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (/TIMEOUT|TIMEDOUT/.test(code)) return ['timeout', code];
  return ['unreachable', code === '' ? error.message : code];
}
