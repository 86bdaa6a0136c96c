import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createApp } from '../../agent/app.ts';
import { seenShape } from '../../agent/cli/check-forecast.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { LedgerRetention } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { dayMs, floorTo, hourMs, minuteMs, secondMs } from '../../agent/core/time.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import { createApiMeter } from '../../agent/schedule/api-meter.ts';
import type { CollectSettings } from '../../agent/schedule/collect.ts';
import { createSpendLimits } from '../../agent/schedule/spend-limits.ts';
import { predictLedgerBytes } from '../../agent/upkeep/predict-size.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import { Driver } from '../../exporters/sqlite/driver.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createIoGate } from './io-gate.ts';
import { interpretation } from './interpretation.ts';

/**
 * A whole agent that runs for many days on a fast clock, in a process of its own, so that what it leaves in memory is the
 * agent's alone. Before anybody wakes at a new time it tells its parent, who keeps the clouds, and waits for the answer.
 */
export interface SoakOrders {
  readonly path: string;
  readonly start: Instant;
  readonly days: number;
  readonly awsUrl: string;
  readonly azureUrl: string;
  readonly region: string;
  readonly settings: CollectSettings;
  readonly retention: LedgerRetention;
}

/** How the agent stands at the end of a day, after the garbage is collected. */
export interface SoakDay {
  readonly day: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Memory outside the heap that JavaScript holds. */
  readonly externalBytes: number;
  /** What a prediction made of this day's intake says of the file after as many days with data as it has. */
  readonly foretoldBytes: number;
  readonly fileBytes: number;
  /** Whole minutes since the epoch; null where there are none. */
  readonly oldestMinuteReading: number | null;
  readonly oldestMinuteUsage: number | null;
  readonly revisions: number;
  readonly failing: number;
  /** Targets that are slowed for money's sake. */
  readonly slowed: number;
  /** What the agent's own bill says of the day that is about to end. */
  readonly apiCalls: number;
  readonly apiCostNanoUsd: number;
}

export type SoakWord =
  | { readonly kind: 'time'; readonly now: Instant }
  | { readonly kind: 'day'; readonly day: SoakDay }
  /** What is left of timers and handles once the agent has stopped, and how long it took to go. */
  | { readonly kind: 'end'; readonly left: readonly string[]; readonly waitedMs: number };

const orders: SoakOrders = JSON.parse(process.argv[2] ?? '{}');
const { path, start, days } = orders;

function tell(word: SoakWord): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => resolve());
    process.send?.(word);
  });
}

const gate = createIoGate();
const clock = createFakeClock(
  start,
  () => gate.idle(),
  (now) => tell({ kind: 'time', now }),
);
await tell({ kind: 'time', now: start });
const before = process.getActiveResourcesInfo();
const ledger = openLedger(path, interpretation, start);
const limits = createSpendLimits('auto');
// Unpaced: the gate would wait for a call that waits for the clock.
const meter = createApiMeter({ clock, ledger, limits, paced: false });
const credentials = () =>
  Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'rehearsal' });
const credential = { kind: 'static_token', token: () => 'rehearsal' } as const;
const collectors = [
  createAwsCollector(
    {
      name: 'aws',
      regions: [orders.region],
      roles: [],
      linkedAccounts: false,
      endpoint: orders.awsUrl,
    },
    { clock, credentials, meter },
  ),
  createAzureCollector(
    { name: 'azure', credential, endpoint: orders.azureUrl },
    { now: () => clock.now(), meter },
  ),
];
const app = createApp({
  clock,
  log: silentLog,
  tracer: noTracer,
  ledger,
  collectors: collectors.map((one) => gate.watch(one)),
  settings: orders.settings,
  retention: orders.retention,
  random: () => 0.5,
  limits,
});
app.start();
// A day ends just before midnight, while its own calls are still those of today.
await clock.advance(dayMs - minuteMs);
for (let day = 1; day <= days; day += 1) {
  await tell({ kind: 'day', day: await look(day) });
  await clock.advance(day === days ? minuteMs : dayMs);
}
await app.stop();
ledger.close();
await tell({ kind: 'end', ...(await leftOver()) });
process.disconnect();

async function look(day: number): Promise<SoakDay> {
  globalThis.gc?.();
  const sources = await ledger.sources(clock.now());
  const bill = await ledger.apiCalls(clock.now());
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    day,
    rssBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    foretoldBytes: await foretell(),
    fileBytes: statSync(path).size,
    ...rowsOfFile(),
    failing: sources.filter(({ failure }) => failure !== null).length,
    apiCalls: bill.reduce((sum, { calls }) => sum + calls, 0),
    apiCostNanoUsd: bill.reduce((sum, { costNanoUsd }) => sum + Number(costNanoUsd), 0),
    slowed: sources.filter(({ slowed }) => slowed !== null).length,
  };
}

async function foretell(): Promise<number> {
  const now = clock.now();
  const { settings, retention } = orders;
  // Behind what may still change, a whole day.
  const end = floorTo(now - hourMs, hourMs);
  const intake = await ledger.intake({ start: end - dayMs, end });
  const filledDays = (settings.backfillSeconds * secondMs) / dayMs;
  const span = { retention, days: (now - start) / dayMs + filledDays, filledDays };
  return predictLedgerBytes(seenShape(intake, 1, settings.everySeconds), span);
}

function rowsOfFile() {
  const db = new Driver(path, { readonly: true });
  const one = (sql: string) => db.prepare(sql).pluck().get() as number | null;
  const rows = {
    oldestMinuteReading: one('SELECT min(minute) FROM reading WHERE period_seconds = 60'),
    oldestMinuteUsage: one('SELECT min(minute) FROM usage_minute'),
    revisions: one('SELECT count(*) FROM revision') ?? 0,
  };
  db.close();
  return rows;
}

async function leftOver(): Promise<{
  readonly left: readonly string[];
  readonly waitedMs: number;
}> {
  const from = performance.now();
  for (;;) {
    const left = [...process.getActiveResourcesInfo()];
    for (const name of before) {
      const at = left.indexOf(name);
      if (at !== -1) left.splice(at, 1);
    }
    const waitedMs = Math.round(performance.now() - from);
    if (left.length === 0 || waitedMs > 10_000) return { left, waitedMs };
    await wait(50);
  }
}
