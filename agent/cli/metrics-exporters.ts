import { feedName } from '../config/exporters.ts';
import type { Config } from '../config/schema.ts';
import type { BilledFeed } from '../core/billed-feed.ts';
import type { MetricsExporter, SettledFeed, ToldName } from '../core/exporter.ts';
import type { Log } from '../core/log.ts';
import type { Ledger } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import { valueReader } from '../query/dimensions.ts';
import type { Platform } from './platform.ts';

/** An exporter with what it is told from. */
export interface FedExporter {
  readonly exporter: MetricsExporter;
  readonly feed: SettledFeed;
  readonly billed?: BilledFeed;
}

/** One for each that the configuration names, each with its own place in the ledger. Nothing is sent yet. */
export async function openMetricsExporters(
  platform: Platform,
  { exporters, teams }: Config,
  ledger: Ledger,
  clock: Clock,
  log: Log,
): Promise<readonly FedExporter[]> {
  const valueOf = valueReader(teams);
  const teamOf = teams.length === 0 ? undefined : (name: ToldName) => valueOf(name, 'team');
  const opened: FedExporter[] = [];
  for (const config of exporters) {
    // Running totals of latencies mean nothing, so none are kept.
    const latencies = config.temporality === 'delta';
    const feed = ledger.openFeed(feedName(config), clock.now(), { latencies });
    const exporter = await platform.createMetricsExporter(config, { feed, teamOf, clock, log });
    opened.push({ exporter, feed, billed: ledger.openBilledFeed(feed.name) });
  }
  return opened;
}
