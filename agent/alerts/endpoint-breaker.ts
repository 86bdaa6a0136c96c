import type { SendOutcome } from '../core/alert.ts';
import { minuteMs, secondMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { longestRetryAfterMs } from './retry-schedule.ts';

/**
 * The circuit breaker of one receiver, over all its messages: one that is down or asks for patience is not met with
 * everything that waits for it.
 */
export interface EndpointBreaker {
  /** How many attempts may be under way beside those that are. */
  room(now: Instant, underWay: number): number;
  /** Until when nothing may be sent; undefined: something may. */
  blockedUntil(now: Instant): Instant | undefined;
  /** Hears what became of an attempt. True: it answers again after it was blocked, so nothing need wait any longer. */
  heard(outcome: SendOutcome, at: Instant, random: number): boolean;
}

/** Failures in a row from which on a receiver is left alone for a while. */
const mostFailures = 3;
const firstBlockMs = 30 * secondMs;
const longestBlockMs = 10 * minuteMs;
/** Messages on their way to one receiver at the same time. */
const atOnce = 4;

export function createEndpointBreaker(): EndpointBreaker {
  let failures = 0;
  let until = 0;
  let wasBlocked = false;

  function block(end: Instant): void {
    until = Math.max(until, end);
    wasBlocked = true;
  }

  return {
    // After a failure one message tries for all.
    room: (now, underWay) =>
      now < until ? 0 : Math.max(0, (failures === 0 ? atOnce : 1) - underWay),
    blockedUntil: (now) => (now < until ? until : undefined),
    heard(outcome, at, random) {
      if (outcome.result === 'retry') {
        failures += 1;
        if (outcome.retryAfterMs !== null) {
          block(at + Math.min(longestRetryAfterMs, outcome.retryAfterMs));
        }
        if (failures >= mostFailures) {
          const bound = firstBlockMs * 2 ** Math.min(20, failures - mostFailures);
          block(at + Math.min(longestBlockMs, bound) * (0.5 + random / 2));
        }
        return false;
      }
      failures = 0;
      until = 0;
      if (outcome.result !== 'delivered') return false;
      const answersAgain = wasBlocked;
      wasBlocked = false;
      return answersAgain;
    },
  };
}
