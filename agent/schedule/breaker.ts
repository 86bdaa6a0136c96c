import type { ExternalError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { minuteMs } from '../core/time.ts';

/**
 * The circuit breaker of an account's credentials in a region, shared by its targets there. When they fail, none of them
 * asks until one may try again; that one trial says for all. Failures of a target alone never come here.
 */
export interface Breaker {
  /** Undefined: go. Else why it may not, and when to ask again. */
  blocked(now: Instant): { readonly error: ExternalError; readonly until: Instant } | undefined;
  trip(error: ExternalError, until: Instant): void;
  /** A call got through. */
  close(): void;
}

/** A trial that says nothing for this long was dropped. */
const trialMs = minuteMs;

export function createBreaker(): Breaker {
  let open: { readonly error: ExternalError; readonly until: Instant } | undefined;
  return {
    blocked(now) {
      if (open === undefined) return undefined;
      if (now < open.until) return open;
      // The one who asks is the trial; the others wait for what it finds.
      open = { ...open, until: now + trialMs };
      return undefined;
    },
    trip: (error, until) => void (open = { error, until }),
    close: () => void (open = undefined),
  };
}
