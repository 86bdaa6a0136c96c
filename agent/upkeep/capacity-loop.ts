import type { CapacityWriter } from '../core/capacity.ts';
import type { Log } from '../core/log.ts';
import { minuteMs } from '../core/time.ts';
import type { Clock } from '../core/time.ts';

export interface CapacityLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: CapacityWriter;
}

const everyMs = 5 * minuteMs;

/**
 * Charges provisioned capacity up to now, used or not: at once, then every five minutes. A step that fails (the disk is full,
 * say) is in the log and tried again; the next one charges all that is missing. Resolves after the signal has aborted.
 */
export async function runCapacity(
  { clock, log, ledger }: CapacityLoopDeps,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      ledger.accrueCapacity(clock.now());
    } catch (thrown) {
      log.error('provisioned capacity could not be charged', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        hint: 'It is tried again in five minutes, and then charged for all the time that is missing.',
      });
    }
    await clock.sleep(everyMs, signal);
  }
}
