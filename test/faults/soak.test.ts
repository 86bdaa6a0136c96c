import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Instant, Window } from '../../agent/core/time.ts';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';
import type { TruthStep } from '../../collectors/emulator/truth.ts';
import type { LedgerReader } from '../../agent/core/store.ts';
import { openLedgerReader } from '../../exporters/sqlite/ledger.ts';
import { figureColumns } from '../support/figures.ts';
import { integrityOf } from '../support/ledger-dump.ts';
import { differences } from '../support/rehearsal.ts';
import { bundleProgram } from './bundle.ts';
import { interpretation } from './interpretation.ts';
import { thinTraffic } from './small-world.ts';
import type { SoakDay, SoakOrders, SoakWord } from './soaking-agent.ts';

/**
 * A whole agent over 30 days on a fast clock, in a process of its own: two targets, one of each cloud, through the real
 * SDKs. Everything is at its default but the cadence: polls are 15 minutes apart, three times the default, which makes it
 * minutes long and not a quarter of an hour.
 */
vi.setConfig({ testTimeout: 900_000, hookTimeout: 60_000 });

const days = 30;
const start = Date.UTC(2026, 10, 1);
const end = start + days * dayMs;
const daySeconds = 86_400;
const minuteDays = 15;
const settings = {
  everySeconds: 900,
  discoverySeconds: 900,
  overlapSeconds: 1_800,
  backfillSeconds: 14 * daySeconds,
  minuteRetentionSeconds: minuteDays * daySeconds,
  hourRetentionSeconds: 400 * daySeconds,
};
const retention = {
  minuteSeconds: minuteDays * daySeconds,
  hourSeconds: 400 * daySeconds,
  daySeconds: Infinity,
};
const groups = ['cloud', 'deployment', 'model'] as const;
const traffic = thinTraffic();

/** What was seen of the agent. */
interface Soak {
  readonly path: string;
  readonly days: readonly SoakDay[];
  readonly left: readonly string[];
  /** Calls that came in at the clouds, by day from 1 on. */
  readonly served: ReadonlyMap<number, number>;
  readonly code: number | null;
}

let folder: string;
let clouds: Clouds;
let reader: LedgerReader;
let soak: Soak;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-soak-'));
  const path = join(folder, 'soak.db');
  const program = await bundleProgram('soaking-agent', folder);
  const time = { now: start };
  const served = new Map<number, number>();
  const count = () => {
    const day = Math.floor((time.now - start) / dayMs) + 1;
    served.set(day, (served.get(day) ?? 0) + 1);
    return undefined;
  };
  const now = () => time.now;
  clouds = await startClouds({ traffic, now, faults: { intercept: count } });
  const { awsUrl, azureUrl } = clouds;
  const orders = { path, start, days, awsUrl, azureUrl, region: 'us-east-1', settings, retention };
  const seen = await runAgent(program, orders, time);
  soak = { path, served, ...seen };
  for (const one of seen.days.filter(({ day }) => day === 1 || day % 5 === 0)) {
    const { day, rssBytes, heapBytes, fileBytes, foretoldBytes, apiCalls, revisions } = one;
    const inMb = [rssBytes, heapBytes, fileBytes, foretoldBytes].map((n) => (n / 1e6).toFixed(1));
    const [rss, heap, file, foretold] = inMb;
    process.stdout.write(
      `day ${day}: ${rss} MB resident, ${heap} MB heap, file ${file} MB (foretold ${foretold}), ` +
        `${apiCalls} calls, ${revisions} revisions\n`,
    );
  }
  reader = openLedgerReader(path, interpretation);
}, 2_400_000);
afterAll(async () => {
  reader.close();
  await clouds.close();
  rmSync(folder, { recursive: true, force: true });
});

async function runAgent(program: string, orders: SoakOrders, time: { now: Instant }) {
  const child = spawn(process.execPath, ['--expose-gc', program, JSON.stringify(orders)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  const found: { days: SoakDay[]; left: readonly string[] } = { days: [], left: ['no end'] };
  child.on('message', (word: SoakWord) => {
    if (word.kind === 'time') time.now = word.now;
    else if (word.kind === 'day') found.days.push(word.day);
    else found.left = word.left;
    child.send('go on');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { ...found, code };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What is said of the second and of the last third of the days. */
function thirds(
  of: (day: SoakDay) => number,
  said: (values: readonly number[]) => number = middle,
): readonly [second: number, last: number] {
  const values = soak.days.map(of);
  return [said(values.slice(days / 3, (2 * days) / 3)), said(values.slice((2 * days) / 3))];
}

function nullsIn(span: Window, stepMs: 60_000 | 3_600_000) {
  return queryUsage(reader, {
    from: span.start,
    to: span.end,
    stepMs,
    groupBy: ['cloud'],
    filters: new Map(),
    teams: [],
  }).then(({ rows }) => [
    ...new Set(rows.flatMap((row) => figureColumns.map((column) => row[column] === null))),
  ]);
}

test('the agent ran to its end, failed at nothing, and left neither timer nor handle behind', () => {
  expect(soak.code).toBe(0);
  expect(soak.days.map(({ day }) => day)).toEqual(Array.from({ length: days }, (_, i) => i + 1));
  expect(soak.days.filter(({ failing, slowed }) => failing + slowed > 0)).toEqual([]);
  expect(soak.left).toEqual([]);
});

test('memory stays what it is: the last ten days against the ten before', () => {
  const [heapBefore, heapAfter] = thirds(({ heapBytes }) => heapBytes);
  expect(heapAfter / heapBefore, 'heap').toBeLessThan(1.025);
  // What was given back and not yet taken back comes and goes by tens of megabytes; the least of ten days is what is needed.
  const [rssBefore, rssAfter] = thirds(
    ({ rssBytes }) => rssBytes,
    (values) => Math.min(...values),
  );
  expect(rssAfter / rssBefore, 'resident').toBeLessThan(1.1);
});

test('the ledger is the truth by the day and in total, by the hour and minute of the last days', async () => {
  const whole = { start: start - 10 * dayMs, end: end - hourMs };
  const last = { start: end - 2 * dayMs, end: end - hourMs };
  const asked: readonly (readonly [Window, TruthStep])[] = [
    [whole, 'total'],
    [whole, '1d'],
    [last, '1h'],
    [last, '1m'],
  ];
  for (const [span, step] of asked) {
    expect(await differences(reader, traffic, span, step, groups), step).toEqual([]);
  }
  expect(integrityOf(soak.path)).toEqual([]);
});

test('minutes are there for as long as they are kept and no longer, hours before them too', async () => {
  for (const { day, oldestMinuteReading, oldestMinuteUsage } of soak.days) {
    const oldestMs =
      Math.min(oldestMinuteReading ?? Infinity, oldestMinuteUsage ?? Infinity) * minuteMs;
    const age = start + day * dayMs - oldestMs;
    expect(age, `day ${day}`).toBeGreaterThan(13 * dayMs);
    expect(age, `day ${day}`).toBeLessThan(minuteDays * dayMs + 3 * hourMs);
  }
  const old = { start: start + 5 * dayMs, end: start + 6 * dayMs };
  expect(await nullsIn(old, minuteMs)).toEqual([true]);
  const hours = await differences(reader, traffic, old, '1h', groups);
  expect(hours).toEqual([]);
});

test('the file is as large as foretold from the first day on, to 12 percent, and no larger at the end', () => {
  for (const { day, fileBytes, foretoldBytes } of soak.days) {
    expect(foretoldBytes / fileBytes, `day ${day}`).toBeGreaterThan(0.88);
    expect(foretoldBytes / fileBytes, `day ${day}`).toBeLessThan(1.12);
  }
  const [before, after] = thirds(({ fileBytes }) => fileBytes);
  expect(after / before).toBeLessThan(1.05);
});

test('the agent calls the clouds as often every day, and has every call on its bill', () => {
  const ordinary = soak.days.slice(1);
  const bill = ordinary.map(({ apiCalls }) => apiCalls);
  expect(Math.max(...bill) / Math.min(...bill)).toBeLessThan(1.02);
  const costs = ordinary.map(({ apiCostNanoUsd }) => apiCostNanoUsd);
  expect(Math.max(...costs) / Math.min(...costs)).toBeLessThan(1.02);
  // The bill of a day is read a minute before its end; nothing is polled in that minute.
  expect(bill).toEqual(ordinary.map(({ day }) => soak.served.get(day)));
});
