import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { Tracer } from '../../../agent/core/tracer.ts';
import { startTraces } from '../../../exporters/otlp/traces.ts';
import type { Traces } from '../../../exporters/otlp/traces.ts';
import { createSlots } from '../../../agent/schedule/slots.ts';
import { startOtlpReceiver } from '../../support/otlp-receiver.ts';
import type { OtlpReceiver, ReceivedSpan } from '../../support/otlp-receiver.ts';
import { recordedLog } from '../../support/recorded-log.ts';

let receiver: OtlpReceiver;
let traces: Traces;

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  traces = start();
});

afterEach(async () => {
  await traces.shutdown();
  await receiver.close();
  vi.unstubAllEnvs();
});

function start(log = silentLog): Traces {
  const endpoints = [{ endpoint: receiver.url, headers: () => ({}) }];
  return startTraces({ endpoints, serviceVersion: '1.2.3', log });
}

/** The spans as they arrived, in the order they began, after everything was sent. */
async function received(): Promise<readonly ReceivedSpan[]> {
  await traces.shutdown();
  return receiver.spans().toSorted((a, b) => a.startMs - b.startMs);
}

async function onlySpan(): Promise<ReceivedSpan> {
  const [span, ...more] = await received();
  expect(more).toEqual([]);
  if (span === undefined) throw new Error('no span arrived');
  return span;
}

/** A poll as the agent does it: a read, then a commit, with waits in between. */
function poll(tracer: Tracer, target: string): Promise<void> {
  return tracer.span('crossbill.poll', { 'crossbill.target': target }, async () => {
    await tracer.span('crossbill.collect', { 'crossbill.target': target }, async (span) => {
      await Promise.resolve();
      span.set({ 'crossbill.samples': 7 });
    });
    await tracer.span('crossbill.commit', { 'crossbill.target': target }, async () => undefined);
  });
}

/** `parent>child` by names, one a span. */
function lineage(spans: readonly ReceivedSpan[]): readonly string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .map(({ name, parentSpanId }) => `${names.get(parentSpanId) ?? parentSpanId}>${name}`)
    .toSorted();
}

const wholeCycle = [
  '>crossbill.poll',
  'crossbill.poll>crossbill.collect',
  'crossbill.poll>crossbill.commit',
];

describe('a cycle', () => {
  test('is one trace, with what it did below it', async () => {
    await poll(traces.tracer, 'a');
    const spans = await received();
    expect(lineage(spans)).toEqual(wholeCycle);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  test('is a trace of its own beside others at the same time, in a queue for one slot', async () => {
    const slots = createSlots(1);
    const targets = ['a', 'b', 'c', 'd'];
    await Promise.all(targets.map((target, i) => slots.run(i, () => poll(traces.tracer, target))));
    const spans = await received();
    expect(spans).toHaveLength(12);
    for (const target of targets) {
      const own = spans.filter(({ attributes }) => attributes['crossbill.target'] === target);
      expect(lineage(own)).toEqual(wholeCycle);
      expect(new Set(own.map(({ traceId }) => traceId)).size).toBe(1);
    }
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(targets.length);
  });

  test('keeps its children apart when they run at the same time', async () => {
    const { tracer } = traces;
    await tracer.span('crossbill.poll', {}, async () => {
      await Promise.all([
        tracer.span('left', {}, () => tracer.span('left.inner', {}, async () => undefined)),
        tracer.span('right', {}, () => tracer.span('right.inner', {}, async () => undefined)),
      ]);
    });
    expect(lineage(await received())).toEqual([
      '>crossbill.poll',
      'crossbill.poll>left',
      'crossbill.poll>right',
      'left>left.inner',
      'right>right.inner',
    ]);
  });

  test('leaves no span behind for what comes after it', async () => {
    await poll(traces.tracer, 'a');
    await traces.tracer.span('crossbill.poll', { 'crossbill.target': 'b' }, async () => undefined);
    const later = (await received()).find((span) => span.attributes['crossbill.target'] === 'b');
    expect(later?.parentSpanId).toBe('');
  });
});

describe('a span', () => {
  test('tells its attributes in their own kinds, those set at the start and those set later', async () => {
    const before = Date.now();
    const first = { 'crossbill.cloud': 'aws', 'crossbill.period_seconds': 60, 'crossbill.x': true };
    await traces.tracer.span('crossbill.collect', first, async (span) => {
      span.set({ 'crossbill.samples': 12, 'crossbill.share': 0.5, 'crossbill.cloud': 'azure' });
    });
    const { attributes, status, startMs, endMs } = await onlySpan();
    expect(attributes).toEqual({
      'crossbill.cloud': 'azure',
      'crossbill.period_seconds': 60,
      'crossbill.x': true,
      'crossbill.samples': 12,
      'crossbill.share': 0.5,
    });
    expect(status).toEqual({ code: 0, message: '' });
    expect(startMs).toBeGreaterThanOrEqual(before - 1);
    expect(endMs).toBeGreaterThanOrEqual(startMs);
    expect(endMs).toBeLessThanOrEqual(Date.now() + 1);
  });

  test('comes from crossbill in its version, and says nothing of the machine', async () => {
    await traces.tracer.span('crossbill.poll', {}, async () => undefined);
    const { resource, scope } = await onlySpan();
    expect(scope).toEqual({ name: 'crossbill', version: '1.2.3' });
    expect(resource).toEqual({
      'service.name': 'crossbill',
      'service.version': '1.2.3',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': expect.any(String),
    });
  });

  test('carries what the environment says of the service', async () => {
    await traces.shutdown();
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=staging');
    traces = start();
    await traces.tracer.span('crossbill.poll', {}, async () => undefined);
    const { resource } = await onlySpan();
    expect(resource).toMatchObject({
      'service.name': 'crossbill',
      'deployment.environment.name': 'staging',
    });
  });

  const failures: readonly (readonly [
    sentence: string,
    thrown: unknown,
    type: string,
    message: string,
  ])[] = [
    [
      'a failure outside by its reason',
      new ExternalError('eu-central-1: denied', { reason: 'denied', operation: 'o', hint: 'h' }),
      'denied',
      'eu-central-1: denied',
    ],
    ['any other error by its name', new RangeError('below zero'), 'RangeError', 'below zero'],
    ['a stop by its name', new DOMException('stopped', 'AbortError'), 'AbortError', 'stopped'],
    ['what is no error as such', 'a text', '_OTHER', 'a text'],
  ];

  test.each(failures)(
    'tells %s, and the caller gets what was thrown',
    async (_, thrown, type, message) => {
      const run = traces.tracer.span('crossbill.collect', {}, () => {
        throw thrown;
      });
      await expect(run).rejects.toBe(thrown);
      const { attributes, status } = await onlySpan();
      expect(attributes).toEqual({ 'error.type': type });
      expect(status).toEqual({ code: 2, message });
    },
  );

  test('fails without its parent when the parent goes on', async () => {
    const { tracer } = traces;
    await tracer.span('crossbill.poll', {}, async () => {
      await tracer
        .span('crossbill.collect', {}, () => Promise.reject(new Error('x')))
        .catch(() => 0);
    });
    const status = Object.fromEntries(
      (await received()).map((span) => [span.name, span.status.code]),
    );
    expect(status).toEqual({ 'crossbill.poll': 0, 'crossbill.collect': 2 });
  });

  test('that was told to fail has failed though the work returns', async () => {
    await traces.tracer.span('crossbill.collect', {}, async (span) => span.fail(new Error('late')));
    expect((await onlySpan()).status).toEqual({ code: 2, message: 'late' });
  });

  test('that was ended early stays as it was, and nobody complains', async () => {
    const log = recordedLog();
    await traces.shutdown();
    traces = start(log);
    const run = traces.tracer.span('crossbill.collect', { 'crossbill.a': 1 }, async (span) => {
      span.end();
      span.end();
      span.set({ 'crossbill.a': 2 });
      throw new Error('after the end');
    });
    await expect(run).rejects.toThrow('after the end');
    const { attributes, status } = await onlySpan();
    expect({ attributes, code: status.code }).toEqual({
      attributes: { 'crossbill.a': 1 },
      code: 0,
    });
    expect(log.lines).toEqual([]);
  });
});

describe('the SDK', () => {
  test('sends traces only, though the environment asks for more', async () => {
    await traces.shutdown();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'otlp');
    traces = start();
    await poll(traces.tracer, 'a');
    await traces.shutdown();
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/v1/traces']);
  });

  test('puts no header on requests of the agent', async () => {
    await traces.tracer.span('crossbill.poll', {}, async () => {
      await fetch(`${receiver.url}/elsewhere`);
    });
    expect(receiver.requests[0]?.headers).not.toHaveProperty('traceparent');
  });

  test('can be started again after a shutdown', async () => {
    await traces.shutdown();
    traces = start();
    await poll(traces.tracer, 'a');
    expect(lineage(await received())).toEqual(wholeCycle);
  });

  test('still runs the work after a shutdown', async () => {
    await traces.shutdown();
    expect(await traces.tracer.span('crossbill.poll', {}, async () => 42)).toBe(42);
  });
});
