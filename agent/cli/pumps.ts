import type { MetricsExporter, SettledFeed } from '../core/exporter.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { createPump } from '../export/pump.ts';
import type { Pump } from '../export/pump.ts';
import type { FedExporter } from './metrics-exporters.ts';
import { prometheusFeedName } from './prometheus-feed.ts';

export interface PumpsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** What Prometheus is told from. */
  readonly prometheus: SettledFeed;
  /** Every other one. */
  readonly exporters: readonly FedExporter[];
}

/** Prometheus fetches by itself, so that telling it is nothing but counting as told. */
const fetched: MetricsExporter = {
  name: prometheusFeedName,
  export: () => Promise.resolve({ rejected: 0, message: '' }),
  close: () => Promise.resolve(),
};

/** What carries settled usage out of the ledger: to Prometheus' counters and to each exporter. */
export function createPumps(deps: PumpsDeps): readonly Pump[] {
  const { prometheus, exporters } = deps;
  return [{ exporter: fetched, feed: prometheus }, ...exporters].map((one) =>
    createPump({ ...deps, ...one }),
  );
}
