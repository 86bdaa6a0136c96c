import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { SettledPage } from '../../../agent/core/exporter.ts';
import { createMetricsExporter } from '../../../exporters/otlp/metrics.ts';
import type { MetricsSettings } from '../../../exporters/otlp/metrics.ts';
import { pointsOf, startMetricsReceiver } from '../../support/otlp-metrics-receiver.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { gpt, pageOf, slow, sonnet, start, used } from './pages.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((end) => end()));
});

async function sent(page: SettledPage, settings: Partial<MetricsSettings>) {
  const receiver = await startMetricsReceiver();
  close.push(() => receiver.close());
  const exporter = createMetricsExporter({
    endpoint: receiver.url,
    headers: () => ({ authorization: 'Bearer glc_secret' }),
    protocol: 'http/json',
    temporality: 'delta',
    serviceVersion: '1.2.3',
    feed: { name: `otlp ${receiver.url}`, corrections: () => [] },
    now: () => start,
    log: recordedLog(),
    ...settings,
  });
  const outcome = await exporter.export(page, new AbortController().signal);
  await exporter.close();
  return { outcome, requests: receiver.requests };
}

function fixture(name: string): unknown {
  const url = new URL(`../../fixtures/otlp/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/** Every path of a document with what kind of thing stands there; of lists, of all members together. */
function shapeOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap((one: unknown) => shapeOf(one, `${path}[]`)))];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, one]) => shapeOf(one, `${path}.${key}`));
  }
  return [`${path}: ${typeof value}`];
}

const page = pageOf(
  [
    used(
      sonnet,
      0,
      { input: 100_000, cacheRead: 23_000, cacheWrite: 456, output: 789, requests: 12, errors: 1 },
      { cost: 1_234_567_890n, unpricedTokens: 5 },
    ),
    used(gpt, 0, { input: 10, output: 20 }),
  ],
  { latencies: [slow(sonnet, 0, { count: 12, sumMs: 30_500, minMs: 100, maxMs: 9_000 })] },
);

describe('on the wire', () => {
  test('a page is the document it always was', async () => {
    const { requests } = await sent(page, {});
    const bodies = requests.map(({ body }): unknown => JSON.parse(body.toString()));
    expect(bodies).toEqual(fixture('metrics-delta.json'));
  });

  test("it has the shape of what OpenTelemetry's own exporter sends, and nothing besides", async () => {
    const { requests } = await sent(page, {});
    const recorded = shapeOf(fixture('sdk-request.json'));
    for (const { body } of requests) {
      const unknownThere = shapeOf(JSON.parse(body.toString())).filter(
        (path) => !recorded.includes(path),
      );
      expect(unknownThere).toEqual([]);
    }
  });

  test('one request is of one account and region', async () => {
    const { requests } = await sent(page, {});
    const resources = requests.map(({ body }) => pointsOf(body.toString())[0]?.resource);
    expect(resources).toEqual([
      {
        'service.name': 'crossbill',
        'service.version': '1.2.3',
        'cloud.provider': 'aws',
        'cloud.account.id': '111122223333',
        'cloud.region': 'us-east-1',
      },
      {
        'service.name': 'crossbill',
        'service.version': '1.2.3',
        'cloud.provider': 'azure',
        'cloud.account.id': '00000000-0000-0000-0000-000000000001',
        'cloud.region': 'eastus2',
      },
    ]);
  });

  test.each([
    ['http/protobuf', 'application/x-protobuf'],
    ['http/json', 'application/json'],
  ] as const)('%s is sent as %s, packed, with the headers', async (protocol, type) => {
    const { requests } = await sent(page, { protocol });
    expect(requests[0]).toMatchObject({
      path: '/v1/metrics',
      headers: {
        'content-type': type,
        'content-encoding': 'gzip',
        authorization: 'Bearer glc_secret',
        'user-agent': 'crossbill/1.2.3',
      },
    });
  });

  test('running totals say that they are', async () => {
    const { requests } = await sent(page, { temporality: 'cumulative' });
    const kinds = requests.flatMap(({ body }) => pointsOf(body.toString())).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['sum cumulative monotonic']));
  });
});
