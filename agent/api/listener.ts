import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { reloadCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';

interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface Listener {
  readonly url: string;
  /** Takes no new connections, lets requests in flight end for some seconds, then closes. Called again, waits for the same. */
  close(): Promise<void>;
}

/** How long others may take, in milliseconds. */
export interface Patience {
  /** For the head of a request. */
  readonly headersMs: number;
  /** For a whole request, body included. */
  readonly requestMs: number;
  /** Between two looks at who was too slow. */
  readonly lookMs: number;
  /** For a connection on which nothing moves, as where nobody takes an answer. */
  readonly silenceMs: number;
  /** For the next request on a connection: longer than the minute after which a load balancer lets go of it. */
  readonly keepAliveMs: number;
  /** For answers in flight, once the listener closes. */
  readonly drainMs: number;
}

const usual: Patience = {
  headersMs: 10_000,
  requestMs: 30_000,
  lookMs: 2_000,
  silenceMs: 120_000,
  keepAliveMs: 75_000,
  drainMs: 3_000,
};

const most = {
  headerBytes: 16_384,
  headers: 100,
  requestsOfAConnection: 10_000,
  connections: 2_000,
};

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

/**
 * Listens, or rejects with what Node says of it.
 * @param certificate absent: without TLS
 */
export async function listen(
  fetch: Fetch,
  { host, port }: ListenAddress,
  certificate?: Certificate,
  patience: Partial<Patience> = {},
): Promise<Listener> {
  const times = { ...usual, ...patience };
  const serverOptions = {
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    connectionsCheckingInterval: times.lookMs,
    keepAliveTimeout: times.keepAliveMs,
    maxHeaderSize: most.headerBytes,
    ...certificate?.read(),
  };
  const server = await serverOf(fetch, serverOptions, certificate !== undefined);
  server.maxHeadersCount = most.headers;
  server.maxRequestsPerSocket = most.requestsOfAConnection;
  server.maxConnections = most.connections;
  server.setTimeout(times.silenceMs);
  const stopReloading = certificate && reloadCertificate(server, certificate);

  const inFlight = new Set<ServerResponse>();
  let closing: Promise<void> | undefined;
  server.prependListener('request', (_, response: ServerResponse) => {
    inFlight.add(response);
    if (closing !== undefined) makeLast(response);
    response.once('close', () => {
      inFlight.delete(response);
      if (closing !== undefined) setImmediate(() => server.closeIdleConnections());
    });
  });
  const drain = () =>
    new Promise<void>((closed) => {
      stopReloading?.();
      for (const response of inFlight) makeLast(response);
      const cut = setTimeout(() => server.closeAllConnections(), times.drainMs);
      server.close(() => {
        clearTimeout(cut);
        closed();
      });
      server.closeIdleConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      const name = host.includes(':') ? `[${host}]` : host;
      const scheme = certificate === undefined ? 'http' : 'https';
      resolve({ url: `${scheme}://${name}:${bound}`, close: () => (closing ??= drain()) });
    });
  });
}

async function serverOf(fetch: Fetch, serverOptions: object, isTls: boolean) {
  const server = createAdaptorServer(
    isTls
      ? { fetch, createServer: (await import('node:https')).createServer, serverOptions }
      : { fetch, createServer, serverOptions },
  );
  if ('closeIdleConnections' in server) return server;
  throw new TypeError('not a server of HTTP/1.1');
}

/** Tells the client that nothing comes after this on its connection, where that can still be told. */
function makeLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
