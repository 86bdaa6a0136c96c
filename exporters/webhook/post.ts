import type { LookupFunction } from 'node:net';
import { EnvHttpProxyAgent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { SendOutcome } from '../../agent/core/alert.ts';
import { withDeadline } from '../../agent/core/deadline.ts';
import { isForbiddenHost } from './forbidden.ts';
import { ForbiddenAddressError, forbiddenMeans, guardedLookup } from './guarded-lookup.ts';
import { outcomeOf, unanswered, unsendable } from './outcome.ts';
import { originOf, redact } from './redact.ts';
import type { Post } from './settings.ts';

export interface PosterOptions {
  readonly version: string;
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read here, in either case. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the first byte asked for to the last one answered. */
  readonly timeoutMs?: number;
  /** How names are resolved; the machine's own way unless given. */
  readonly lookup?: LookupFunction;
}

export interface Poster {
  readonly post: Post;
  readonly close: () => Promise<void>;
}

/** Standard Webhooks asks for 15 to 30 s. */
const defaultTimeoutMs = 15_000;
/** More of an answer is not read. */
const answerBytes = 4_096;

/** The one place from which messages leave the process. Connections are not kept: messages are rare, and stale ones fail. */
export function createPoster(options: PosterOptions): Poster {
  const agent = new EnvHttpProxyAgent({
    ...proxies(options.env),
    pipelining: 0,
    connect: { lookup: guardedLookup(options.lookup), timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const { timeoutMs = defaultTimeoutMs } = options;
  const userAgent = `crossbill/${options.version}`;

  const post: Post = async ({ url, body, headers, secrets }, at, signal) => {
    const hidden = (text: string) => redact(text, url, secrets);
    if (!/^https?:/.test(url) || !URL.canParse(url)) return unsendable('url is no http(s) address');
    if (isForbiddenHost(new URL(url).hostname)) return unsendable(forbiddenMeans);
    let answered: { status: number; retryAfter: string | undefined } | undefined;
    let said = '';
    try {
      await withDeadline(signal, timeoutMs, async (deadline) => {
        const response = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal: deadline,
          headers: { 'content-type': 'application/json', 'user-agent': userAgent, ...headers },
          body,
        });
        const retryAfter = response.headers['retry-after'];
        answered = { status: response.statusCode, retryAfter: [retryAfter].flat()[0] };
        for await (const text of textOf(response.body)) said += text;
      });
    } catch (thrown) {
      // The status is the answer: what becomes of the text behind it changes nothing.
      if (answered === undefined) return failed(thrown, url, hidden);
    }
    if (answered === undefined) return unanswered('no answer');
    return outcomeOf(answered.status, hidden(said), answered.retryAfter, at);
  };
  return { post, close: () => agent.destroy() };
}

/** Loopback is reached directly, whatever is said of proxies. */
function proxies(env: PosterOptions['env']) {
  const of = (name: string) => env[name.toLowerCase()] ?? env[name] ?? '';
  const around = of('NO_PROXY').trim();
  return {
    httpProxy: of('HTTP_PROXY'),
    httpsProxy: of('HTTPS_PROXY'),
    noProxy: around === '*' ? '*' : [around, 'localhost', '127.0.0.1', '[::1]'].join(','),
  };
}

/** The first bytes; the rest is not waited for. */
async function* textOf(body: Dispatcher.ResponseData['body']): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of body) {
    const part: unknown = chunk;
    if (!(part instanceof Uint8Array)) continue;
    yield decoder.decode(part.subarray(0, answerBytes - bytes), { stream: true });
    bytes += part.byteLength;
    if (bytes >= answerBytes) return;
  }
}

function failed(thrown: unknown, url: string, hidden: (text: string) => string): SendOutcome {
  const errors = chainOf(thrown);
  if (errors.some((error) => error instanceof ForbiddenAddressError)) {
    return unsendable(forbiddenMeans);
  }
  const [first] = errors;
  if (first?.name === 'TimeoutError') return unanswered(`${originOf(url)}: ${first.message}`);
  const code = errors.map((error) => ('code' in error ? String(error.code) : '')).find(Boolean);
  const why = errors.map((error) => error.message).find((message) => message !== '');
  return unanswered(`${originOf(url)}: ${hidden([code, why].filter(Boolean).join(': '))}`);
}

/** An error and what it says was behind it. */
function chainOf(thrown: unknown): readonly Error[] {
  if (!(thrown instanceof Error)) return [];
  const inner = thrown instanceof AggregateError ? thrown.errors.flatMap(chainOf) : [];
  return [thrown, ...inner, ...chainOf(thrown.cause)];
}
