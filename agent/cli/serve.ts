import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Certificate } from '../api/certificate.ts';
import { listen } from '../api/listener.ts';
import type { Config } from '../config/schema.ts';
import { whyUnreadable } from '../config/secrets.ts';
import type { Platform } from './platform.ts';

/** Listens, or rejects with an error that names the address and the key to change. */
export async function serve(
  ...[fetch, { host, port, tls }, log]: Parameters<Platform['serve']>
): ReturnType<Platform['serve']> {
  const certificate: Certificate | undefined = tls && {
    read: () => pairOf(tls),
    onError: (error) =>
      log?.error('the certificate is not renewed; the one before stays', { error: String(error) }),
  };
  try {
    return await listen(fetch, { host, port }, certificate);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const name = host.includes(':') ? `[${host}]` : host;
    const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
    throw new Error(
      `cannot listen on ${name}:${port}: ${why}. Choose another address: the key \`listen\`, or --listen of demo.`,
      { cause: error },
    );
  }
}

function pairOf(tls: NonNullable<Config['tls']>) {
  const pair = { cert: pemOf('cert', tls.cert), key: pemOf('key', tls.key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `tls: ${tls.cert} and ${tls.key} are no PEM certificate with its PEM key: ${why}`,
      { cause: error },
    );
  }
  return pair;
}

function pemOf(key: 'cert' | 'key', path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`tls.${key}: ${path} cannot be read: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}
