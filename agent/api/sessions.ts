import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { secondMs } from '../core/time.ts';
import type { Clock, Instant } from '../core/time.ts';

export interface SessionSettings {
  /** Ends when nobody asked for so long. */
  readonly idleSeconds: number;
  /** Ends in any case. */
  readonly longestSeconds: number;
}

interface Session {
  /** The name of the token that opened it. */
  readonly token: string;
  /** SHA-256 of that token as it was then: a rotated one ends its sessions. */
  readonly digest: Uint8Array;
  readonly openedAt: Instant;
  usedAt: Instant;
}

export interface Sessions {
  /** The id for the cookie, which nothing here keeps. */
  open(token: string, digest: Uint8Array): string;
  /**
   * The name of the token that opened it; undefined where there is no such session, it is over, or the token is no longer
   * what it was.
   * @param digestOf the token's SHA-256 now; undefined where there is none of that name
   */
  find(id: string, digestOf: (token: string) => Uint8Array | undefined): string | undefined;
  end(id: string): void;
}

/** Beyond these, whoever was quiet longest logs in again. */
const mostSessions = 1_000;

/** Logins as they stand: in memory only, so that a restart ends them, and by the hash of their id. */
export function createSessions(
  { idleSeconds, longestSeconds }: SessionSettings,
  clock: Pick<Clock, 'now'>,
): Sessions {
  const sessions = new Map<string, Session>();
  const isOver = ({ openedAt, usedAt }: Session, now: Instant) =>
    now - usedAt >= idleSeconds * secondMs || now - openedAt >= longestSeconds * secondMs;
  return {
    open(token, digest) {
      const now = clock.now();
      for (const [key, session] of sessions) if (isOver(session, now)) sessions.delete(key);
      const [quietest] = sessions.keys();
      if (sessions.size >= mostSessions && quietest !== undefined) sessions.delete(quietest);
      const id = randomBytes(32).toString('base64url');
      sessions.set(keyOf(id), { token, digest, openedAt: now, usedAt: now });
      return id;
    },
    find(id, digestOf) {
      const key = keyOf(id);
      const session = sessions.get(key);
      if (session === undefined) return undefined;
      const now = clock.now();
      const digest = digestOf(session.token);
      sessions.delete(key);
      if (isOver(session, now) || digest === undefined) return undefined;
      if (!timingSafeEqual(digest, session.digest)) return undefined;
      session.usedAt = Math.max(session.usedAt, now);
      sessions.set(key, session);
      return session.token;
    },
    end: (id) => void sessions.delete(keyOf(id)),
  };
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
