import { afterEach, describe, expect, test } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Correction, SettledPage } from '../../../agent/core/exporter.ts';
import { createMetricsExporter } from '../../../exporters/otlp/metrics.ts';
import type { MetricsSettings } from '../../../exporters/otlp/metrics.ts';
import { pointsOf, startMetricsReceiver } from '../../support/otlp-metrics-receiver.ts';
import type { ReceivedRequest, ReceiverReply } from '../../support/otlp-metrics-receiver.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { free, gpt, minute, nobody, pageOf, sonnet, start, used } from './pages.ts';

const secret = 'glc_eyJvIjoiMTIzNDU2Nzg5MCJ9';
const output = 'gen_ai.client.inference.usage.output_tokens';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((end) => end()));
});

async function backend(
  reply: (request: ReceivedRequest, index: number) => ReceiverReply,
  settings: Partial<MetricsSettings> = {},
) {
  const receiver = await startMetricsReceiver(reply);
  close.push(() => receiver.close());
  const log = recordedLog();
  const exporter = createMetricsExporter({
    endpoint: receiver.url,
    headers: () => ({ authorization: `Bearer ${secret}` }),
    protocol: 'http/json',
    temporality: 'delta',
    serviceVersion: '1.2.3',
    feed: { name: 'otlp test', corrections: () => [] },
    now: () => start,
    log,
    ...settings,
  });
  const stop = new AbortController();
  return { receiver, log, stop, send: (page: SettledPage) => exporter.export(page, stop.signal) };
}

/** So many minutes of one name, each with its number as output. */
function minutes(count: number, number = 1): SettledPage {
  const points = Array.from({ length: count }, (_, at) => used(sonnet, at, { output: at + 1 }));
  return pageOf(points, { number });
}

async function failure(work: Promise<unknown>): Promise<ExternalError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof ExternalError) return thrown;
  throw new Error(`no ExternalError but ${String(thrown)}`);
}

/** Minutes that a request holds, by their number. */
function numbersIn({ body }: ReceivedRequest): readonly number[] {
  return pointsOf(body.toString()).map(({ end }) => (end - start) / minute);
}

function outputs(points: readonly { readonly metric: string; readonly value: unknown }[]) {
  return points.filter(({ metric }) => metric === output).map(({ value }) => value);
}

describe('what arrives', () => {
  test('is the page, once', async () => {
    const { receiver, send, log } = await backend(() => ({}));
    expect(await send(minutes(3))).toEqual({ rejected: 0, message: '' });
    expect(outputs(receiver.points())).toEqual([1, 2, 3]);
    expect(log.lines).toEqual([]);
  });

  test('is complete when the page is more than one request can hold', async () => {
    const { receiver, send } = await backend(() => ({}));
    await send(minutes(9_000));
    expect(receiver.requests.length).toBeGreaterThan(2);
    expect(outputs(receiver.points())).toEqual(Array.from({ length: 9_000 }, (_, at) => at + 1));
    expect(Math.max(...receiver.requests.map(({ body }) => body.length))).toBeLessThan(4_000_000);
  });

  test.each([
    ['an empty answer', { body: '' }],
    [
      'an answer in protobuf',
      { headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array() },
    ],
    ['202 instead of 200', { status: 202, body: '' }],
  ] as const)('%s is an answer', async (_sentence, reply) => {
    const { send } = await backend(() => reply);
    expect(await send(minutes(1))).toEqual({ rejected: 0, message: '' });
  });

  test('is not sent again where the answer is in words of its own, and that is told', async () => {
    const { send, receiver } = await backend(() => ({
      headers: { 'content-type': 'text/plain' },
      body: 'ok',
    }));
    expect(await send(minutes(1))).toEqual({
      rejected: 0,
      message: 'answered 200 in words that are not OTLP',
    });
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('points that a backend does not want', () => {
  test.each([
    ['JSON', { body: '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too old"}}' }],
    [
      'protobuf',
      {
        headers: { 'content-type': 'application/x-protobuf' },
        body: Uint8Array.from([
          0x0a,
          0x0b,
          0x08,
          0x02,
          0x12,
          0x07,
          ...new TextEncoder().encode('too old'),
        ]),
      },
    ],
  ] as const)('are counted and not sent again: partial success in %s', async (_format, reply) => {
    const { send, receiver } = await backend(() => reply);
    expect(await send(minutes(3))).toEqual({ rejected: 2, message: 'too old' });
    expect(receiver.requests).toHaveLength(1);
  });

  test('a warning with nothing rejected is passed on', async () => {
    const { send } = await backend(() => ({
      body: '{"partialSuccess":{"errorMessage":"use gzip"}}',
    }));
    expect(await send(minutes(1))).toEqual({ rejected: 0, message: 'use gzip' });
  });

  test.each([[0], [7], [15]])('one bad point, number %i, does not take the others', async (bad) => {
    const { send, receiver } = await backend((request) =>
      numbersIn(request).includes(bad + 1)
        ? { status: 400, body: '{"code":3,"message":"label value too long"}' }
        : {},
    );
    expect(await send(minutes(16))).toEqual({
      rejected: 1,
      message: 'answered 400: label value too long',
    });
    const good = Array.from({ length: 16 }, (_, at) => at + 1).filter((at) => at !== bad + 1);
    expect(outputs(receiver.points())).toEqual(good);
  });

  test('half a page too old for the backend: the other half arrives, each point once', async () => {
    const { send, receiver } = await backend((request) =>
      numbersIn(request).some((at) => at <= 1_000)
        ? { status: 400, headers: { 'content-type': 'text/plain' }, body: 'out of bounds' }
        : {},
    );
    expect(await send(minutes(2_000))).toEqual({
      rejected: 1_000,
      message: 'answered 400: out of bounds',
    });
    expect(outputs(receiver.points()).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 1_000 }, (_, at) => at + 1_001),
    );
    expect(receiver.requests.length).toBeLessThan(200);
  });

  test('a page that is too old as a whole is given up, or nothing after it would be told', async () => {
    const { send } = await backend(() => ({ status: 400, body: '{"message":"too old sample"}' }));
    expect(await send(minutes(40))).toEqual({
      rejected: 40,
      message: 'answered 400: too old sample',
    });
  });

  test('where nothing at all is taken the page is kept, and it says what to do', async () => {
    const body = 'invalid temporality and type combination for metric "gen_ai"';
    const { send, receiver } = await backend(() => ({ status: 400, body }));
    const error = await failure(send(minutes(2_000)));
    expect(error).toMatchObject({ reason: 'bad_response', retryable: true });
    expect(error.message).toContain(body);
    expect(error.hint).toContain('temporality: cumulative');
    expect(receiver.requests.length).toBeLessThan(30);
  });

  test('too large a request is sent in parts', async () => {
    const { send, receiver } = await backend(({ body }) =>
      body.length > 20_000 ? { status: 413 } : {},
    );
    expect(await send(minutes(100))).toEqual({ rejected: 0, message: '' });
    expect(outputs(receiver.points())).toHaveLength(100);
  });
});

describe('a backend that is not there for it', () => {
  test.each([
    ['503', 'unreachable', { status: 503, headers: { 'retry-after': '7' } }, 7_000],
    [
      '429 with a date',
      'throttled',
      { status: 429, headers: { 'retry-after': new Date(start + 9_000).toUTCString() } },
      9_000,
    ],
    ['502', 'unreachable', { status: 502 }, undefined],
    ['500', 'unreachable', { status: 500 }, undefined],
    ['401', 'denied', { status: 401, body: `no ${secret} here` }, undefined],
    ['404', 'bad_response', { status: 404 }, undefined],
    [
      'a redirect',
      'bad_response',
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      undefined,
    ],
    [
      'a page for people',
      'bad_response',
      { headers: { 'content-type': 'text/html' }, body: '<html>' },
      undefined,
    ],
    ['a closed connection', 'unreachable', 'reset', undefined],
  ] as const)('%s is %s, and the page is kept', async (_what, reason, reply, retryAfterMs) => {
    const { send, receiver } = await backend(() => reply);
    const error = await failure(send(minutes(1)));
    expect(error).toMatchObject({ reason, retryAfterMs, operation: 'otlp:ExportMetrics' });
    expect(`${error.message}${error.hint}`).not.toContain(secret);
    expect(receiver.requests).toHaveLength(1);
  });

  test('nobody listening is unreachable', async () => {
    const { send, receiver } = await backend(() => ({}));
    await receiver.close();
    expect(await failure(send(minutes(1)))).toMatchObject({ reason: 'unreachable' });
  });

  test('a slow one is given up after the time', async () => {
    const { send } = await backend(() => 'hang', { timeoutMs: 20 });
    expect(await failure(send(minutes(1)))).toMatchObject({ reason: 'timeout' });
  });

  test('a stop ends the waiting', async () => {
    const { send, stop } = await backend(() => {
      stop.abort();
      return 'hang';
    });
    expect(await failure(send(minutes(1)))).toMatchObject({ reason: 'timeout' });
  });

  test('a header that HTTP does not allow is no secret in an error', async () => {
    const { send } = await backend(() => ({}), {
      headers: () => ({ authorization: `${secret}\n`.repeat(2) }),
    });
    const error = await failure(send(minutes(1)));
    expect(error).toMatchObject({ reason: 'denied' });
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain(secret);
  });

  test('a page that broke off goes on where it stopped: nothing is told twice', async () => {
    let isDown = false;
    const { send, receiver } = await backend((request) => {
      const provider = pointsOf(request.body.toString())[0]?.resource['cloud.provider'];
      return isDown && provider === 'azure' ? 'reset' : {};
    });
    const page = pageOf([used(sonnet, 0, { output: 1 }), used(gpt, 0, { output: 2 })]);
    isDown = true;
    await failure(send(page));
    isDown = false;
    expect(await send(page)).toEqual({ rejected: 0, message: '' });
    expect(outputs(receiver.points())).toEqual([1, 2]);
    await send({ ...page, number: 2 });
    expect(outputs(receiver.points()), 'another page is another page').toEqual([1, 2, 1, 2]);
  });
});

describe('corrections', () => {
  test('are told beside a page as what they are now, and once more when they are over', async () => {
    let now = start;
    const off: Correction = { ...free, name: sonnet, amounts: { ...nobody, output: -3 } };
    let corrections = [off];
    const { send, receiver } = await backend(() => ({}), {
      now: () => now,
      feed: { name: 'otlp test', corrections: () => corrections },
    });
    const told = () =>
      receiver
        .points()
        .filter(({ kind }) => kind === 'gauge')
        .map(({ end, value }) => [end - start, value]);
    await send(minutes(1, 1));
    await send(minutes(1, 2));
    expect(told(), 'not with every page').toEqual([[0, -3]]);
    now += 5 * minute;
    corrections = [];
    await send(minutes(1, 3));
    expect(told()).toEqual([
      [0, -3],
      [5 * minute, 0],
    ]);
    now += 5 * minute;
    await send(minutes(1, 4));
    expect(told()).toHaveLength(2);
  });

  test('that do not arrive fail no page', async () => {
    const corrections = () => [{ ...free, name: sonnet, amounts: { ...nobody, output: 1 } }];
    const { send } = await backend((_request, index) => (index === 0 ? {} : { status: 503 }), {
      feed: { name: 'otlp test', corrections },
    });
    expect(await send(minutes(1))).toEqual({ rejected: 0, message: '' });
  });
});
