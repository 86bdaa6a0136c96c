import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { figureColumns } from '../support/figures.ts';

/**
 * The README's demo as a user starts it, from the bundle, on a clock thirty times as fast. What the API and `report`
 * say is held against what the replay itself counted.
 */
const speed = 30;
const main = new URL('../../dist/main.js', import.meta.url).pathname;
type Row = Readonly<Record<string, string | number | null>>;

let demo: ChildProcess;
let api = '';
let control = '';
let config = '';
let started = 0;
const lines: string[] = [];

beforeAll(async () => {
  started = Date.now();
  demo = spawn(
    process.execPath,
    [main, 'demo', '--listen', '127.0.0.1:0', '--speed', String(speed)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (demo.stdout === null) throw new Error('the demo has no output');
  const output = createInterface({ input: demo.stdout });
  await new Promise<void>((resolve, reject) => {
    demo.once('exit', (code) =>
      reject(new Error(`the demo ended with ${code}: ${lines.join('\n')}`)),
    );
    output.on('line', (line) => {
      lines.push(line);
      api ||= /API\s+(http:\/\/[\d.:]+)/.exec(line)?.[1] ?? '';
      control ||= /Truth\s+(http:\/\/[\d.:]+)/.exec(line)?.[1] ?? '';
      config ||= /--config (\S+)/.exec(line)?.[1] ?? '';
      if (line.includes('ready: 15 days filled')) resolve();
    });
  });
  process.stdout.write(
    `${lines.at(-1)} (${((Date.now() - started) / 1_000).toFixed(1)} s after the start)\n`,
  );
}, 300_000);

afterAll(() => void demo.kill('SIGKILL'));

async function rowsAt(url: string): Promise<readonly Row[]> {
  const response = await fetch(url);
  expect(response.status, `${url}: ${response.statusText}`).toBe(200);
  return (await response.json()) as readonly Row[];
}

async function demoNow(): Promise<number> {
  const response = await fetch(`${control}/clock`);
  return Date.parse(((await response.json()) as { readonly now: string }).now);
}

/** Rows by time and group; a truth row of a lane the clouds do not list (silent for weeks) is left out. */
function figures(rows: readonly Row[], known?: ReadonlyMap<string, unknown>) {
  return new Map(
    rows
      .map(
        (row) =>
          [
            `${row['time']} ${row['cloud']} ${row['model']}`,
            figureColumns.map((column) => row[column] ?? null),
          ] as const,
      )
      .filter(
        ([name, values]) => known === undefined || known.has(name) || values.some((value) => value),
      ),
  );
}

async function expectTruth(from: number, to: number, step: string): Promise<void> {
  const query = `from=${from}&to=${to}&step=${step}&group_by=cloud,model`;
  const told = figures(await rowsAt(`${api}/api/v1/usage?${query}`));
  const truth = figures(await rowsAt(`${control}/truth?${query}`), told);
  expect(truth.size).toBeGreaterThan(10);
  expect(told, `step ${step}`).toEqual(truth);
}

async function expectTruthEverywhere(): Promise<void> {
  const now = await demoNow();
  // Settled after a quarter of an hour, read at the next poll, which itself takes some minutes of a clock this fast.
  const to = floorTo(now - 25 * minuteMs, minuteMs);
  const from = floorTo(now, hourMs) - 14 * dayMs + hourMs;
  await expectTruth(from, to, 'total');
  await expectTruth(from, to, '1d');
  await expectTruth(from, to, '1h');
  for (const start of [to - 6 * hourMs, from, floorTo(from + 7 * dayMs, dayMs)]) {
    await expectTruth(start, start + 6 * hourMs, '1m');
  }
}

test('once filled, every step of the usage API equals the replay to the token', async () => {
  expect((await fetch(`${api}/readyz`)).status).toBe(200);
  await expectTruthEverywhere();
}, 120_000);

test('after ten more live minutes it still does', async () => {
  const until = (await demoNow()) + 10 * minuteMs;
  await new Promise((resolve) => setTimeout(resolve, (10 * minuteMs) / speed));
  while ((await demoNow()) < until) await new Promise((resolve) => setTimeout(resolve, 100));
  await expectTruthEverywhere();
  const sources = await rowsAt(`${api}/api/v1/sources`);
  expect(sources.length).toBeGreaterThan(8);
  expect(sources.filter((row) => row['reason'] !== null)).toEqual([]);
}, 180_000);

test('report reads the same ledger beside the running agent and says the same', async () => {
  const now = await demoNow();
  const [from, to] = [floorTo(now, dayMs) - 7 * dayMs, floorTo(now, dayMs)];
  const iso = (at: number) => new Date(at).toISOString();
  const argv = [
    'report',
    '--config',
    config,
    '--from',
    iso(from),
    '--to',
    iso(to),
    '--by',
    'cloud,model',
    '--json',
  ];
  const report = spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8' });
  expect(report.status, report.stderr).toBe(0);
  const rows: readonly Row[] = JSON.parse(report.stdout);
  const told = figures(rows);
  const truth = figures(
    await rowsAt(`${control}/truth?from=${from}&to=${to}&step=total&group_by=cloud,model`),
    told,
  );
  expect(told).toEqual(truth);
}, 60_000);

test('SIGTERM ends it cleanly and takes the temporary ledger with it', async () => {
  const ended = new Promise<number | null>((resolve) => demo.once('exit', resolve));
  demo.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(config)).toBe(false);
}, 30_000);
