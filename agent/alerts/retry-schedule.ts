import type { Delivery, SendOutcome } from '../core/alert.ts';
import { hourMs, minuteMs, secondMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';

/**
 * The wait before each attempt, as Standard Webhooks proposes it; three days in all.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const scheduleMs: readonly number[] = [
  0,
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/** By how much of itself a wait is lengthened at most, so that not all receivers are asked at once. */
const jitterShare = 0.2;
/** Whoever asks for more patience than this is asked again after it all the same. */
export const longestRetryAfterMs = hourMs;

/**
 * How long to wait after so many failed attempts, never less than the receiver asked for within bounds; undefined where
 * the schedule is at its end.
 * @param random in [0, 1)
 */
export function retryDelayMs(
  attempts: number,
  random: number,
  retryAfterMs: number | null,
): number | undefined {
  const wait = scheduleMs[attempts];
  if (wait === undefined) return undefined;
  const asked = Math.min(longestRetryAfterMs, retryAfterMs ?? 0);
  return Math.max(Math.ceil(wait * (1 + jitterShare * random)), asked);
}

/** The delivery after an attempt that began at `at`. */
export function afterAttempt(
  delivery: Delivery,
  outcome: SendOutcome,
  at: Instant,
  random: number,
): Delivery {
  const attempts = delivery.attempts + 1;
  const tried = {
    ...delivery,
    attempts,
    lastTryAt: at,
    lastStatus: outcome.status,
    lastAnswer: outcome.answer,
  };
  if (outcome.result === 'delivered') return { ...tried, state: 'delivered', deliveredAt: at };
  const wait =
    outcome.result === 'retry' ? retryDelayMs(attempts, random, outcome.retryAfterMs) : undefined;
  if (wait === undefined) return { ...tried, state: 'dead' };
  return { ...tried, state: 'waiting', nextTryAt: at + wait };
}
