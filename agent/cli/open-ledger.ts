import type { Log } from '../core/log.ts';
import type { Ledger } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import { secondMs } from '../core/time.ts';
import type { Interpretation } from '../core/usage.ts';
import type { Platform } from './platform.ts';

/**
 * Opens the ledger for writing as soon as no other process writes to it, asking every second: a new version that starts
 * while the old one still stops takes over when that is done. Says once that it waits. Rejects when the platform's signal
 * aborts meanwhile, and for every other reason at once.
 */
export async function openWhenFree(
  platform: Pick<Platform, 'openLedger' | 'signal'>,
  path: string,
  interpretation: Interpretation,
  clock: Clock,
  log: Log,
): Promise<Ledger> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await platform.openLedger(path, interpretation, clock.now());
    } catch (error) {
      if (!isHeld(error)) throw error;
    }
    if (tries === 0) {
      log.warn('waiting: another Crossbill writes to the ledger', {
        ledger: path,
        hint: 'This one goes on by itself when the other has stopped. Reading verbs (report) run meanwhile.',
      });
    }
    await clock.sleep(secondMs, platform.signal);
    platform.signal.throwIfAborted();
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 'held';
}
