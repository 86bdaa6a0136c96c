import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureGoModule, startPeer } from '../support/peers.ts';
import type { Peer } from '../support/peers.ts';
import { createToldDay, day, freePort, tokenMetrics } from './told-day.ts';
import type { ToldDay } from './told-day.ts';

const module = 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0';

let program: string;
let data: string;
let port: number;
let peer: Peer | undefined;
let told: ToldDay;

async function start(): Promise<void> {
  const flags = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${data}`,
    '-retentionPeriod=100y',
    '-opentelemetry.usePrometheusNaming',
    '-loggerLevel=INFO',
  ];
  peer = startPeer('victoria-metrics', join(program, 'victoria-metrics'), flags, data);
  await peer.said(/(started server at)/);
}

beforeAll(async () => {
  program = await ensureGoModule('victoria-metrics', module);
  data = mkdtempSync(join(tmpdir(), 'crossbill-vm-'));
  port = await freePort();
  told = await createToldDay();
  await start();
}, 1_000_000);

afterAll(async () => {
  told.close();
  await peer?.stop();
  rmSync(data, { recursive: true, force: true });
});

async function ask(path: string, query: Readonly<Record<string, string>>): Promise<string> {
  const url = new URL(path, `http://127.0.0.1:${port}`);
  url.search = new URLSearchParams(query).toString();
  const answer = await fetch(url);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text;
}

const matrix = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string().transform(Number)])),
      }),
    ),
  }),
});

/** What each minute adds to the running totals, as the peer answers a dashboard. */
async function addedByMinute(): Promise<Map<string, number>> {
  const added = new Map<string, number>();
  for (const metric of tokenMetrics) {
    const name = `gen_ai_client_inference_usage_${metric.replaceAll('.', '_')}_total`;
    const answer = await ask('/api/v1/query_range', {
      query: `last_over_time(${name}[2d])`,
      start: String(day.start / 1_000 + 60),
      end: String(day.end / 1_000),
      step: '60s',
      nocache: '1',
    });
    for (const { metric: labels, values } of matrix.parse(JSON.parse(answer)).data.result) {
      let before = 0;
      for (const [at, total] of values) {
        // A point stands at the end of its minute.
        const minute = (at * 1_000 - day.start) / 60_000 - 1;
        const key = `${labels['crossbill_metered_model']} ${minute} ${metric}`;
        if (total !== before) added.set(key, total - before);
        before = total;
      }
    }
  }
  return added;
}

test('running totals come back as the ledger has them, by model and minute, after an outage and a kill', async () => {
  const endpoint = `http://127.0.0.1:${port}/opentelemetry`;
  let telling = told.tell(endpoint, 'cumulative');
  await telling.said('took 3');
  await peer?.stop('SIGTERM');
  await telling.said('failed');
  await start();
  await telling.said('took');
  await telling.said('took');
  // The peer has the page, and the ledger does not know it.
  await telling.kill();
  telling = told.tell(endpoint, 'cumulative');
  await telling.said('told');
  await telling.kill();
  await ask('/internal/force_flush', {});
  const truth = await told.truth();
  expect(truth.size).toBeGreaterThan(10_000);
  expect(await addedByMinute()).toEqual(new Map(truth));
}, 240_000);
