import { createApp } from '../app.ts';
import type { App } from '../app.ts';
import { createApi } from '../api/api.ts';
import type { LoadedConfig } from '../config/load.ts';
import { suggestion } from '../config/nearest.ts';
import type { Collector } from '../core/collector.ts';
import type { Ledger } from '../core/store.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { demoCredentials } from './demo-config.ts';
import { openWhenFree } from './open-ledger.ts';
import { explainCost } from '../pricing/cost-lines.ts';
import { createApiMeter } from '../schedule/api-meter.ts';
import { createSpendLimits } from '../schedule/spend-limits.ts';
import type { Platform } from './platform.ts';
import { openPriceBook } from './price-book.ts';
import type { OpenPriceBook } from './price-book.ts';
import { priceLoopDeps } from './price-upkeep.ts';
import { collectSettingsOf, interpretationOf, retentionOf } from './settings.ts';

/** A whole running agent: ledger, loops and listener. */
export interface RunningAgent {
  readonly url: string;
  readonly app: App;
  readonly ledger: Ledger;
  /** Ends the loops, then the listener and the traces, then closes the ledger, whatever of it fails. */
  stop(): Promise<void>;
}

/** Opens the ledger once nobody else writes to it, starts and listens; what was opened is closed again when a later step fails. */
export async function startAgent(
  platform: Platform,
  { config }: LoadedConfig,
  clock: Clock,
  log: Log,
  demo: boolean,
): Promise<RunningAgent> {
  const interpretation = interpretationOf(config);
  const ledger = await openWhenFree(platform, config.ledger.path, interpretation, clock, log);
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    await Promise.allSettled(opened.map(async (close) => close()));
    ledger.close();
  };
  try {
    const limits = createSpendLimits(config.apiSpendLimit);
    // The demo's clouds are ours: they bear any rate, and its fourteen days are filled while somebody watches.
    const meter = createApiMeter({ clock, ledger, limits, paced: !demo });
    // Listens before a cloud's SDK is loaded, which is most of the start.
    let app: App | undefined;
    let prices: OpenPriceBook | undefined;
    const api = createApi({
      reader: ledger,
      status: ledger,
      book: ledger,
      evidence: ledger,
      explainCost,
      get filePrices() {
        return prices?.file.prices ?? [];
      },
      clock,
      demo,
      version: platform.version,
      teams: config.teams,
      tokens: config.auth.tokens,
      listenHost: config.listen.host,
      publicUrl: config.publicUrl,
      allowedHosts: config.allowedHosts,
      everySeconds: config.poll.everySeconds,
      waitingFor: () => app?.waitingFor() ?? config.sources.map(({ name }) => name),
      suggest: suggestion,
      onError: (error, doing) => log.error('request failed', { doing, error: String(error) }),
    });
    const server = await platform.serve(api.fetch, { ...config.listen, tls: config.tls });
    opened.push(() => server.close());
    prices = await openPriceBook(platform, config, ledger, clock.now());
    const collectors: Collector[] = [];
    for (const source of config.sources) {
      const collector = await platform.createCollector(
        source,
        clock,
        demo ? demoCredentials : undefined,
        meter,
      );
      opened.push(() => collector.close());
      collectors.push(collector);
    }
    const traces = await platform.startTraces(config.exporters, log);
    opened.push(() => traces.shutdown());
    const loops = createApp({
      clock,
      log,
      tracer: traces.tracer,
      ledger,
      collectors,
      settings: collectSettingsOf(config),
      retention: retentionOf(config),
      random: platform.random,
      memory: platform.memory,
      prices:
        config.prices.update === 'daily'
          ? priceLoopDeps(platform, config, ledger, prices.file, clock, log)
          : undefined,
      limits,
    });
    app = loops;
    loops.start();
    return {
      url: server.url,
      app: loops,
      ledger,
      async stop() {
        try {
          await loops.stop();
        } finally {
          await closeAll();
        }
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
