import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pointsOf } from '../support/otlp-metrics-receiver.ts';
import { ensureGoProgram, startPeer } from '../support/peers.ts';
import type { Peer } from '../support/peers.ts';
import { createToldDay, day, freePort } from './told-day.ts';
import type { ToldDay } from './told-day.ts';

const usage = 'gen_ai.client.inference.usage.';

let program: string;
let folder: string;
let port: number;
let peer: Peer | undefined;
let told: ToldDay;

async function start(): Promise<void> {
  const config = `--config=file:${join(folder, 'collector.yaml')}`;
  peer = startPeer('collector', join(program, 'collector'), [config], folder);
  await peer.said(/(Everything is ready)/);
}

beforeAll(async () => {
  const source = fileURLToPath(new URL('./collector', import.meta.url));
  program = await ensureGoProgram('collector', source);
  folder = mkdtempSync(join(tmpdir(), 'crossbill-collector-'));
  port = await freePort();
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { file: { path: join(folder, 'told.jsonl'), append: true } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: ['otlp'], exporters: ['file'] } },
    },
  };
  writeFileSync(join(folder, 'collector.yaml'), JSON.stringify(config));
  told = await createToldDay();
  await start();
}, 1_000_000);

afterAll(async () => {
  told.close();
  await peer?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('periods arrive as the ledger has them, by model and minute, after an outage and a kill', async () => {
  const endpoint = `http://127.0.0.1:${port}`;
  let telling = told.tell(endpoint, 'delta');
  await telling.said('took 3');
  await peer?.stop('SIGTERM');
  await telling.said('failed');
  await start();
  await telling.said('took');
  await telling.said('took');
  // The peer has the page, and the ledger does not know it.
  await telling.kill();
  telling = told.tell(endpoint, 'delta');
  await telling.said('told');
  await telling.kill();
  await peer?.stop('SIGTERM');

  const lines = readFileSync(join(folder, 'told.jsonl'), 'utf8').trim().split('\n');
  const tokens = lines.flatMap(pointsOf).filter(({ metric }) => metric.startsWith(usage));
  const received = new Map<string, number>();
  const again: (readonly [before: number, value: number])[] = [];
  for (const { metric, kind, attributes, start: from, end, value } of tokens) {
    expect(kind).toBe('sum delta monotonic');
    expect(end - from).toBe(60_000);
    const minute = (from - day.start) / 60_000;
    const key = `${String(attributes['crossbill.metered_model'])} ${minute} ${metric.slice(usage.length)}`;
    // What is told again after a kill is the same point, which a reader can tell by its series and its time.
    const before = received.get(key);
    if (before === undefined) received.set(key, Number(value));
    else again.push([before, Number(value)]);
  }
  const truth = await told.truth();
  expect(truth.size).toBeGreaterThan(10_000);
  expect(new Map([...received].filter(([, value]) => value > 0))).toEqual(new Map(truth));
  // One page of three hundred periods, four numbers each, is told twice; no other.
  expect(again.filter(([before, value]) => value !== before)).toEqual([]);
  expect(again.length).toBeGreaterThan(0);
  expect(again.length).toBeLessThanOrEqual(2_000);
}, 240_000);
