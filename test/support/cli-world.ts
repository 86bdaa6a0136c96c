import type { MetricsExporter } from '../../agent/core/exporter.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBillCollector } from '../../agent/cli/bill-collectors.ts';
import type { Platform } from '../../agent/cli/platform.ts';
import { awsConfigOf, azureConfigOf } from '../../agent/cli/source-configs.ts';
import { runCommandLine } from '../../agent/cli/verbs.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import type { Clock } from '../../agent/core/time.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import { createAwsPriceList } from '../../collectors/aws/prices/index.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import { createAzurePriceList } from '../../collectors/azure/prices/index.ts';
import { focusBytes } from '../../exporters/focus/focus.ts';
import { backupLedger, restoreLedger } from '../../exporters/sqlite/copies.ts';
import { openLedger, openLedgerReader } from '../../exporters/sqlite/ledger.ts';
import { createNotifier } from '../../exporters/webhook/index.ts';
import { memoryTerminal } from './memory-terminal.ts';
import type { MemoryTerminal } from './memory-terminal.ts';
import { recordedLog } from './recorded-log.ts';
import type { RecordedLog } from './recorded-log.ts';

/** What a listener was handed. */
interface Served {
  readonly fetch: Parameters<Platform['serve']>[0];
  readonly address: Parameters<Platform['serve']>[1];
  closed: boolean;
}

/** One process of the command line: its terminals, its Ctrl-C, real ledgers and real collectors. */
export interface CliProcess {
  readonly out: MemoryTerminal;
  readonly err: MemoryTerminal;
  readonly log: RecordedLog;
  /** Ctrl-C. */
  readonly stop: AbortController;
  /** In the order in which they were opened. */
  readonly served: readonly Served[];
  /** Whatever the process opened and has not closed again, by name. */
  readonly open: ReadonlySet<string>;
  /** Runs a verb to its end; the exit status. */
  run(...argv: readonly string[]): Promise<number>;
}

export interface CliProcessOptions {
  readonly clock: Clock;
  readonly env?: Platform['env'];
  /** Stand-ins for what this small platform has no real one of, and for what shall fail. */
  readonly instead?: Partial<Platform>;
  /** Whether out and err are terminals. Default no. */
  readonly isTerminal?: boolean;
  /** Whether calls to clouds are counted and paced by the clock, which must move then. Default yes. */
  readonly meters?: boolean;
  /** How wide they are. Default 100. */
  readonly columns?: number;
}

export function cliProcess(options: CliProcessOptions): CliProcess {
  const { clock, env = {}, isTerminal = false, meters = true, columns = 100 } = options;
  const out = memoryTerminal(columns, isTerminal);
  const err = memoryTerminal(columns, isTerminal);
  const log = recordedLog();
  const stop = new AbortController();
  const served: Served[] = [];
  const open = new Set<string>();
  const opened = <T>(name: string, value: T): T => {
    open.add(name);
    return value;
  };
  const platform: Platform = {
    version: '1.2.3',
    env,
    out,
    err,
    signal: stop.signal,
    random: () => 0.5,
    createClock: () => clock,
    createLog: () => log,
    async openLedger(path, interpretation, at) {
      const ledger = openLedger(path, interpretation, at);
      const close = () => {
        ledger.close();
        open.delete('ledger');
      };
      return opened('ledger', { ...ledger, close });
    },
    openLedgerReader: async (path, interpretation) => openLedgerReader(path, interpretation),
    backupLedger,
    restoreLedger,
    async createCollector(source, _clock, builtIn, meter) {
      const credentials = builtIn ?? { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'test' };
      const collector =
        source.type === 'aws'
          ? createAwsCollector(awsConfigOf(source), {
              clock,
              credentials: () => Promise.resolve(credentials),
              ...(meters && meter && { meter }),
            })
          : createAzureCollector(azureConfigOf(source, env), {
              now: () => clock.now(),
              ...(meters && meter && { meter }),
            });
      const name = `collector ${source.name}`;
      const close = async () => {
        await collector.close();
        open.delete(name);
      };
      return opened(name, { ...collector, close });
    },
    async createBillCollector(source, { builtIn, meter, ...deps }) {
      const credentials = builtIn ?? { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'test' };
      const metered = meters ? meter : undefined;
      const collector = await createBillCollector(
        source,
        { ...deps, builtIn: credentials, meter: metered },
        env,
      );
      const name = `bills of ${source.name}`;
      const close = async () => {
        await collector.close();
        open.delete(name);
      };
      return opened(name, { ...collector, close });
    },
    createPriceList: async (name, setting, deps) =>
      name === 'aws_price_list'
        ? createAwsPriceList(setting, deps)
        : createAzurePriceList(setting, deps),
    async createNotifier(notifier, settings) {
      const channel = createNotifier(notifier, { ...settings, version: '1.2.3', env });
      const name = `notifier ${notifier.name}`;
      const close = async () => {
        await channel.close();
        open.delete(name);
      };
      return opened(name, { ...channel, close });
    },
    focusWriter: async () => focusBytes,
    page: async (of) => (await import('../../dashboards/page/page.tsx')).createPage(of),
    async dashboards() {
      const { generatedFiles } = await import('../../dashboards/grafana/boards.ts');
      return [...generatedFiles()].map(([name, text]) => ({ uid: name.slice(0, -5), text }));
    },
    async serve(fetch, address) {
      const listener: Served = { fetch, address, closed: false };
      served.push(listener);
      open.add('listener');
      return {
        url: `http://${address.host}:${address.port}`,
        async close() {
          listener.closed = true;
          open.delete('listener');
        },
      };
    },
    async createMetricsExporter({ endpoint }, { feed }) {
      const close = async () => void open.delete(`exporter ${endpoint}`);
      const exporter: MetricsExporter = {
        name: feed.name,
        export: () => Promise.resolve({ rejected: 0, message: '' }),
        close,
      };
      return opened(`exporter ${endpoint}`, exporter);
    },
    async startTraces() {
      const shutdown = async () => void open.delete('traces');
      return opened('traces', { tracer: noTracer, shutdown });
    },
    startClouds: () => Promise.reject(new Error('no clouds were given')),
    ...options.instead,
  };
  return { out, err, log, stop, served, open, run: (...argv) => runCommandLine(platform, argv) };
}

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a `crossbill.yaml` with this text, in a folder of its own. */
export function configFile(text: string): string {
  const path = join(temporaryFolder(), 'crossbill.yaml');
  writeFileSync(path, text);
  return path;
}

/** Waits for what real sockets bring about; the clock of the test does not move. */
export async function eventually(
  happened: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const from = performance.now();
  while (!(await happened())) {
    if (performance.now() - from > withinMs) {
      throw new Error(`it did not happen within ${String(withinMs / 1_000)} s`);
    }
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
