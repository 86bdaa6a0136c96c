import type { SettledFeed } from '../core/exporter.ts';
import type { Ledger } from '../core/store.ts';
import type { Clock } from '../core/time.ts';

export const prometheusFeedName = 'prometheus';

/** To be opened before anything settles that is to be told. */
export function openPrometheusFeed(ledger: Ledger, clock: Clock): SettledFeed {
  return ledger.openFeed(prometheusFeedName, clock.now(), { latencies: false });
}
