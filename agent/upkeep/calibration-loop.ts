import type { Calibration } from '../core/calibration.ts';
import type { BillReader } from '../core/bill-store.ts';
import type { Log } from '../core/log.ts';
import type { CostChange } from '../core/price-store.ts';
import type { Clock, Instant } from '../core/time.ts';
import { dayMs, isoUtc, minuteMs } from '../core/time.ts';

export interface CalibrationLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Pick<BillReader, 'billedDays'>;
  /** Learns from the bills that the ledger holds, keeps what is new, and rates anew what that changes. */
  learn(): Promise<Learning>;
}

/** What came of learning once. */
export interface Learning {
  readonly learnt: readonly Calibration[];
  readonly rated: readonly CostChange[];
}

/** Bills come a minute after the start, and usage comes first. */
const afterMs = 5 * minuteMs;
const everyMs = 15 * minuteMs;

/**
 * Learns from final bills what the meters do not show: whenever a bill was fetched since, and once a day, for days become
 * final by themselves. Where there are no bills it does nothing. What fails is in the log and tried again. Resolves after the
 * signal has aborted.
 */
export async function runCalibration(
  deps: CalibrationLoopDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, ledger } = deps;
  let known: Instant | undefined;
  let learntAt = -Infinity;
  await clock.sleep(afterMs, signal);
  while (!signal.aborted) {
    try {
      const newest = newestOf(await ledger.billedDays());
      const isDue = newest !== known || clock.now() >= learntAt + dayMs;
      if (newest !== undefined && isDue) {
        const { learnt, rated } = await deps.learn();
        known = newest;
        learntAt = clock.now();
        tell(log, learnt, rated);
      }
    } catch (thrown) {
      log.error('nothing could be learnt from bills', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        hint: 'It is tried again in fifteen minutes; until then costs stay the estimates they are.',
      });
    }
    await clock.sleep(everyMs, signal);
  }
}

function newestOf(days: readonly { readonly fetchedAt: Instant }[]): Instant | undefined {
  return days.length === 0 ? undefined : Math.max(...days.map(({ fetchedAt }) => fetchedAt));
}

function tell(log: Log, learnt: readonly Calibration[], rated: readonly CostChange[]): void {
  const moved = rated.filter(({ before, after }) => before !== after);
  if (moved.length === 0) return;
  log.info('costs are estimated by what bills taught', {
    learntFor: learnt.map(({ cloud, account, model }) => `${cloud}/${account} ${model}`),
    upTo: isoUtc(Math.max(...learnt.map(({ learntFrom }) => learntFrom.end))),
    ratedAnew: moved.map(({ model }) => model),
  });
}
