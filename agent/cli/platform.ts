import type { Page, PageOptions } from '../../dashboards/page/page.tsx';
import type { DashboardFile } from '../api/grafana.ts';
import type { Notifier } from '../core/alert.ts';
import type { ApiMeter } from '../core/api-call.ts';
import type { BillCollector } from '../core/bill.ts';
import type { Collector } from '../core/collector.ts';
import type { MetricsExporter, SettledFeed, ToldName } from '../core/exporter.ts';
import type { FocusWriter } from '../core/focus.ts';
import type { Log } from '../core/log.ts';
import type { CanonicalOf, PriceList } from '../core/price-list.ts';
import type { Ledger, LedgerReader } from '../core/store.ts';
import type { Clock, Instant } from '../core/time.ts';
import type { Tracer } from '../core/tracer.ts';
import type { Interpretation } from '../core/usage.ts';
import type { NotifierConfig } from '../config/alerting.ts';
import type { Config } from '../config/schema.ts';
import type { SourceConfig } from '../config/sources.ts';
import type { ProcessMemory } from '../upkeep/give-back-loop.ts';
import type { ListedSource, ListSetting } from './price-lists.ts';

/** Where a verb's words go. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** What brings in bills works with. */
export interface BillCollectorDeps {
  readonly clock: Clock;
  /** The demo's own AWS credentials; else the SDK finds them. */
  readonly builtIn?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Counts, prices and paces every request; absent: none of it. */
  readonly meter?: ApiMeter | undefined;
}

/** What an exporter works with. */
export interface MetricsExporterDeps {
  readonly feed: SettledFeed;
  /** Absent: there are no rules for teams. */
  readonly teamOf?: ((name: ToldName) => string) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Everything a verb touches outside its own arithmetic. `main.ts` makes the real one, tests a small one. */
export interface Platform {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Terminal;
  readonly err: Terminal;
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** The process's own; absent: nobody cares how much it holds. */
  readonly memory?: ProcessMemory;
  createClock(speed?: number, since?: Instant): Clock;
  createLog(settings: Config['log'], extra?: Readonly<Record<string, unknown>>): Log;
  openLedger(path: string, interpretation: Interpretation, at: Instant): Promise<Ledger>;
  openLedgerReader(path: string, interpretation: Interpretation): Promise<LedgerReader>;
  /** One file, checked, beside a running agent. Refuses to replace a file unless forced. */
  backupLedger(
    path: string,
    file: string,
    options: { readonly force: boolean },
  ): Promise<{ readonly bytes: number }>;
  /** Puts a checked backup in the ledger's place; what was there is kept under the name that comes back. */
  restoreLedger(
    path: string,
    file: string,
    at: Instant,
  ): Promise<{ readonly bytes: number; readonly aside: string | undefined }>;
  /**
   * @param builtIn the demo's own AWS credentials; else the SDK finds them
   * @param meter counts, prices and paces every request; absent: none of it
   */
  createCollector(
    source: SourceConfig,
    clock: Clock,
    builtIn?: { readonly accessKeyId: string; readonly secretAccessKey: string },
    meter?: ApiMeter,
  ): Promise<Collector>;
  /** What brings in the bills of a source; nothing is asked yet. */
  createBillCollector(source: SourceConfig, deps: BillCollectorDeps): Promise<BillCollector>;
  /** A cloud's published prices; nothing is asked of it yet. */
  createPriceList(
    name: ListedSource,
    setting: ListSetting,
    deps: { readonly clock: Clock; readonly canonicalOf: CanonicalOf },
  ): Promise<PriceList>;
  /** A way by which messages reach people; nothing is sent yet. */
  createNotifier(
    notifier: NotifierConfig,
    options: { readonly publicUrl: string | null },
  ): Promise<Notifier>;
  /** Puts a question to whoever sits at the terminal; empty where Ctrl-C ends it. Undefined: nobody does. */
  readonly ask?: (question: string) => Promise<string>;
  /** @param log hears of a renewed certificate that cannot be taken */
  serve(
    fetch: (request: Request, env?: object) => Response | Promise<Response>,
    address: { readonly host: string; readonly port: number; readonly tls?: Config['tls'] },
    log?: Pick<Log, 'error'>,
  ): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** What writes FOCUS files, loaded when it is asked for. */
  focusWriter(): Promise<FocusWriter>;
  /** The built-in page, loaded when somebody looks. */
  page(options: PageOptions): Promise<Page>;
  /** The Grafana dashboards that came with this version. */
  dashboards(): Promise<readonly DashboardFile[]>;
  /** What carries settled usage to one other side; nothing is sent yet. */
  createMetricsExporter(
    exporter: Config['exporters'][number],
    deps: MetricsExporterDeps,
  ): Promise<MetricsExporter>;
  /** Tells the agent's own work to every OTLP endpoint; nothing is loaded where there is none. */
  startTraces(exporters: Config['exporters'], log: Log): Promise<RunningTraces>;
  startClouds(options: { readonly speed: number; readonly since: Instant }): Promise<BuiltInClouds>;
}

export interface RunningTraces {
  readonly tracer: Tracer;
  /** Sends what is left, at most some seconds long. */
  shutdown(): Promise<void>;
}

/** The built-in clouds as a process of their own. */
export interface BuiltInClouds {
  readonly awsUrl: string;
  readonly azureUrl: string;
  /** Where the replay tells its own truth. */
  readonly controlUrl: string;
  stop(): Promise<void>;
}
