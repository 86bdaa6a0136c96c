import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createClock } from '../../agent/core/clock.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';
import { bundleProgram } from '../faults/bundle.ts';
import { dice } from '../faults/dice.ts';
import { smallTraffic } from '../faults/small-world.ts';
import { parseExposition } from '../support/exposition.ts';
import { ensureDebianPackage, startPeer } from '../support/peers.ts';
import type { Peer } from '../support/peers.ts';
import type { ScrapedOrders } from './scraped-agent.ts';
import { freePort } from './told-day.ts';

const run = promisify(execFile);
/** Of the agent's clock and the clouds': what settles after ten minutes settles after five seconds. */
const speed = 120;
const restarts = 20;
const rules = fileURLToPath(new URL('../../dashboards/prometheus/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'crossbill-prometheus-'));
const since = Date.now();
const clock = createClock(Date.now, speed, since);

/** Counters that no restart may lower; what exporters count of themselves begins anew with the process. */
const lasting = [
  'crossbill_tokens_total',
  'crossbill_estimated_cost_usd_total',
  'crossbill_requests_total',
  'crossbill_unpriced_tokens_total',
  'crossbill_api_requests_total',
  'crossbill_api_cost_usd_total',
];

let programs: string;
let clouds: Clouds;
let prometheus: Peer | undefined;
let prometheusUrl: string;
let orders: ScrapedOrders;
let program: string;
let agent: ChildProcess | undefined;

beforeAll(async () => {
  const unpacked = await ensureDebianPackage('prometheus', 'prometheus=2.42.0*');
  programs = join(unpacked, 'usr', 'bin');
  program = await bundleProgram('scraped-agent', folder, 'test/peers');
  clouds = await startClouds({ traffic: smallTraffic(), now: () => clock.now() });
  const [port, peerPort] = [await freePort(), await freePort()];
  const { awsUrl, azureUrl, controlUrl } = clouds;
  orders = {
    path: join(folder, 'ledger.db'),
    port,
    speed,
    since,
    clouds: { awsUrl, azureUrl, controlUrl },
  };
  const config = join(folder, 'prometheus.yml');
  const job = { job_name: 'crossbill', static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  writeFileSync(
    config,
    JSON.stringify({ global, rule_files: [join(rules, 'rules.yaml')], scrape_configs: [job] }),
  );
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${peerPort}`,
  ];
  prometheus = startPeer('prometheus', join(programs, 'prometheus'), flags, unpacked);
  await prometheus.said(/(Server is ready)/);
  prometheusUrl = `http://127.0.0.1:${peerPort}`;
}, 300_000);

afterAll(async () => {
  agent?.kill('SIGKILL');
  await prometheus?.stop();
  await clouds.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startAgent(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });
  agent = child;
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the agent ended'))),
  ]);
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function scrape(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${orders.port}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return response.text();
}

/** By family and labels. */
function counters(text: string): ReadonlyMap<string, number> {
  const families = parseExposition(text);
  return new Map(
    lasting.flatMap((name) =>
      [...(families.get(name)?.samples ?? [])].map(
        ([labels, value]) => [`${name} ${labels}`, Number(value)] as const,
      ),
    ),
  );
}

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

async function ask(query: string) {
  const response = await fetch(`${prometheusUrl}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query }),
  });
  return answer.parse(await response.json()).data.result;
}

test('through twenty restarts, half of them kills, no counter falls, in no scrape of ours and none of Prometheus', async () => {
  const random = dice(42);
  let before: ReadonlyMap<string, number> = new Map();
  for (let turn = 0; turn <= restarts; turn += 1) {
    const child = await startAgent();
    const until = performance.now() + 1_000 + random() * 3_000;
    while (performance.now() < until) {
      const now = counters(await scrape());
      for (const [series, value] of before) {
        expect(now.get(series) ?? -1, `${series} at turn ${turn}`).toBeGreaterThanOrEqual(value);
      }
      before = now;
      await setTimeout(200 * random());
    }
    if (turn < restarts) await end(child, turn % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
  }
  const tokens = [...before].filter(([series]) => series.startsWith('crossbill_tokens_total'));
  const total = tokens.reduce((sum, [, value]) => sum + value, 0);
  process.stdout.write(`${tokens.length} series, ${total} tokens told over ${restarts} restarts\n`);
  expect(total).toBeGreaterThan(10_000);
  for (const name of lasting) {
    const resets = await ask(`resets(${name}[1h])`);
    expect(resets.length, name).toBeGreaterThan(0);
    expect(resets.filter(({ value: [, count] }) => count !== '0')).toEqual([]);
  }
  const [seen] = await ask('sum(max_over_time(crossbill_tokens_total[1h]))');
  expect(Number(seen?.value[1])).toBeGreaterThan(0);
  expect(Number(seen?.value[1])).toBeLessThanOrEqual(
    [...counters(await scrape())]
      .filter(([series]) => series.startsWith('crossbill_tokens_total'))
      .reduce((sum, [, value]) => sum + value, 0),
  );
  const [version] = await ask('last_over_time(crossbill_build_info[1h])');
  expect(version?.metric['version']).toBe('1.2.3');
}, 240_000);

test('promtool has nothing to say against what a filled agent tells', async () => {
  const text = await scrape();
  expect(text).toContain('crossbill_price_usd_per_million_tokens{');
  expect(text).toContain('crossbill_cost_month_to_date_usd{');
  const child = spawn(join(programs, 'promtool'), ['check', 'metrics'], { stdio: 'pipe' });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  }
  child.stdin.end(text);
  const [code] = (await once(child, 'close')) as [number | null];
  expect(said.join('')).toBe('');
  expect(code).toBe(0);
});

test('the rules are rules, and do what they say', async () => {
  const promtool = join(programs, 'promtool');
  const checked = await run(promtool, ['check', 'rules', 'rules.yaml'], { cwd: rules });
  expect(checked.stdout).toContain('SUCCESS');
  const tested = await run(promtool, ['test', 'rules', 'rules.test.yaml'], { cwd: rules });
  expect(tested.stdout).toContain('SUCCESS');
});
