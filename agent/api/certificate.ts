import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';

/** A PEM certificate with its PEM key. */
interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Certificate {
  /** Reads both files. Throws where they cannot be read or do not belong together. */
  readonly read: () => Pair;
  /** Hears why a newer pair is not taken; the one before stays. */
  readonly onError: (error: unknown) => void;
  /** How often to look for a newer pair, in milliseconds. Default a minute. */
  readonly everyMs?: number;
}

/** Takes a renewed certificate for new connections. Looks at what the files hold, since some are swapped by a link. */
export function reloadCertificate(
  server: Server | SecureServer,
  { read, onError, everyMs = 60_000 }: Certificate,
): () => void {
  let known: Pair | undefined;
  const timer = setInterval(() => {
    try {
      const pair = read();
      const isNew =
        known === undefined || !known.cert.equals(pair.cert) || !known.key.equals(pair.key);
      if (isNew && 'setSecureContext' in server) server.setSecureContext({ ...pair });
      known = pair;
    } catch (error) {
      onError(error);
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
