import { createApp } from '../app.ts';
import type { App } from '../app.ts';
import type { Config } from '../config/schema.ts';
import type { BillCollector } from '../core/bill.ts';
import { wholeAudit } from '../core/audit.ts';
import type { Audit } from '../core/audit.ts';
import type { Collector } from '../core/collector.ts';
import type { SettledFeed } from '../core/exporter.ts';
import type { Log } from '../core/log.ts';
import type { Ledger } from '../core/store.ts';
import { ceilTo, dayMs } from '../core/time.ts';
import type { Clock } from '../core/time.ts';
import type { Pump } from '../export/pump.ts';
import { createApiMeter } from '../schedule/api-meter.ts';
import type { SpendLimits } from '../schedule/spend-limits.ts';
import { openNotifiers } from './alerting.ts';
import type { Alerting } from './alerting.ts';
import { explainCost } from '../pricing/cost-lines.ts';
import { createRoom } from '../upkeep/room.ts';
import type { AuditSettings } from './audit-facts.ts';
import { openBillCollector } from './bill-collectors.ts';
import { demoCredentials } from './demo-config.ts';
import { openMetricsExporters } from './metrics-exporters.ts';
import type { Platform } from './platform.ts';
import type { OpenPriceBook } from './price-book.ts';
import { createPumps } from './pumps.ts';
import { billHorizonSecondsOf, collectSettingsOf, retentionOf } from './settings.ts';

export interface LoopsDeps {
  readonly platform: Platform;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly demo: boolean;
  readonly limits: SpendLimits;
  readonly prometheus: SettledFeed;
  readonly alerting: Alerting;
  readonly prices: OpenPriceBook;
  readonly auditSettings: AuditSettings;
  readonly audit: Audit;
}

/** What an agent does beside answering. */
export interface RunningLoops {
  readonly app: App;
  readonly pumps: readonly Pump[];
  /** Has what is due looked for at once. */
  wakeDelivery(): void;
  /** Somebody asks for what is in the ledger; absent: nobody cares how much memory that takes. */
  readonly asked: (() => void) | undefined;
}

/**
 * Loads the clouds' SDKs and everything that works by itself, and starts it. Nothing of it is needed to listen.
 * @param opened is given what closes each part, also of a start that then fails
 */
export async function startLoops(
  deps: LoopsDeps,
  opened: (() => Promise<void>)[],
): Promise<RunningLoops> {
  const { platform, config, clock, log, ledger, limits, alerting } = deps;
  const { random } = platform;
  const { collectors, bills } = await openCollectors(deps, opened);
  const traces = await platform.startTraces(config.exporters, log);
  opened.push(() => traces.shutdown());
  const exporters = await openMetricsExporters(platform, config, ledger, clock, log);
  for (const { exporter } of exporters) opened.push(() => exporter.close());
  const pumps = createPumps({ clock, log, random, prometheus: deps.prometheus, exporters });
  const notifiers = await openNotifiers(platform, config, opened);
  const delivery = alerting.deliverBy(notifiers, random);
  const own = deps.prices.file;
  const room = platform.memory && createRoom(clock, platform.memory);
  const app = createApp({
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
    alerts: { loop: alerting.loop, delivery },
    memory: platform.memory,
    room,
    prices:
      config.prices.update === 'daily'
        ? (await import('./price-upkeep.ts')).priceLoopDeps(
            platform,
            config,
            ledger,
            own,
            clock,
            log,
          )
        : undefined,
    learn: async () =>
      (await import('./calibration-upkeep.ts')).learnFromBills(
        ledger,
        deps.auditSettings,
        own,
        clock,
      ),
    auditAhead: async () => {
      const now = clock.now();
      // As who names no days is answered.
      const days = { start: ceilTo(now - 30 * dayMs, dayMs), end: ceilTo(now, dayMs) };
      await deps.audit(days, now, wholeAudit);
      const { answerAhead } = await import('./boards-ahead.ts');
      await answerAhead(ledger, explainCost, config.teams, now);
    },
    limits,
  });
  app.start();
  return { app, pumps, wakeDelivery: () => delivery.wake(), asked: room && (() => room.asked()) };
}

async function openCollectors(
  { platform, config, clock, ledger, demo, limits }: LoopsDeps,
  opened: (() => Promise<void>)[],
): Promise<{
  readonly collectors: readonly Collector[];
  readonly bills: readonly BillCollector[];
}> {
  // The demo's clouds are ours: they bear any rate, and its fourteen days are filled while somebody watches.
  const meter = createApiMeter({ clock, ledger, limits, paced: !demo });
  const builtIn = demo ? demoCredentials : undefined;
  const collectors: Collector[] = [];
  const bills: BillCollector[] = [];
  for (const source of config.sources) {
    const collector = await platform.createCollector(source, clock, builtIn, meter);
    opened.push(() => collector.close());
    collectors.push(collector);
    const billed = await openBillCollector(platform, source, { clock, builtIn, meter });
    if (billed === undefined) continue;
    opened.push(() => billed.close());
    bills.push(billed);
  }
  return { collectors, bills };
}
