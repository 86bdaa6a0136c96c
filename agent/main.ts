import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
import type { BuiltInClouds, Platform, Terminal } from './cli/platform.ts';
import { createBillCollector } from './cli/bill-collectors.ts';
import { runCommandLine } from './cli/verbs.ts';
import { textLines } from './cli/log-lines.ts';
import { awsConfigOf, azureConfigOf } from './cli/source-configs.ts';
import type { Config } from './config/schema.ts';
import { whyUnreadable } from './config/secrets.ts';
import { createClock } from './core/clock.ts';
import type { Log } from './core/log.ts';
import { noTracer } from './core/tracer.ts';

// The pinned SDK runs on this Node; what its makers plan for later versions is not the user's concern.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

// The one WebAssembly module here is the HTTP parser behind `fetch`. V8's second compiler takes 25 MB for its one large
// function, 14 of which the process never gives back, and makes nothing faster that anybody would notice.
for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) {
  setFlagsFromString(flag);
}
// Code is optimized after it has run fifteen times as long as V8 asks for. A first hour of a thousand series takes a fifth
// less CPU, for what is optimized sooner is soon over; a fill of days takes no more, for its code gets there all the same.
setFlagsFromString('--interrupt-budget=1000000');
// Code that two whole collections did not see run is let go, and compiled again where it runs once more.
setFlagsFromString('--bytecode-old-age=2');
// Garbage is collected at a smaller heap: reading in thousands of series peaks 40 MB lower. It takes a quarter longer, and a
// first fill half as much again, so not where somebody watches it.
if (process.argv[2] !== 'demo') setFlagsFromString('--optimize-for-size');

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

let collectGarbage: (() => void) | undefined;

const platform: Platform = {
  version: versionOf(),
  env: process.env,
  out: terminalOf(process.stdout),
  err: terminalOf(process.stderr),
  signal: stop.signal,
  random: Math.random,
  memory: {
    heap() {
      const { total_heap_size: taken, used_heap_size: used } = getHeapStatistics();
      return { taken, used };
    },
    giveBack() {
      collectGarbage ??= wholeCollection();
      collectGarbage();
    },
  },
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
  createBillCollector: async (source, deps) => createBillCollector(source, deps, process.env),
  createPriceList: async (name, setting, deps) => (await priceLists[name]())(setting, deps),
  async createNotifier(notifier, options) {
    const { createNotifier } = await notifiers.webhook();
    return createNotifier(notifier, { ...options, version: platform.version, env: process.env });
  },
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  focusWriter: async () => (await costFiles.focus()).focusBytes,
  dashboards: readDashboards,
  serve: listen,
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
  startClouds,
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

/** Beside the bundle; where the agent runs from source, where they are generated. */
async function readDashboards(): ReturnType<Platform['dashboards']> {
  const { readdir, readFile } = await import('node:fs/promises');
  const fromSource = import.meta.url.endsWith('.ts');
  const folder = new URL(fromSource ? '../dashboards/grafana/generated/' : './', import.meta.url);
  const names = (await readdir(folder)).filter((name) => /^crossbill-[a-z-]+\.json$/.test(name));
  return Promise.all(
    names.toSorted().map(async (name) => {
      return { uid: name.slice(0, -5), text: await readFile(new URL(name, folder), 'utf8') };
    }),
  );
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

/** V8 has a whole collection only behind a flag, and gives it to contexts that are made under it. */
function wholeCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return collect;
}

/** Listens, or rejects with an error that names the address and the key to change. */
async function listen(
  ...[fetch, { host, port, tls }]: Parameters<Platform['serve']>
): ReturnType<Platform['serve']> {
  const name = host.includes(':') ? `[${host}]` : host;
  const secure = tls && (await secureOptionsOf(tls));
  const { serve } = await import('@hono/node-server');
  return new Promise((resolve, reject) => {
    const options = { fetch, hostname: host, port, ...secure };
    const server = serve(options, (info: AddressInfo) => {
      resolve({
        url: `${tls === undefined ? 'http' : 'https'}://${name}:${info.port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            // Else a client that keeps its connection open keeps the agent from stopping.
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(
        new Error(
          `cannot listen on ${name}:${port}: ${why}. Choose another address: the key \`listen\`, or --listen of demo.`,
        ),
      );
    });
  });
}

async function secureOptionsOf(tls: NonNullable<Config['tls']>) {
  const { createServer } = await import('node:https');
  const { createSecureContext } = await import('node:tls');
  const serverOptions = { cert: pemOf('cert', tls.cert), key: pemOf('key', tls.key) };
  try {
    createSecureContext(serverOptions);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `tls: ${tls.cert} and ${tls.key} are no PEM certificate with its PEM key: ${why}`,
      { cause: error },
    );
  }
  return { createServer, serverOptions };
}

function pemOf(key: 'cert' | 'key', path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`tls.${key}: ${path} cannot be read: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}

/** Not through a raw terminal, which would keep Ctrl-C to itself. Ctrl-D is no answer. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const questions = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: false,
  });
  const ended = new Promise<string>((resolve) => void questions.once('close', () => resolve('')));
  try {
    return await Promise.race([
      questions.question(question, { signal: stop.signal }).catch(() => ''),
      ended,
    ]);
  } finally {
    questions.close();
  }
}

/** The built-in clouds as a process of its own; it ends when this one does. */
async function startClouds({
  speed,
  since,
}: {
  readonly speed: number;
  readonly since: number;
}): Promise<BuiltInClouds> {
  const { spawn } = await import('node:child_process');
  const { createInterface } = await import('node:readline');
  const script = fileURLToPath(new URL('./emulator.js', import.meta.url));
  const argv = [script, '--speed', String(speed), '--start-at', String(since)];
  // In a group of its own, or a Ctrl-C would end the clouds before the agent has stopped asking them.
  const child = spawn(process.execPath, argv, {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const stopped = new Promise<void>((done) => child.once('exit', () => done()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the built-in clouds ended with status ${code}`)),
    );
    createInterface({ input: child.stdout }).once('line', (line) => {
      const urls: Omit<BuiltInClouds, 'stop'> = JSON.parse(line);
      resolve({
        ...urls,
        stop() {
          child.stdin.end();
          child.kill('SIGTERM');
          return stopped;
        },
      });
    });
  });
}

process.exitCode = await runCommandLine(platform, process.argv.slice(2));
// What still holds a stopped process, a sign-in that heeds no signal say, has nobody waiting for it.
if (stop.signal.aborted) process.exit();
