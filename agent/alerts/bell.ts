import type { Clock } from '../core/time.ts';

/** Wakes one who sleeps. A ring while nobody sleeps ends the next sleep at once, so none is missed. */
export interface Bell {
  readonly ring: () => void;
  /** Resolves after `ms`, at a ring, or when the signal aborts. */
  sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let sleeper = new AbortController();
  return {
    ring: () => sleeper.abort(),
    async sleep(clock, ms, signal) {
      const ring = (): void => sleeper.abort();
      signal.addEventListener('abort', ring, { once: true });
      if (signal.aborted) ring();
      await clock.sleep(ms, sleeper.signal);
      signal.removeEventListener('abort', ring);
      sleeper = new AbortController();
    },
  };
}
