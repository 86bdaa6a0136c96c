import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hourMs } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { openLedger, openLedgerReader } from '../../exporters/sqlite/ledger.ts';
import { dumpLedger, integrityOf, readingsAmiss } from '../support/ledger-dump.ts';
import { differences } from '../support/rehearsal.ts';
import { bundleProgram } from './bundle.ts';
import { dice } from './dice.ts';
import type { WriterOrders } from './killed-writer.ts';

/**
 * A program that fills a ledger is killed a hundred times, at moments a seed draws, and started again each time. What it
 * leaves must always be whole, and what it ends with must be the truth, to the token.
 */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const kills = 100;
const now = Date.UTC(2026, 10, 18, 12);
const span = { start: now - 40 * hourMs, end: now - hourMs };
const lanes = scenarioLanes.filter(
  ({ id, account, region, vendorModel }) =>
    id.endsWith('chat-eu') ||
    (account === '111122223333' && region === 'us-east-1' && vendorModel.startsWith('openai.')) ||
    id.endsWith('us-east-1/runtime/us.openai.gpt-5.6-sol'),
);
const traffic = createTraffic(lanes, loadTrace());
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

let folder: string;
let program: string;
let clouds: Clouds;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-kill-'));
  program = await bundleProgram('killed-writer', folder);
  clouds = await startClouds({ traffic, now: () => now, settled: true });
});
afterAll(async () => {
  await clouds.close();
  rmSync(folder, { recursive: true, force: true });
});

function ordersFor(name: string, seed: number, mode: WriterOrders['mode']): WriterOrders {
  const { awsUrl, azureUrl } = clouds;
  return { path: join(folder, name), now, span, awsUrl, azureUrl, seed, mode };
}

interface Ending {
  readonly signal: string | null;
  readonly code: number | null;
  /** What it said until then. */
  readonly said: string;
}

/** Runs the program until it ends; `onWord` is given what it has said so far, and how to kill it. */
function runWriter(
  orders: WriterOrders,
  onWord: (said: string, kill: () => void) => void = () => undefined,
): Promise<Ending> {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const kill = () => void child.kill('SIGKILL');
  let said = '';
  onWord(said, kill);
  child.stdout.on('data', (words: Buffer) => {
    said += words.toString();
    onWord(said, kill);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, said }));
  });
}

/** One run that is killed some milliseconds after a drawn number of windows, or while it starts. */
function runUntilKilled(seed: number, random: () => number): Promise<Ending> {
  const windows = random() < 0.15 ? -1 : Math.floor(random() * 4);
  const delayMs = windows === -1 ? random() * 500 : random() * 25;
  let armed = false;
  return runWriter(ordersFor('killed.db', seed, 'endless'), (said, kill) => {
    const reached = windows === -1 || (said.includes('d') && said.split('c').length > windows);
    if (armed || !reached) return;
    armed = true;
    void wait(delayMs).then(kill);
  });
}

test('a hundred kills leave the truth: every window whole or absent, nothing lost and nothing twice', async () => {
  const random = dice(20_261_118);
  const endings: Ending[] = [];
  const whole = ordersFor('whole.db', 1, 'rest');
  expect(await runWriter(whole)).toMatchObject({ code: 0 });
  const reference = dumpLedger(whole.path);
  const { path } = ordersFor('killed.db', 1, 'rest');
  const partial: (readonly string[])[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    endings.push(await runUntilKilled(kill, random));
    if (kill % 20 !== 0) continue;
    expect(integrityOf(path), `after ${kill} kills`).toEqual([]);
    partial.push(readingsAmiss(path, whole.path));
  }
  expect(endings.filter(({ signal }) => signal !== 'SIGKILL')).toEqual([]);
  const atWork = endings.filter(({ said }) => said.includes('d'));
  expect(atWork.length, 'runs that were killed in the middle of their work').toBeGreaterThan(75);
  expect(partial.flat(), 'readings outside coverage, or absent inside it').toEqual([]);

  const end = await runWriter(ordersFor('killed.db', kills + 1, 'rest'));
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.said.endsWith('e')).toBe(true);
  expect(integrityOf(path)).toEqual([]);
  const reader = openLedgerReader(path, interpretation);
  for (const step of ['1m', '1h', 'total'] as const) {
    expect(await differences(reader, traffic, span, step, ['cloud', 'model']), step).toEqual([]);
  }
  reader.close();
  const killed = dumpLedger(path);
  expect(killed.readings).toEqual(reference.readings);
  expect(killed.usage).toEqual(reference.usage);
  expect(killed.coverage).toEqual(reference.coverage);
  const anew = { ...interpretation, contractVersion: 'derived anew' };
  openLedger(path, anew, now).close();
  expect(dumpLedger(path).usage, 'usage is what the readings derive to').toEqual(killed.usage);
});
