import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { clouds, priceLists } from '../collectors/index.ts';
import {
  costFiles,
  ledgerCopies,
  metricsExporters,
  notifiers,
  selfTelemetry,
  stores,
} from '../exporters/index.ts';
import type { Platform, Terminal } from './cli/platform.ts';
import { runCommandLine } from './cli/verbs.ts';
import { textLines } from './cli/log-lines.ts';
import { awsConfigOf, azureConfigOf } from './cli/source-configs.ts';
import { tuneV8, v8Memory } from './cli/v8.ts';
import type { Config } from './config/schema.ts';
import { createClock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import { noTracer } from './core/tracer.ts';

// The pinned SDK runs on this Node; what its makers plan for later versions is not the user's concern.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

// Under flags that are not its own V8 takes no code that was compiled before, ours and Node's: what listens is loaded first.
const isWatched = process.argv[2] === 'demo';
if (process.argv[2] !== 'run' && !isWatched) tuneV8(false);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    stop.abort();
    // A second Ctrl-C, or a loop that does not stop within its 5 s, ends the process.
    process.once(name, () => process.exit(130));
    setTimeout(() => {
      process.stderr.write(
        'crossbill did not stop within 5 s and was ended; the ledger is whole\n',
      );
      process.exit(1);
    }, 5_000).unref();
  });
}

// `crossbill report | head` ends the reader first; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// A log that nobody reads any more does not end the agent.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const platform: Platform = {
  version: versionOf(),
  env: process.env,
  out: terminalOf(process.stdout),
  err: terminalOf(process.stderr),
  signal: stop.signal,
  random: Math.random,
  memory: v8Memory,
  createClock: (speed, since) => createClock(Date.now, speed, since),
  createLog,
  openLedger: async (path, interpretation, at) =>
    (await stores.sqlite()).openLedger(path, interpretation, at),
  openLedgerReader: async (path, interpretation) =>
    (await stores.sqlite()).openLedgerReader(path, interpretation),
  backupLedger: async (path, file, options) =>
    (await ledgerCopies.sqlite()).backupLedger(path, file, options),
  restoreLedger: async (path, file, at) =>
    (await ledgerCopies.sqlite()).restoreLedger(path, file, at),
  async createCollector(source, clock, builtIn, meter) {
    if (source.type === 'aws') {
      const credentials = builtIn && (() => Promise.resolve(builtIn));
      return (await clouds.aws())(awsConfigOf(source), {
        clock,
        ...(credentials && { credentials }),
        ...(meter && { meter }),
      });
    }
    return (await clouds.azure())(azureConfigOf(source, process.env), {
      now: () => clock.now(),
      ...(meter && { meter }),
    });
  },
  createBillCollector: async (source, deps) =>
    (await import('./cli/bill-collectors.ts')).createBillCollector(source, deps, process.env),
  createPriceList: async (name, setting, deps) => (await priceLists[name]())(setting, deps),
  async createNotifier(notifier, options) {
    const { createNotifier } = await notifiers.webhook();
    return createNotifier(notifier, { ...options, version: platform.version, env: process.env });
  },
  ...(process.stdin.isTTY && process.stderr.isTTY
    ? { ask: async (question) => (await import('./cli/ask.ts')).ask(question, stop.signal) }
    : {}),
  focusWriter: async () => (await costFiles.focus()).focusBytes,
  page: async (options) => (await import('../dashboards/page/page.tsx')).createPage(options),
  dashboards: async () => (await import('./cli/dashboard-files.ts')).readDashboards(),
  async serve(...given) {
    const { serve } = await import('./cli/serve.ts');
    const listener = await serve(...given);
    tuneV8(isWatched);
    return listener;
  },
  async createMetricsExporter({ type, headers, ...settings }, { clock, ...deps }) {
    const { createMetricsExporter } = await metricsExporters[type]();
    return createMetricsExporter({
      ...settings,
      ...deps,
      headers: () => revealed(headers),
      serviceVersion: platform.version,
      now: () => clock.now(),
    });
  },
  async startTraces(exporters, log) {
    if (exporters.length === 0) return { tracer: noTracer, shutdown: () => Promise.resolve() };
    const endpoints = exporters.map(({ endpoint, headers }) => ({
      endpoint,
      headers: () => revealed(headers),
    }));
    const { startTraces } = await selfTelemetry.traces();
    return startTraces({ endpoints, serviceVersion: platform.version, log });
  },
  startClouds: async (options) => (await import('./cli/start-clouds.ts')).startClouds(options),
};

function revealed(
  headers: Config['exporters'][number]['headers'],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

function versionOf(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const manifest: { readonly version: string } = JSON.parse(text);
  return manifest.version;
}

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return {
    isTerminal: stream.isTTY,
    // A pseudo-terminal may not know its width and say 0.
    columns: stream.columns || 80,
    write: (text) => void stream.write(text),
  };
}

/** A progress bar may stand where a log line goes. */
const clearLine = process.stderr.isTTY ? '\r\u001B[K' : '';

function createLog(...[settings, extra = {}]: Parameters<Platform['createLog']>): Log {
  const asText = settings.format === 'text' || (settings.format === 'auto' && process.stderr.isTTY);
  const stream = asText
    ? { write: (line: string) => process.stderr.write(`${clearLine}${textLines(line)}`) }
    : pino.destination(2);
  const logger = pino(
    { level: settings.level, base: extra, timestamp: pino.stdTimeFunctions.isoTime },
    stream,
  );
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

async function main(): Promise<void> {
  // It stands where nothing is left that could still end what was begun.
  process.exitCode = 1;
  process.exitCode = await runCommandLine(platform, process.argv.slice(2));
  // What still holds a stopped process, a sign-in that heeds no signal say, has nobody waiting for it.
  if (stop.signal.aborted) process.exit();
}

void main();
