import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bench, describe } from 'vitest';
import { minuteMs } from '../../agent/core/time.ts';
import { boardAsks } from './query-asks.ts';
import type { Ask } from './query-asks.ts';
import { startVictoria } from './query-victoria.ts';
import { worldEnd, worldFile } from './query-world.ts';

/**
 * What everybody who looks at the boards asks of ten million minutes and thirteen months of hours and days, beside the same
 * questions asked of VictoriaMetrics. The ledger and its data are made once and kept in the system's temporary folder.
 */
/** The first, and forty more: of those, the 95th percentile is the third longest. */
const rounds = 41;
const aims = { p95Ms: 20, firstMs: 100 };
const viewers = 50;
const refreshMs = 30_000;
/** Each board is opened, and asks anew three times. */
const watchedMs = 95_000;
/** What a browser has open to one host at a time over HTTP/1.1, with Grafana or without. */
const atOnce = 6;
const source = fileURLToPath(new URL('./query-run.ts', import.meta.url));
/** Inside the repository, so that the driver is found. */
const bundle = fileURLToPath(new URL('../../node_modules/.cache/query-run.mjs', import.meta.url));

const say = (line: string) => process.stdout.write(`${line}\n`);

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const times = (values: readonly number[]) =>
  [0.5, 0.95, 1].map((share) => at(values, share).toFixed(1).padStart(8)).join('');

async function run(mode: string, file: string, argument: string): Promise<string> {
  const args = [bundle, mode, file, argument];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 });
  return stdout;
}

interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

async function bundleRun(): Promise<void> {
  await build({
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
}

async function measure(): Promise<void> {
  await bundleRun();
  const file = worldFile();
  const asks = boardAsks();
  const warm = JSON.parse(await run('warm', file, String(rounds))) as {
    readonly loopsMs: number;
    readonly rssMb: number;
    readonly took: readonly (readonly Took[])[];
  };
  const victoria = await startVictoria(file);
  const slow: string[] = [];
  const slowFirst: string[] = [];
  say(
    `${' '.repeat(44)}ms: first    p50     p95     max   VictoriaMetrics: p50     p95     max   p50 / p50`,
  );
  for (const [index, ask] of asks.entries()) {
    const told = (warm.took[index] ?? []).slice(1).map(({ ms }) => ms);
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ms = await victoria.ask(ask, worldEnd + round * minuteMs);
      if (ms !== undefined) theirs.push(ms);
    }
    const first = warm.took[index]?.[0]?.ms ?? Number.NaN;
    const ratio = theirs.length === 0 ? '' : (at(told, 0.5) / at(theirs, 0.5)).toFixed(2);
    const name = `${ask.board}: ${ask.name}`;
    if (at(told, 0.95) > aims.p95Ms) slow.push(name);
    if (first > aims.firstMs) slowFirst.push(name);
    const beside =
      theirs.length === 0 ? '' : `${' '.repeat(14)}${times(theirs.slice(1))}${ratio.padStart(10)}`;
    say(`${name.padEnd(44)}${first.toFixed(0).padStart(8)}${times(told)}${beside}`);
  }
  await victoria.stop();
  const firsts = warm.took.map(([first]) => first?.ms ?? Number.NaN);
  const all = warm.took.flatMap((some) => some.slice(1).map(({ ms }) => ms));
  say(`all questions, warm: p50, p95, max ${times(all)} ms; first ask: ${times(firsts)} ms`);
  say(`p95 above ${aims.p95Ms} ms: ${slow.join('; ') || 'none'}`);
  say(`first ask above ${aims.firstMs} ms: ${slowFirst.join('; ') || 'none'}`);
  say(`before the first ask the loops took ${warm.loopsMs.toFixed(0)} ms, in pieces`);
  say(`memory after all of them: ${warm.rssMb.toFixed(0)} MB`);
}

async function measureBoards(): Promise<void> {
  await bundleRun();
  const file = worldFile();
  const asks = boardAsks();
  await watch(file, asks, 1);
  await watch(file, asks, 5);
}

/**
 * Fifty people with a board open each, while minutes are read in, so many times as fast as polls come; into a copy, for the
 * next run wants the same ledger.
 */
async function watch(file: string, asks: readonly Ask[], speed: number): Promise<void> {
  const copy = `${file}.watched`;
  copyFileSync(file, copy);
  const child = spawn(process.execPath, [bundle, 'serve', copy, String(speed)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const input = createInterface({ input: child.stdout });
  input.on('line', (line) => lines.push(line));
  await once(input, 'line');
  const { port } = JSON.parse(lines[0] ?? '{}') as { readonly port: number };
  const names = [...new Set(asks.map(({ board }) => board))];
  const taken: number[] = [];
  const until = performance.now() + watchedMs;
  const view = async (viewer: number) => {
    const own = asks.filter(({ board }) => board === names[viewer % names.length]);
    await setTimeout((viewer * refreshMs) / viewers);
    for (let from = performance.now(); from < until; from += refreshMs) {
      const now = worldEnd + (Date.now() % (5 * minuteMs));
      const waiting = [...own];
      const askNext = async (): Promise<void> => {
        for (let ask = waiting.shift(); ask !== undefined; ask = waiting.shift()) {
          const path = await ask.path(now);
          const began = performance.now();
          const answer = await fetch(`http://127.0.0.1:${port}${path}`);
          await answer.arrayBuffer();
          if (!answer.ok) throw new Error(`${answer.status} at ${ask.name}`);
          taken.push(performance.now() - began);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, askNext));
      await setTimeout(Math.max(0, from + refreshMs - performance.now()));
    }
  };
  await Promise.all(Array.from({ length: viewers }, (_, viewer) => view(viewer)));
  child.stdin.end();
  await once(child, 'exit');
  rmSync(copy);
  say(
    `${viewers} boards open, polls ${speed} times as fast as they come: ${taken.length} questions, p50, p95, max ${times(taken)} ms`,
  );
  say(`the agent meanwhile: ${lines[1] ?? ''}`);
}

describe('what the boards ask', () => {
  const single = { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 };
  bench('of the ledger, one after the other', measure, single);
  bench('of the ledger, fifty at a time', measureBoards, single);
});
