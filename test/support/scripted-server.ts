import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived, its body read to the end. */
export interface ScriptedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `hang` never answers; `reset` closes the connection without a word. */
export type ScriptedReply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | 'hang'
  | 'reset';

/** Answers a request, or passes it on to the next handler by returning undefined. */
export type ScriptedHandler = (
  request: ScriptedRequest,
) => ScriptedReply | undefined | Promise<ScriptedReply | undefined>;

export interface ScriptedServer {
  /** `http://127.0.0.1:41234` */
  readonly url: string;
  /** Everything that arrived, in order. */
  readonly requests: readonly ScriptedRequest[];
  /** Ends every connection, hanging ones too. */
  close(): Promise<void>;
}

/** A real HTTP server on loopback; the first handler that answers wins, and nothing answered is a 501. */
export async function startScriptedServer(
  handlers: readonly ScriptedHandler[],
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = await read(incoming);
    requests.push(request);
    let reply: ScriptedReply | undefined;
    for (const handler of handlers) {
      reply = await handler(request);
      if (reply !== undefined) break;
    }
    send(outgoing, reply ?? { status: 501, body: `nothing scripted for ${request.url}` });
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((thrown: unknown) => {
      send(outgoing, { status: 500, body: `the script failed: ${String(thrown)}` });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

async function read(incoming: IncomingMessage): Promise<ScriptedRequest> {
  incoming.setEncoding('utf8');
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? '',
    url: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    body,
  };
}

function send(outgoing: ServerResponse, reply: ScriptedReply): void {
  if (reply === 'hang') return;
  if (reply === 'reset') {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(reply.status ?? 200, { ...reply.headers });
  outgoing.end(reply.body ?? '');
}
