import { Agent } from 'node:http';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import type { HttpClient } from '@azure/core-rest-pipeline';

/** An HTTP client for one address, and the end of its connections. */
export interface LoopbackClient {
  readonly httpClient: HttpClient;
  /** The address as the SDK must see it: it refuses to send a token over plain http. */
  readonly url: string;
  close(): void;
}

/** `127.0.0.0/8`, `::1` and `localhost`. */
export function isLoopback(url: URL): boolean {
  const { hostname } = url;
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Speaks plain http with a server on this machine though the SDK thinks it is https, and with no other: a request for
 * another address is refused, for it carries a token.
 */
export function loopbackClient(endpoint: URL): LoopbackClient {
  if (endpoint.protocol !== 'http:' || !isLoopback(endpoint)) {
    throw new Error(`${endpoint.origin}: plain http is for loopback addresses only; use https.`);
  }
  const agent = new Agent({ keepAlive: true });
  const inner = createDefaultHttpClient();
  const bare = endpoint.hostname.replaceAll(/[[\]]/g, '');
  return {
    url: `https://${endpoint.host}`,
    httpClient: {
      async sendRequest(request) {
        const url = new URL(request.url);
        if (url.host !== endpoint.host) {
          throw new Error(`${url.host} is not the loopback endpoint ${endpoint.host}`);
        }
        request.url = `http://${endpoint.host}${url.pathname}${url.search}`;
        request.allowInsecureConnection = true;
        request.agent = agent;
        request.requestOverrides = { ...request.requestOverrides, hostname: bare };
        return inner.sendRequest(request);
      },
    },
    close: () => agent.destroy(),
  };
}
