import type { ExternalError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { backoffMs, defaultBackoff } from '../core/backoff.ts';
import type { BackoffSettings } from '../core/backoff.ts';

/** Which pieces of work failed, how often in a row, and when each may be tried again. */
export interface Patience {
  /** Notes one more failure of the piece; returns when it may be tried again. */
  fail(piece: string, error: ExternalError, now: Instant): Instant;
  succeed(piece: string): void;
  isReady(piece: string, now: Instant): boolean;
  /** When the first of those that wait may be tried again; undefined when none waits. */
  firstReady(now: Instant): Instant | undefined;
  /** Whether nothing has failed since it last succeeded. */
  isCalm(): boolean;
  /** Forgets pieces that are no longer due, so that they are not waited for. */
  keep(pieces: ReadonlySet<string>): void;
}

/** @param random in [0, 1) */
export function createPatience(
  random: () => number,
  settings: BackoffSettings = defaultBackoff,
): Patience {
  const failed = new Map<string, { readonly failures: number; readonly notBefore: Instant }>();
  return {
    fail(piece, error, now) {
      const failures = (failed.get(piece)?.failures ?? 0) + 1;
      const notBefore = now + backoffMs(error, failures, random(), settings);
      failed.set(piece, { failures, notBefore });
      return notBefore;
    },
    succeed: (piece) => void failed.delete(piece),
    isReady: (piece, now) => (failed.get(piece)?.notBefore ?? now) <= now,
    firstReady(now) {
      const waiting = [...failed.values()].map((one) => one.notBefore).filter((at) => at > now);
      return waiting.length === 0 ? undefined : Math.min(...waiting);
    },
    isCalm: () => failed.size === 0,
    keep(pieces) {
      for (const piece of failed.keys()) if (!pieces.has(piece)) failed.delete(piece);
    },
  };
}
