import { secondMs } from '../core/time.ts';
import type { Clock } from '../core/time.ts';
import { ProblemError } from './problem.ts';

/**
 * Waits for an answer, and throws a problem when it takes too long; what still works on it is not waited for. An answer that
 * is a stream is there as soon as its first bytes may be asked for.
 */
export async function answeredInTime(
  answer: () => Promise<void>,
  seconds: number,
  clock: Pick<Clock, 'sleep'>,
): Promise<void> {
  const answered = new AbortController();
  const late = clock.sleep(seconds * secondMs, answered.signal).then(() => 'late' as const);
  try {
    if ((await Promise.race([answer(), late])) !== 'late') return;
  } finally {
    answered.abort();
  }
  throw new ProblemError(
    'too-slow',
    `no answer within ${seconds} s; ask for a shorter range, a longer step or fewer groups`,
  );
}
