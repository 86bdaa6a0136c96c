import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** What a process has used, by Linux's own books. */
export interface Usage {
  readonly rssMb: number;
  readonly peakRssMb: number;
  readonly cpuSeconds: number;
}

/** `dist/main.js run` as a user starts it, with a ledger that goes when it stops. */
export interface AgentProcess {
  /** From the spawn to the first 200 of /healthz. */
  readonly startMs: number;
  readonly atStart: Usage;
  usage(): Usage;
  /** Meters listed so far. */
  units(): number;
  /** Resolves when /readyz says so. */
  ready(): Promise<void>;
  /** When the last window was read, by `performance.now()`; undefined before the first. */
  lastReadAt(): number | undefined;
  /** Resolves when no window has been read for so long. */
  quiet(ms: number): Promise<void>;
  /** How long its event loop was held up since the last question, milliseconds. */
  pauses(): Promise<{ readonly p99Ms: number; readonly maxMs: number }>;
  ledgerMb(): number;
  stop(): Promise<void>;
}

const main = new URL('../../dist/main.js', import.meta.url).pathname;

/** Loaded into the agent: tells on SIGUSR2 how long the loop was held up, and starts anew. */
const pauseProbe = `
import { monitorEventLoopDelay } from 'node:perf_hooks';
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
process.on('SIGUSR2', () => {
  const told = { p99Ms: delay.percentile(99) / 1e6 - 10, maxMs: delay.max / 1e6 - 10 };
  delay.reset();
  process.stderr.write(JSON.stringify({ msg: 'pauses', ...told }) + '\\n');
});`;

interface LogLine {
  readonly msg: string;
  readonly units?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
}

/**
 * @param config crossbill.yaml but for `ledger`, `listen` and `log`
 * @param probed whether `pauses` is going to be asked; costs a little memory
 */
export async function startAgentProcess(config: string, probed = false): Promise<AgentProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-bench-'));
  const port = await freePort();
  const file = join(folder, 'crossbill.yaml');
  const own = [
    'ledger: sqlite:./ledger.db',
    `listen: 127.0.0.1:${port}`,
    'log: { level: debug, format: json }',
  ];
  writeFileSync(file, [...own, config].join('\n'));
  const probe = probed
    ? ['--import', `data:text/javascript,${encodeURIComponent(pauseProbe)}`]
    : [];
  const from = performance.now();
  const child = spawn(process.execPath, [...probe, main, 'run', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' },
  });
  const seen: {
    units: number;
    lastReadAt?: number;
    pausesTold?: (told: { p99Ms: number; maxMs: number }) => void;
  } = { units: 0 };
  if (child.stderr === null) throw new Error('the agent has no stderr');
  createInterface({ input: child.stderr }).on('line', (line) => {
    const said = parsed(line);
    if (said === undefined) process.stderr.write(`${line}\n`);
    else if (said.msg === 'window read') seen.lastReadAt = performance.now();
    else if (said.msg === 'targets listed') seen.units += said.units ?? 0;
    else if (said.msg === 'pauses') {
      seen.pausesTold?.({ p99Ms: said.p99Ms ?? 0, maxMs: said.maxMs ?? 0 });
    } else if (/failed|rejected|could not/.test(said.msg)) process.stderr.write(`${line}\n`);
  });
  await answers(port, '/healthz', child, 2);
  const startMs = performance.now() - from;
  return {
    startMs,
    atStart: usageOf(child),
    usage: () => usageOf(child),
    units: () => seen.units,
    ready: () => answers(port, '/readyz', child, 100),
    lastReadAt: () => seen.lastReadAt,
    async quiet(ms) {
      while (seen.lastReadAt === undefined || performance.now() - seen.lastReadAt < ms) {
        await setTimeout(100);
        throwIfEnded(child);
      }
    },
    pauses: () =>
      new Promise((resolve) => {
        seen.pausesTold = resolve;
        child.kill('SIGUSR2');
      }),
    ledgerMb: () => statSync(join(folder, 'ledger.db')).size / 1e6,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** A process of clouds: prints its addresses as one line of JSON, ends when its stdin closes. */
export interface CloudProcess<Addresses> {
  readonly addresses: Addresses;
  usage(): Usage;
  stop(): Promise<void>;
}

/** @param script a TypeScript file of this folder */
export async function startCloudProcess<Addresses>(
  script: string,
  ...argv: readonly string[]
): Promise<CloudProcess<Addresses>> {
  const path = new URL(script, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])]);
  if (line === '') throw new Error(`${script} ended before it served`);
  const addresses: Addresses = JSON.parse(line);
  return {
    addresses,
    usage: () => usageOf(child),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function parsed(line: string): LogLine | undefined {
  try {
    const value: LogLine = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}

function usageOf({ pid }: ChildProcess): Usage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  // After the name in brackets: state is field 3, utime and stime are 14 and 15, in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
  return { rssMb: mb('VmRSS'), peakRssMb: mb('VmHWM'), cpuSeconds };
}

function throwIfEnded({ exitCode }: ChildProcess): void {
  if (exitCode !== null) throw new Error(`the agent ended with status ${exitCode}`);
}

async function answers(
  port: number,
  path: string,
  child: ChildProcess,
  everyMs: number,
): Promise<void> {
  while ((await statusOf(port, path)) !== 200) {
    throwIfEnded(child);
    await setTimeout(everyMs);
  }
}

/** 0 where nobody listens. */
function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).once('error', () => resolve(0));
  });
}

/** Below the ports that the system gives to clients: there, asking again and again would end in a connection to itself. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]).catch(() => false);
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
