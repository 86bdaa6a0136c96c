import { writeSync } from 'node:fs';
import { createClock } from '../../agent/core/clock.ts';
import type { MetricsExporter, SettledFeed } from '../../agent/core/exporter.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createPump } from '../../agent/export/pump.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { createMetricsExporter } from '../../exporters/otlp/metrics.ts';
import type { MetricsSettings } from '../../exporters/otlp/metrics.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';

/**
 * A program that tells an endpoint all that a ledger has to tell, until it is killed. A line for each thing: `took <page>`
 * when the other side has a page and the ledger does not know yet, `failed`, and `told` when nothing is left.
 */
export interface TellingOrders extends Pick<MetricsSettings, 'endpoint' | 'temporality'> {
  readonly path: string;
  /** Where the feed begins. */
  readonly since: Instant;
  readonly pagePoints: number;
}

const orders: TellingOrders = JSON.parse(process.argv[2] ?? '{}');
const { path, endpoint, temporality, since, pagePoints } = orders;
const say = (line: string) => void writeSync(1, `${line}\n`);

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const ledger = openLedger(path, interpretation, Date.now());
const kept = ledger.openFeed(`otlp ${endpoint}`, since);
const feed: SettledFeed = {
  ...kept,
  next(limit) {
    const page = kept.next(limit);
    if (page === undefined) say('told');
    return page;
  },
};
const inner = createMetricsExporter({
  endpoint,
  temporality,
  headers: () => ({}),
  protocol: 'http/protobuf',
  serviceVersion: '1.2.3',
  feed,
  now: () => Date.now(),
  log: silentLog,
});
const exporter: MetricsExporter = {
  ...inner,
  async export(page, signal) {
    try {
      const outcome = await inner.export(page, signal);
      if (outcome.rejected > 0) say(`rejected ${outcome.message}`);
      say(`took ${page.number}`);
      return outcome;
    } catch (error) {
      say(`failed ${String(error)}`);
      throw error;
    }
  },
};
const clock = createClock(Date.now);
const pump = createPump({ clock, log: silentLog, feed, exporter, random: () => 0, pagePoints });
await pump.run(new AbortController().signal);
