import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { writeSync } from 'node:fs';
import { createApp } from '../../agent/app.ts';
import { createMetrics } from '../../agent/cli/metrics.ts';
import { createPumps } from '../../agent/cli/pumps.ts';
import { openPrometheusFeed } from '../../agent/cli/prometheus-feed.ts';
import { createClock } from '../../agent/core/clock.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { Instant } from '../../agent/core/time.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { createApiMeter } from '../../agent/schedule/api-meter.ts';
import { createSpendLimits } from '../../agent/schedule/spend-limits.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { sourcesOf } from '../faults/small-world.ts';
import { perMillion, smallPrice } from '../support/small-prices.ts';

/** The agent's own loops before the built-in clouds, on a fast clock, with /metrics at a port: until it is killed. */
export interface ScrapedOrders {
  readonly path: string;
  readonly port: number;
  readonly speed: number;
  /** When its clock agrees with the wall's. */
  readonly since: Instant;
  readonly clouds: Omit<Clouds, 'close'>;
}

const { path, port, speed, since, clouds }: ScrapedOrders = JSON.parse(process.argv[2] ?? '{}');
const clock = createClock(Date.now, speed, since);
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const ledger = openLedger(path, interpretation, clock.now());
const price = (item: 'input' | 'output', usd: number) =>
  smallPrice({ model: 'anthropic/claude-sonnet-4-6', item, nanoUsd: perMillion(usd) });
ledger.rateWith(createRater([price('input', 3), price('output', 15)], []), clock.now());

const meter = createApiMeter({ clock, ledger, limits: createSpendLimits('auto'), paced: false });
const all = { ...clouds, close: () => Promise.resolve() };
const collectors = (['aws', 'azure'] as const).flatMap((cloud) =>
  sourcesOf(cloud, all, clock, 10_000, { meter }),
);
const prometheus = openPrometheusFeed(ledger, clock);
const deps = { clock, log: silentLog, random: Math.random };
const pumps = createPumps({ ...deps, prometheus, exporters: [] });
const metrics = createMetrics({
  clock,
  ledger,
  feed: prometheus,
  teams: [],
  version: '1.2.3',
  exporters: () => pumps.map((pump) => pump.status()),
});
const app = createApp({
  ...deps,
  tracer: noTracer,
  ledger,
  collectors,
  pumps,
  settings: {
    everySeconds: 120,
    discoverySeconds: 900,
    overlapSeconds: 1_800,
    backfillSeconds: 7_200,
    minuteRetentionSeconds: 15 * 86_400,
  },
  retention: { minuteSeconds: 15 * 86_400, hourSeconds: Infinity, daySeconds: Infinity },
});
app.start();

async function answer(response: ServerResponse): Promise<void> {
  const text = await metrics.render(new Map());
  response.writeHead(200, { 'Content-Type': metrics.type });
  response.end(text);
}

const server = createServer((_request, response) => void answer(response));
server.listen(port, '127.0.0.1', () => writeSync(1, 'listening\n'));

process.once('SIGTERM', () => void end());

async function end(): Promise<void> {
  await app.stop();
  ledger.close();
  process.exit(0);
}
