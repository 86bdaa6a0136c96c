import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { hourMs, minuteMs } from '../core/time.ts';

export interface AuditLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Makes what the audit remembers of its days; of days of which nothing is another that is nothing. */
  readonly auditAhead: () => Promise<void>;
}

/** Usage comes first, and bills come a minute after the start. */
const afterMs = 5 * minuteMs;

/**
 * Makes the days of the audit before somebody asks: the first time they are a second's work where there are thousands of
 * series, done a day at a time between other work. What fails is in the log and tried again. Resolves after the signal has
 * aborted.
 */
export async function runAuditAhead(
  { clock, log, auditAhead }: AuditLoopDeps,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(afterMs, signal);
  while (!signal.aborted) {
    try {
      await auditAhead();
    } catch (thrown) {
      log.error('the audit could not be made ahead', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        hint: 'It is tried again in an hour; who asks for it before has it made then.',
      });
    }
    await clock.sleep(hourMs, signal);
  }
}
