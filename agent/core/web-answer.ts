import { withDeadline } from './deadline.ts';
import { ExternalError } from './errors.ts';
import type { FailureReason } from './errors.ts';
import { hourMs, secondMs } from './time.ts';
import type { Instant } from './time.ts';

/** One GET of a public JSON document. It carries no secret, so its address may stand in messages. */
export interface WebQuestion {
  /** In the vendor's words: `pricing:GET AmazonBedrock`. */
  readonly operation: string;
  readonly url: URL;
  /** From the first byte asked for to the last one answered. */
  readonly timeoutMs: number;
  /** Of the unpacked body; a longer one is given up as soon as it is. */
  readonly maxBytes: number;
  /** Headers that say how many seconds to wait, besides `Retry-After`. */
  readonly waitHeaders?: readonly string[];
  /** Whether an answer other than 200 means that there is no such document. 404 always does. */
  readonly isAbsent?: (status: number, body: string) => boolean;
}

/** Makes the request; follows no redirect. */
export type Send = (url: URL, signal: AbortSignal) => Promise<Response>;

/** Whoever asks for more patience than this is asked again after it all the same. */
const longestWaitMs = hourMs;

/**
 * The document, parsed; undefined where there is none. Throws ExternalError for everything else: refused, slow, cut,
 * too long, not JSON. Asks once.
 */
export async function askJson(
  question: WebQuestion,
  send: Send,
  signal: AbortSignal,
  now: () => Instant,
): Promise<unknown> {
  const { status, headers, body } = await answerOf(question, send, signal);
  if (status === 404 || (status !== 200 && question.isAbsent?.(status, body) === true)) {
    return undefined;
  }
  if (status !== 200) throw refused(question, status, headers, now());
  try {
    return JSON.parse(body);
  } catch {
    throw failure(question, 'bad_response', `${body.length} characters that are no whole JSON`, {
      hint: 'The answer was cut, or a proxy in between answered itself. Nothing was kept; ask again.',
    });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

async function answerOf(question: WebQuestion, send: Send, outer: AbortSignal): Promise<Answer> {
  try {
    return await withDeadline(outer, question.timeoutMs, async (signal) => {
      const response = await send(question.url, signal);
      const body = await textWithin(response.body ?? [], question.maxBytes);
      if (body !== undefined) return { status: response.status, headers: response.headers, body };
      throw failure(question, 'bad_response', `more than ${question.maxBytes} bytes`, {
        hint: 'This is no list of the size that is known; look at what answers at this address.',
      });
    });
  } catch (thrown) {
    if (thrown instanceof ExternalError) throw thrown;
    if (outer.aborted) throw failure(question, 'timeout', 'stopped before the answer came', {});
    throw failure(question, ...symptomsOf(thrown), {});
  }
}

/** Undefined as soon as it is longer than allowed. */
async function textWithin(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function refused(
  question: WebQuestion,
  status: number,
  headers: Headers,
  now: Instant,
): ExternalError {
  const retryAfterMs = waitOf(question, headers, now);
  const more = retryAfterMs === undefined ? {} : { retryAfterMs };
  return failure(question, reasonOfStatus(status), `answered ${status}`, more);
}

function reasonOfStatus(status: number): FailureReason {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403 || status === 407) return 'denied';
  if (status === 408) return 'timeout';
  return status >= 500 ? 'unreachable' : 'bad_response';
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), at most `longestWaitMs`. */
function waitOf(question: WebQuestion, headers: Headers, now: Instant): number | undefined {
  for (const name of [...(question.waitHeaders ?? []), 'retry-after']) {
    const text = headers.get(name)?.trim() ?? '';
    const wait = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * secondMs : Date.parse(text) - now;
    if (!Number.isNaN(wait)) return Math.min(longestWaitMs, Math.max(0, Math.ceil(wait)));
  }
  return undefined;
}

/** A failed fetch says why in the cause of its error, and there in a code. */
function symptomsOf(thrown: unknown): readonly [reason: FailureReason, said: string] {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'TimeoutError') return ['timeout', error.message];
  const { cause } = error;
  const code = isRecord(cause) && typeof cause['code'] === 'string' ? cause['code'] : '';
  if (/TIMEOUT|TIMEDOUT/.test(code)) return ['timeout', code];
  return ['unreachable', code === '' ? error.message : code];
}

const hints: Readonly<Record<FailureReason, string>> = {
  unreachable: 'Check DNS, the route and any proxy from here to this address; then ask again.',
  timeout: 'The list is long: ask again when the line is free.',
  throttled: 'Ask again later; once a day is enough.',
  denied:
    'The list is public: a proxy or firewall in between refuses it. Let this address through.',
  bad_response: 'Nothing was kept. Look at what answers at this address, then ask again.',
  conflict: 'Ask again.',
};

function failure(
  { operation, url }: WebQuestion,
  reason: FailureReason,
  said: string,
  more: { readonly hint?: string; readonly retryAfterMs?: number },
): ExternalError {
  const message = `${operation} at ${url.origin}${url.pathname}: ${said}`;
  return new ExternalError(message, { reason, operation, hint: hints[reason], ...more });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A trailing slash or path is dropped. Throws an Error for plain http beyond this machine, and for what is no address. */
export function listOrigin(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const loopback =
    url !== undefined && /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return url.origin;
  throw new Error(`${address}: no https address; plain http is for loopback addresses only`);
}
