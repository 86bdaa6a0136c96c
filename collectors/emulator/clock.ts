import type { Instant } from '../../agent/core/time.ts';

/** The emulated clouds' time. Injected everywhere; nothing here reads the wall clock by itself. */
export type Now = () => Instant;

/**
 * A clock `speed` times as fast as the wall clock, that agrees with it at `startAt`. Two processes given the same
 * numbers agree on the time.
 */
export function fastClock(startAt: Instant, speed: number): Now {
  return () => startAt + (Date.now() - startAt) * speed;
}
