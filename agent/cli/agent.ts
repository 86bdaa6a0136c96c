import { randomUUID } from 'node:crypto';
import type { App } from '../app.ts';
import { createApi } from '../api/api.ts';
import type { ApiDeps } from '../api/api.ts';
import type { LoadedConfig } from '../config/load.ts';
import { suggestion } from '../config/nearest.ts';
import type { Audit } from '../core/audit.ts';
import type { Ledger } from '../core/store.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { RunningLoops } from './agent-loops.ts';
import { lateCommands } from './late-commands.ts';
import { lazily } from './lazily.ts';
import { openWhenFree } from './open-ledger.ts';
import { expositionType } from '../export/prometheus/exposition.ts';
import { explainCost } from '../pricing/cost-lines.ts';
import { createSpendLimits } from '../schedule/spend-limits.ts';
import { mountPage } from './page-mount.ts';
import { guardOf } from './guard-of.ts';
import type { Platform } from './platform.ts';
import type { OpenPriceBook } from './price-book.ts';
import { openPrometheusFeed } from './prometheus-feed.ts';
import { interpretationOf } from './settings.ts';

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
    let running: RunningLoops | undefined;
    let listening: string | undefined;
    let prices: OpenPriceBook | undefined;
    const prometheus = openPrometheusFeed(ledger, clock);
    const pumps = () => (running?.pumps ?? []).map((pump) => pump.status());
    const filePrices = () => prices?.file.prices ?? [];
    const auditSettings = {
      contracts: config.contracts,
      currencies: config.currencies,
      get filePrices() {
        return filePrices();
      },
    };
    // Nothing that is not needed to listen is loaded before: it would be most of the start.
    const auditor = lazily(async () =>
      (await import('./audit-of.ts')).createAudit(ledger, auditSettings),
    );
    const audit: Audit = async (...given) => (await auditor())(...given);
    const spendLimitOf = (source: string) => limits.of(source);
    const alerting = lazily(async () =>
      (await import('./alerting.ts')).createAlerting({
        config,
        ledger,
        clock,
        log,
        audit,
        filePrices,
        spendLimitOf,
      }),
    );
    const metrics = lazily(async () => {
      const { createMetrics } = await import('./metrics.ts');
      const { gauges } = await alerting();
      const { teams } = config;
      const { version } = platform;
      const feed = prometheus;
      return createMetrics({ clock, ledger, feed, teams, version, exporters: pumps, ...gauges });
    });
    const answers: ApiDeps = {
      pages: mountPage(platform, config.budgets, () => answers),
      alerts: { reader: ledger, commands: lateCommands(alerting), newId: randomUUID, log },
      budgets: async (scope) => (await alerting()).budgets(scope),
      outbox: ledger,
      wakeDelivery: () => running?.wakeDelivery(),
      reader: ledger,
      status: ledger,
      bills: ledger,
      audit,
      exporters: () => pumps().filter(({ name }) => name !== 'prometheus'),
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
      metrics: { type: expositionType, render: async (scope) => (await metrics()).render(scope) },
      grafana: {
        dashboards: () => platform.dashboards(),
        get url() {
          return config.publicUrl ?? listening ?? 'http://127.0.0.1:9870';
        },
      },
      teams: config.teams,
      tokens: config.auth.tokens,
      guard: guardOf(config, platform.createClock(), log),
      listenHost: config.listen.host,
      publicUrl: config.publicUrl,
      allowedHosts: config.allowedHosts,
      everySeconds: config.poll.everySeconds,
      waitingFor: () => running?.app.waitingFor() ?? config.sources.map(({ name }) => name),
      suggest: suggestion,
      changeMark: () => ledger.changeMark(),
      onAsked: () => running?.asked?.(),
      onError: (error, doing) => log.error('request failed', { doing, error: String(error) }),
    };
    const api = createApi(answers);
    const server = await platform.serve(api.fetch, { ...config.listen, tls: config.tls }, log);
    opened.push(() => server.close());
    listening = server.url;
    const { openPriceBook } = await import('./price-book.ts');
    prices = await openPriceBook(platform, config, ledger, clock.now());
    const { startLoops } = await import('./agent-loops.ts');
    const { app } = (running = await startLoops(
      {
        platform,
        config,
        clock,
        log,
        ledger,
        demo,
        limits,
        prometheus,
        alerting: await alerting(),
        prices,
        auditSettings,
        audit,
      },
      opened,
    ));
    return {
      url: server.url,
      app,
      ledger,
      async stop() {
        // Answers in flight end while the loops do.
        void server.close();
        try {
          await app.stop();
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
