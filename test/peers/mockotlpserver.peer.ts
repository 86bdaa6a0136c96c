import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { isoUtc } from '../../agent/core/time.ts';
import { recentWindow } from '../../agent/schedule/due.ts';
import { runTarget } from '../../agent/schedule/target-loop.ts';
import { startTraces } from '../../exporters/otlp/traces.ts';
import { createWorkbench, sharedOf } from '../agent/schedule/running.ts';
import {
  createScriptedCloud,
  failure,
  listed,
  steady,
  targetIn,
} from '../agent/schedule/scripted-cloud.ts';
import { ensureNpmPackages, startPeer } from '../support/peers.ts';
import type { Peer } from '../support/peers.ts';
import { recordedLog } from '../support/recorded-log.ts';

/** Elastic's OTLP receiver on a free port, a line on its output for each request as it understood it. */
const receiver = `
  const { MockOtlpServer, normalizeTrace } = require('@elastic/mockotlpserver');
  const server = new MockOtlpServer({
    logLevel: 'warn',
    services: ['http'],
    httpHostname: '127.0.0.1',
    httpPort: 0,
    onTrace: (trace) => console.log('trace ' + JSON.stringify(normalizeTrace(trace))),
  });
  server.start().then(() => console.log('listening at ' + server.httpUrl.origin));
`;

let peer: Peer | undefined;
let endpoint: string;

beforeAll(async () => {
  const folder = await ensureNpmPackages('mockotlpserver', ['@elastic/mockotlpserver@0.10.0']);
  peer = startPeer('mockotlpserver', process.execPath, ['-e', receiver], folder);
  endpoint = await peer.said(/^listening at (\S+)$/);
}, 300_000);

afterAll(() => peer?.stop());

const attributes = z.record(z.string(), z.unknown());
/** A request in the peer's words: ids in hex, kinds and codes by name, attributes as a mapping. */
const understood = z.object({
  resourceSpans: z.tuple([
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.tuple([
        z.object({
          scope: z.object({ name: z.string(), version: z.string() }),
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[\da-f]{32}$/),
              spanId: z.string().regex(/^[\da-f]{16}$/),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.literal('SPAN_KIND_INTERNAL'),
              startTimeUnixNano: z.string().transform(BigInt),
              endTimeUnixNano: z.string().transform(BigInt),
              status: z.object({ code: z.string(), message: z.string().optional() }),
              attributes,
            }),
          ),
        }),
      ]),
    }),
  ]),
});

test('each read of a target arrives as one trace, poll over collect and commit, with what each did or why it failed', async () => {
  const { clock, deps, ledger } = createWorkbench();
  const world = [steady('us.openai.gpt-5.6-sol', 'in'), steady('us.openai.gpt-5.6-sol', 'out')];
  const target = targetIn('us-east-1', world);
  const cloud = createScriptedCloud(clock, world, () => listed({ 'us-east-1': world }));
  ledger.recordDiscovery('aws', cloud.listing(), clock.now());
  const newest = recentWindow(target, clock.now(), deps.settings).window;
  cloud.beforeAnswer = ({ window }) => {
    if (window.end !== newest.end) throw failure('throttled');
  };
  const log = recordedLog();
  const endpoints = [{ endpoint, headers: () => ({}) }];
  const traces = startTraces({ endpoints, serviceVersion: '1.2.3', log });

  const stop = new AbortController();
  const state = { target, requestDiscovery: () => undefined, settledOnce: false };
  const reading = runTarget(
    { ...deps, tracer: traces.tracer },
    cloud.collector,
    state,
    sharedOf(deps, cloud.collector),
    stop.signal,
  );
  await clock.advance(1_000);
  stop.abort();
  await reading;
  await traces.shutdown();
  ledger.close();

  const line = await peer?.said(/^trace (.*)$/);
  const [{ resource, scopeSpans }] = understood.parse(JSON.parse(line ?? '')).resourceSpans;
  const [{ scope, spans }] = scopeSpans;
  expect(resource.attributes).toMatchObject({
    'service.name': 'crossbill',
    'service.version': '1.2.3',
  });
  expect(scope).toEqual({ name: 'crossbill', version: '1.2.3' });

  const told = ({ name, attributes: its, status }: (typeof spans)[number]) => ({
    name,
    attributes: its,
    status,
  });
  const place = { 'crossbill.target': 'aws/111122223333/us-east-1/AWS/Bedrock' };
  const poll = { 'crossbill.source': 'aws', ...place };
  const asked = { 'crossbill.cloud': 'aws', 'crossbill.period_seconds': 60, ...place };
  const fine = { code: 'STATUS_CODE_UNSET' };
  const failed = { code: 'STATUS_CODE_ERROR', message: 'throttled by the script' };
  const roots = spans.filter(({ parentSpanId = '' }) => parentSpanId === '');
  expect(roots.map(told)).toEqual([
    { name: 'crossbill.poll', attributes: poll, status: fine },
    { name: 'crossbill.poll', attributes: { ...poll, 'error.type': 'throttled' }, status: failed },
  ]);
  const below = roots.map((root) =>
    spans.filter(
      ({ traceId, parentSpanId }) => traceId === root.traceId && parentSpanId === root.spanId,
    ),
  );
  expect(below.map((children) => children.map(told))).toEqual([
    [
      {
        name: 'crossbill.collect',
        attributes: {
          ...asked,
          'crossbill.window.start': isoUtc(newest.start),
          'crossbill.window.end': isoUtc(newest.end),
          'crossbill.units': 2,
          'crossbill.samples': 2,
        },
        status: fine,
      },
      {
        name: 'crossbill.commit',
        attributes: {
          'crossbill.readings_changed': 60,
          'crossbill.usage_changed': 30,
          'crossbill.vanished': 0,
        },
        status: fine,
      },
    ],
    [
      {
        name: 'crossbill.collect',
        attributes: expect.objectContaining({ ...asked, 'error.type': 'throttled' }),
        status: failed,
      },
    ],
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2);
  expect(spans).toHaveLength(5);
  expect(spans.filter((span) => span.endTimeUnixNano < span.startTimeUnixNano)).toEqual([]);
  expect(log.lines, 'its answer is not the standard one, and nothing is wrong with it').toEqual([]);
});
