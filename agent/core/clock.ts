import type { Clock, Instant } from './time.ts';

/** Node's timers fire at once above 2^31 − 1 ms. */
const longestTimerMs = 2_147_483_647;

/**
 * The process' one clock. It agrees with the machine's at `since` and runs `speed` times as fast from then on, so two
 * processes given the same figures agree on the time.
 * @param realNow the machine's clock, UTC milliseconds
 */
export function createClock(realNow: () => Instant, speed = 1, since = realNow()): Clock {
  return {
    now: () => since + (realNow() - since) * speed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(ms / speed, longestTimerMs));
        signal.addEventListener('abort', done, { once: true });
      }),
  };
}
