import { expect, it, vi } from 'vitest';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { cliProcess, configFile, eventually } from '../../support/cli-world.ts';
import type { CliProcess } from '../../support/cli-world.ts';
import { labelsKey, parseExposition } from '../../support/exposition.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 120_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const tokens = `
auth:
  tokens:
    - { name: prometheus, token: "\${env:SCRAPE}", scope: scrape }
    - { name: azure, token: "\${env:AZURE}", scope: scrape, match: { cloud: azure } }
`;
const env = { SCRAPE: 'scrape-secret', AZURE: 'azure-secret' };

async function world() {
  const clock = createFakeClock(noon);
  const clouds = await startSmallClouds(() => clock.now());
  const poll = 'poll: { every: 5m, overlap: 30m, backfill: 3h }\n';
  const config = configFile(`${clouds.config}${poll}${tokens}`);
  return { clock, start: () => cliProcess({ clock, env, meters: false }), config };
}

function get(process: CliProcess, path: string, token?: string): Promise<Response> {
  const listener = process.served.at(-1);
  if (listener === undefined) throw new Error('nobody listens');
  const headers: Record<string, string> =
    token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return Promise.resolve(listener.fetch(new Request(`http://127.0.0.1:9870${path}`, { headers })));
}

async function scrape(process: CliProcess, token = env.SCRAPE) {
  const response = await get(process, '/metrics', token);
  expect(response.status).toBe(200);
  return { response, families: parseExposition(await response.text()) };
}

function sum(families: Awaited<ReturnType<typeof scrape>>['families'], name: string): number {
  const samples = [...(families.get(name)?.samples.values() ?? [])];
  return samples.reduce((total, value) => total + Number(value), 0);
}

it('counts what settles after the first start, over a restart, and tells each asker what it may see', async () => {
  const { clock, start, config } = await world();
  const first = start();
  const status = first.run('run', '--config', config);
  await eventually(() => first.served.length > 0);
  const ready = async (process: CliProcess) => (await get(process, '/readyz')).status === 200;
  await eventually(() => ready(first));

  const early = await scrape(first);
  expect(early.response.headers.get('content-type')).toBe(
    'text/plain; version=0.0.4; charset=utf-8',
  );
  expect(sum(early.families, 'crossbill_tokens_total'), 'three hours of history are no news').toBe(
    0,
  );
  const version = labelsKey({ version: '1.2.3' });
  expect(early.families.get('crossbill_build_info')?.samples.get(version)).toBe('1');

  let told = 0;
  await eventually(async () => {
    await clock.advance(minuteMs);
    told = sum((await scrape(first)).families, 'crossbill_tokens_total');
    return told > 0 && clock.now() > noon + hourMs;
  }, 60_000);
  const { families } = await scrape(first);
  for (const name of ['estimated_cost_usd_total', 'requests_total', 'cost_month_to_date_usd']) {
    expect(sum(families, `crossbill_${name}`), name).toBeGreaterThan(0);
  }
  expect(sum(families, 'crossbill_source_last_success_timestamp_seconds')).toBeGreaterThan(0);
  expect(families.get('crossbill_price_usd_per_million_tokens')?.type).toBe('gauge');

  const azure = (await scrape(first, env.AZURE)).families;
  const clouds = (of: typeof azure) =>
    new Set(
      [...(of.get('crossbill_tokens_total')?.samples.keys() ?? [])].map((labels) =>
        labels.includes('["cloud","azure"]') ? 'azure' : 'aws',
      ),
    );
  expect(clouds(families)).toEqual(new Set(['aws', 'azure']));
  expect(clouds(azure)).toEqual(new Set(['azure']));
  expect(azure.has('crossbill_build_info')).toBe(false);
  expect((await get(first, '/metrics')).status).toBe(401);
  expect((await get(first, '/api/v1/usage', env.SCRAPE)).status).toBe(403);

  first.stop.abort();
  expect(await status).toBe(0);
  const before = families.get('crossbill_tokens_total')?.samples ?? new Map<string, string>();
  const second = start();
  const again = second.run('run', '--config', config);
  await eventually(() => second.served.length > 0);
  const after = (await scrape(second)).families.get('crossbill_tokens_total')?.samples;
  for (const [labels, value] of before) {
    expect(Number(after?.get(labels)), labels).toBeGreaterThanOrEqual(Number(value));
  }
  second.stop.abort();
  expect(await again).toBe(0);
});
