import { createApp } from '../app.ts';
import type { App } from '../app.ts';
import { createApi } from '../api/api.ts';
import type { LoadedConfig } from '../config/load.ts';
import { suggestion } from '../config/nearest.ts';
import type { BillCollector } from '../core/bill.ts';
import type { Collector } from '../core/collector.ts';
import type { Ledger } from '../core/store.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { Pump } from '../export/pump.ts';
import { createAlerting, openNotifiers } from './alerting.ts';
import { createAudit } from './audit-of.ts';
import { openBillCollector } from './bill-collectors.ts';
import { learnFromBills } from './calibration-upkeep.ts';
import { demoCredentials } from './demo-config.ts';
import { openWhenFree } from './open-ledger.ts';
import { explainCost } from '../pricing/cost-lines.ts';
import { createApiMeter } from '../schedule/api-meter.ts';
import { createSpendLimits } from '../schedule/spend-limits.ts';
import { createMetrics } from './metrics.ts';
import { openMetricsExporters } from './metrics-exporters.ts';
import type { Platform } from './platform.ts';
import { openPriceBook } from './price-book.ts';
import type { OpenPriceBook } from './price-book.ts';
import { priceLoopDeps } from './price-upkeep.ts';
import { createPumps, openPrometheusFeed } from './pumps.ts';
import {
  billHorizonSecondsOf,
  collectSettingsOf,
  interpretationOf,
  retentionOf,
} from './settings.ts';

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
    let listening: string | undefined;
    let prices: OpenPriceBook | undefined;
    let pumps: readonly Pump[] = [];
    const prometheus = openPrometheusFeed(ledger, clock);
    const filePrices = () => prices?.file.prices ?? [];
    const auditSettings = {
      contracts: config.contracts,
      currencies: config.currencies,
      get filePrices() {
        return filePrices();
      },
    };
    const audit = createAudit(ledger, auditSettings);
    const alerting = createAlerting({
      config,
      ledger,
      clock,
      log,
      audit,
      filePrices,
      spendLimitOf: (source) => limits.of(source),
    });
    const api = createApi({
      ...alerting.api,
      reader: ledger,
      status: ledger,
      bills: ledger,
      audit,
      exporters: () =>
        pumps.map((pump) => pump.status()).filter(({ name }) => name !== 'prometheus'),
      book: ledger,
      evidence: ledger,
      explainCost,
      focusWriter: () => platform.focusWriter(),
      get filePrices() {
        return filePrices();
      },
      clock,
      demo,
      version: platform.version,
      metrics: createMetrics({
        clock,
        ledger,
        feed: prometheus,
        teams: config.teams,
        version: platform.version,
        exporters: () => pumps.map((pump) => pump.status()),
        ...alerting.gauges,
      }),
      grafana: {
        dashboards: () => platform.dashboards(),
        get url() {
          return config.publicUrl ?? listening ?? 'http://127.0.0.1:9870';
        },
      },
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
    listening = server.url;
    prices = await openPriceBook(platform, config, ledger, clock.now());
    const collectors: Collector[] = [];
    const bills: BillCollector[] = [];
    const builtIn = demo ? demoCredentials : undefined;
    for (const source of config.sources) {
      const collector = await platform.createCollector(source, clock, builtIn, meter);
      opened.push(() => collector.close());
      collectors.push(collector);
      const billed = await openBillCollector(platform, source, { clock, builtIn, meter });
      if (billed === undefined) continue;
      opened.push(() => billed.close());
      bills.push(billed);
    }
    const traces = await platform.startTraces(config.exporters, log);
    opened.push(() => traces.shutdown());
    const random = platform.random;
    const exporters = await openMetricsExporters(platform, config, ledger, clock, log);
    for (const { exporter } of exporters) opened.push(() => exporter.close());
    pumps = createPumps({ clock, log, random, prometheus, exporters });
    const notifiers = await openNotifiers(platform, config, opened);
    const ownPrices = prices.file;
    const loops = createApp({
      clock,
      log,
      tracer: traces.tracer,
      ledger,
      collectors,
      bills,
      billHorizonSeconds: billHorizonSecondsOf(config),
      settings: collectSettingsOf(config),
      retention: retentionOf(config),
      random,
      pumps,
      alerts: { loop: alerting.loop, delivery: alerting.deliverBy(notifiers, random) },
      memory: platform.memory,
      prices:
        config.prices.update === 'daily'
          ? priceLoopDeps(platform, config, ledger, prices.file, clock, log)
          : undefined,
      learn: () => learnFromBills(ledger, auditSettings, ownPrices, clock),
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
