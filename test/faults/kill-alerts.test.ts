import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AlertMessage } from '../../agent/core/alert.ts';
import { bundleProgram } from './bundle.ts';
import { dice } from './dice.ts';
import type { AlertingOrders } from './killed-alerting.ts';

/**
 * The alerting of six hours is killed a hundred times, at moments a seed draws, and started again each time. People are
 * told what they would have been told without it: nothing is lost, no id has two meanings, and each hears it in order.
 */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 });

const kills = 100;
const minutes = 360;

type Sent = Omit<AlertMessage, 'at'>;

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-kill-alerts-'));
  program = await bundleProgram('killed-alerting', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the receiver got, and how far it came. `killAfter`: dead after so many lines. */
async function run(orders: AlertingOrders, killAfter = Infinity) {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const sent: Sent[] = [];
  let minute = orders.from;
  let lines = 0;
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  for await (const line of createInterface(child.stdout)) {
    const [kind, what] = JSON.parse(line) as ['m', number] | ['s', Sent];
    if (kind === 'm') minute = what;
    else sent.push(what);
    lines += 1;
    if (lines >= killAfter) child.kill('SIGKILL');
  }
  await ended;
  return { sent, minute, code: child.exitCode };
}

/** What each receiver heard of each group, every message once. */
function heard(sent: readonly Sent[]): Readonly<Record<string, readonly string[]>> {
  const lanes: Record<string, string[]> = {};
  for (const { id, notifier, group, type } of sent) {
    const lane = (lanes[`${notifier} ${group}`] ??= []);
    if (!lane.includes(`${type} ${id}`)) lane.push(`${type} ${id}`);
  }
  return lanes;
}

it('tells people the same whatever it is killed at', async () => {
  const whole = await run({ path: join(folder, 'whole.db'), from: 0, minutes });
  expect(whole).toMatchObject({ minute: minutes, code: 0 });
  expect(new Set(whole.sent.map(({ type }) => type))).toEqual(
    new Set(['alert.firing', 'alert.repeated', 'alert.resolved', 'alert.corrected']),
  );

  const random = dice(20_261_123);
  const path = join(folder, 'killed.db');
  const sent: Sent[] = [];
  let minute = 0;
  let killed = 0;
  while (minute < minutes) {
    const killAfter = killed < kills ? 1 + Math.floor(random() * 6) : Infinity;
    const part = await run({ path, from: minute, minutes }, killAfter);
    if (part.code !== 0) killed += 1;
    sent.push(...part.sent);
    minute = part.minute;
  }
  expect(killed).toBe(kills);
  expect(heard(sent)).toEqual(heard(whole.sent));
  const meanings = new Map<string, string>();
  for (const { id, type, alerts } of sent) {
    const meaning = JSON.stringify([
      type,
      alerts.map(({ fingerprint, state }) => [fingerprint, state]),
    ]);
    expect(meanings.get(id) ?? meaning).toBe(meaning);
    meanings.set(id, meaning);
  }
});
