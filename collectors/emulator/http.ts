import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Received {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case; a repeated header's values joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer as an HTTP server gives it. */
export interface Served {
  readonly kind?: 'answer';
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What goes back. `reset` closes the connection without a word, `hang` never answers, `drip` sends byte by byte. */
export type Answer =
  | Served
  | (Omit<Served, 'kind'> & { readonly kind: 'drip'; readonly everyMs: number })
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

export interface Loopback {
  /** `http://127.0.0.1:4566`, without a slash at the end. */
  readonly url: string;
  /** Ends every connection, the hanging ones too. */
  close(): Promise<void>;
}

export type Handler = (received: Received) => Answer | Promise<Answer>;

export function jsonAnswer(
  status: number,
  value: unknown,
  contentType = 'application/json',
): Served {
  return { status, headers: { 'content-type': contentType }, body: JSON.stringify(value) };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'http://127.0.0.1'),
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer.kind === 'hang') return;
  if (answer.kind === 'reset') {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers ?? {});
  if (answer.kind === 'drip') drip(response, Buffer.from(answer.body), answer.everyMs);
  else response.end(answer.body);
}

/** Ends with the body, or when the other side has gone. */
function drip(response: ServerResponse, body: Buffer, everyMs: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    sent += 1;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}

/** Serves on 127.0.0.1 and nowhere else; port 0 takes a free one. An error of the handler is a plain 500. */
export async function serveLoopback(port: number, handle: Handler): Promise<Loopback> {
  const server = createServer((request, response) => {
    receive(request)
      .then(handle)
      .then(
        (answer) => send(response, answer),
        (error: unknown) => send(response, { status: 500, body: String(error) }),
      );
  });
  // Longer than a busy client's event loop may pause, so that no connection is closed as it is taken again.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
