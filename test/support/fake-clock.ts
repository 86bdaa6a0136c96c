import type { Clock, Instant } from '../../agent/core/time.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, waking every sleeper at its own moment and letting what it does next settle. */
  advance(ms: number): Promise<void>;
  /** Moves on at once, as a machine does that was asleep: whoever should have woken meanwhile wakes at the end. */
  jump(ms: number): Promise<void>;
  /** Is set anew, forward or back: no time goes by, and whoever sleeps sleeps on for as long as before. */
  shift(ms: number): void;
  /** Lets everything that waits for nothing but promises run to its next sleep. */
  settle(): Promise<void>;
  /** When each sleeper wakes, soonest first. */
  sleepers(): readonly Instant[];
}

/** Wake-ups in one advance beyond which somebody is turning without rest. */
const mostWakes = 20_000;

/**
 * @param idle resolves once all that runs outside promises, real I/O say, has ended; it is waited for before time moves
 * @param moved is told of the time before anybody wakes at it, and waited for
 */
export function createFakeClock(
  start: Instant,
  idle?: () => Promise<void>,
  moved?: (now: Instant) => Promise<void>,
): FakeClock {
  let now = start;
  const sleeping = new Set<{ at: Instant; readonly wake: () => void }>();

  const settle = async () => {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    await idle?.();
  };

  async function wakeUntil(end: Instant, wakesAt: (due: Instant) => Instant): Promise<void> {
    await settle();
    for (let wakes = 0; ; wakes += 1) {
      const next = [...sleeping].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) return;
      if (wakes === mostWakes) throw new Error(`woken ${mostWakes} times: somebody never rests`);
      now = Math.max(now, wakesAt(next.at));
      await moved?.(now);
      sleeping.delete(next);
      next.wake();
      await settle();
    }
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const wake = () => {
          sleeping.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: now + ms, wake };
        sleeping.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await wakeUntil(end, (due) => due);
      now = end;
      await moved?.(now);
    },
    async jump(ms) {
      const end = now + ms;
      now = end;
      await moved?.(now);
      await wakeUntil(end, () => end);
    },
    shift(ms) {
      now += ms;
      for (const sleeper of sleeping) sleeper.at += ms;
    },
    settle,
    sleepers: () => [...sleeping].map(({ at }) => at).toSorted((a, b) => a - b),
  };
}
