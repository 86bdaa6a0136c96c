import type { RateLimit } from '../core/api-call.ts';
import type { Clock } from '../core/time.ts';
import { fullBucket, refill, take, waitFor } from './bucket.ts';

/** The calls of one limit to one place, in the order in which they came. */
export interface Lane {
  /**
   * Resolves when a call of that many points may go; what it resolves to says that the call has ended. Throws the
   * signal's reason when that aborts first; who comes behind is not held up by it.
   */
  enter(points: number, signal: AbortSignal): Promise<() => void>;
}

/**
 * Strictly in turn, or a call of many points would starve behind a stream of small ones. All limits are looked at
 * together, and taken from only when the call goes: what was reserved earlier could go in one crowd later.
 */
export function createLane(limit: RateLimit, clock: Clock): Lane {
  const perPoint = limit.points ?? { burst: Infinity, perSecond: 1 };
  let calls = fullBucket(limit, clock.now());
  let points = fullBucket(perPoint, clock.now());
  let underWay = 0;
  let turn: Promise<void> = Promise.resolve();
  /** Of the one at the head, while it waits for a call to end. */
  let wakeFirst: (() => void) | undefined;

  function end(): void {
    underWay -= 1;
    wakeFirst?.();
  }

  /** Until one under way ends, or the signal aborts. */
  function oneEnds(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      wakeFirst = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  async function go(wanted: number, signal: AbortSignal): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted();
      if (underWay >= limit.atOnce) {
        await oneEnds(signal);
        continue;
      }
      const now = clock.now();
      calls = refill(calls, limit, now);
      points = refill(points, perPoint, now);
      const wait = Math.max(waitFor(calls, limit, 1), waitFor(points, perPoint, wanted));
      if (wait > 0) {
        await clock.sleep(wait, signal);
        continue;
      }
      calls = take(calls, 1);
      points = take(points, wanted);
      underWay += 1;
      let ended = false;
      return () => {
        if (!ended) end();
        ended = true;
      };
    }
  }

  return {
    enter(wanted, signal) {
      const mine = turn.then(() => go(wanted, signal));
      turn = mine.then(
        () => undefined,
        () => undefined,
      );
      return mine;
    },
  };
}
