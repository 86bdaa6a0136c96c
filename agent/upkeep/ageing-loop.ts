import type { Log } from '../core/log.ts';
import type { AgeingWriter, LedgerRetention } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import { hourMs, minuteMs } from '../core/time.ts';

export interface AgeingDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: AgeingWriter;
  readonly retention: LedgerRetention;
}

/** Past the full hour, so that it does not meet the polls of the minute. */
const pastTheHourMs = 7 * minuteMs;
/** Between two steps: whoever waits for the ledger comes first. */
const breathMs = 50;

/**
 * Gives up what is older than it is kept for, and packs the hours of the days before: at once, then every hour, in short steps
 * with a breath between them. A step that fails (the disk is full, say) is in the log and tried again an hour later. Resolves
 * after the signal has aborted.
 */
export async function runAgeing(deps: AgeingDeps, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  while (!signal.aborted) {
    try {
      await ageAll(deps, signal);
    } catch (thrown) {
      log.error('old rows could not be deleted', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        hint: 'It is tried again in an hour; until then they only take up space.',
      });
    }
    try {
      await packAll(deps, signal);
    } catch (thrown) {
      log.error('the hours of past days could not be packed', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
        hint: 'It is tried again in an hour; until then weeks are answered more slowly.',
      });
    }
    const now = clock.now();
    const next = (Math.floor((now - pastTheHourMs) / hourMs) + 1) * hourMs + pastTheHourMs;
    await clock.sleep(next - now, signal);
  }
}

async function ageAll(
  { clock, log, ledger, retention }: AgeingDeps,
  signal: AbortSignal,
): Promise<void> {
  let deleted = 0;
  for (let more = true; more && !signal.aborted;) {
    const step = ledger.age(clock.now(), retention);
    deleted += step.deleted;
    more = step.more;
    if (more) await clock.sleep(breathMs, signal);
  }
  if (deleted > 0) log.info('old rows deleted', { rows: deleted });
}

async function packAll({ clock, ledger }: AgeingDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && ledger.packHours(clock.now())) await clock.sleep(breathMs, signal);
}
