import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ScriptedReply } from '../../support/scripted-server.ts';
import { at, createTracesWorld, gate, sendAtOnce, work } from './traces-world.ts';
import type { TracesWorld } from './traces-world.ts';

const secret = 'glc_eyJvIjoiMTIzNDU2Nzg5MCJ9';

let world: TracesWorld;

beforeEach(() => {
  world = createTracesWorld();
});

afterEach(() => world.close());

function expectNoSecretInTheLog(): void {
  expect(JSON.stringify(world.log.lines)).not.toContain(secret);
}

describe('the request', () => {
  test('carries the headers, and they reach no log line', async () => {
    const receiver = await world.receive();
    const traces = world.start([at(receiver.url, () => ({ authorization: `Bearer ${secret}` }))]);
    await work(traces);
    await traces.shutdown();
    expect(receiver.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${secret}`,
      'content-type': 'application/json',
    });
    expect(world.log.lines).toEqual([]);
  });

  test('carries the headers as they are when it is made', async () => {
    sendAtOnce();
    const receiver = await world.receive();
    const keys = ['first', 'second'];
    const traces = world.start([
      at(receiver.url, () => ({ 'x-key': keys.shift() ?? 'none left' })),
    ]);
    await work(traces);
    await receiver.arrived(1);
    await work(traces);
    await receiver.arrived(2);
    expect(receiver.requests.map(({ headers }) => headers['x-key'])).toEqual(['first', 'second']);
  });

  test('goes to the same path when the endpoint ends in a slash', async () => {
    const receiver = await world.receive();
    const traces = world.start([at(`${receiver.url}/`)]);
    await work(traces);
    await traces.shutdown();
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/v1/traces']);
    expect(world.log.lines).toEqual([]);
  });

  test('goes to every endpoint, one that never answers not holding up the other', async () => {
    sendAtOnce();
    const answer = gate();
    const silent = await world.receive(async () => {
      await answer.opened;
      return {};
    });
    const receiver = await world.receive();
    const traces = world.start([at(silent.url), at(receiver.url)]);
    for (const batch of [1, 2, 3]) {
      await work(traces);
      await receiver.arrived(batch);
    }
    expect(silent.requests).toHaveLength(1);
    expect(receiver.spans()).toHaveLength(3);
    answer.open();
  });

  test('holds many spans, and shutdown sends the last of them', async () => {
    const receiver = await world.receive();
    const traces = world.start([at(receiver.url)]);
    await work(traces, 700);
    await traces.shutdown();
    expect(receiver.spans()).toHaveLength(700);
    expect(receiver.requests.length).toBeLessThan(5);
  });
});

/** Too short for a second try, the first wait being 800 ms or more: a failure is told at once. */
const oneTryMs = 750;

const failures: readonly (readonly [
  sentence: string,
  reply: ScriptedReply,
  reason: string,
  message: RegExp,
])[] = [
  ['a refused key', { status: 401, body: 'no such key' }, 'denied', /^answered 401: no such key$/],
  ['a forbidden tenant', { status: 403 }, 'denied', /^answered 403$/],
  [
    'metrics only',
    { status: 404, body: 'x'.repeat(900) },
    'bad_response',
    /^answered 404: x{200}$/,
  ],
  ['a body it cannot read', { status: 400 }, 'bad_response', /^answered 400$/],
  ['an overload', { status: 429 }, 'throttled', /429/],
  ['a gateway without its collector', { status: 503 }, 'throttled', /503/],
  ['a connection cut', 'reset', 'unreachable', /socket hang up/],
];

describe('a collector that does not take the spans is told once, with what to do', () => {
  test.each(failures)('%s', async (_, reply, reason, message) => {
    const receiver = await world.receive(() => reply);
    const traces = world.start([at(receiver.url)], oneTryMs);
    await work(traces);
    await traces.shutdown();
    expect(receiver.spans()).toHaveLength(1);
    expect(world.log.lines).toEqual([
      {
        level: 'warn',
        message: 'traces not delivered',
        fields: {
          endpoint: receiver.url,
          reason,
          message: expect.stringMatching(message),
          hint: expect.stringMatching(/\w+/),
        },
      },
    ]);
  });

  test('nobody there', async () => {
    const gone = await world.receive();
    await gone.close();
    const traces = world.start([at(gone.url)], oneTryMs);
    const done = traces.tracer.span('crossbill.poll', {}, async () => 'done');
    expect(await done).toBe('done');
    await traces.shutdown();
    expect(world.log.lines).toEqual([
      {
        level: 'warn',
        message: 'traces not delivered',
        fields: expect.objectContaining({
          endpoint: gone.url,
          reason: 'unreachable',
          message: expect.stringContaining('ECONNREFUSED'),
        }),
      },
    ]);
  });

  test('and told again when it takes them, with what was lost in between', async () => {
    sendAtOnce();
    const replies: ScriptedReply[] = [{ status: 400 }, { status: 400 }, { body: '{}' }, {}];
    const receiver = await world.receive(() => replies.shift() ?? { status: 500 });
    const traces = world.start([at(receiver.url)]);
    for (const batch of [1, 2, 3, 4]) {
      await work(traces);
      await receiver.arrived(batch);
    }
    await traces.shutdown();
    expect(world.log.lines).toEqual([
      expect.objectContaining({ level: 'warn', message: 'traces not delivered' }),
      {
        level: 'info',
        message: 'traces delivered again',
        fields: { endpoint: receiver.url, spansLost: 2 },
      },
    ]);
  });
});

describe('spans that the collector rejects', () => {
  test('are told with its reason', async () => {
    const body = JSON.stringify({
      partialSuccess: { rejectedSpans: 2, errorMessage: 'span too old' },
    });
    const receiver = await world.receive(() => ({ body }));
    const traces = world.start([at(receiver.url)]);
    await work(traces, 3);
    await traces.shutdown();
    expect(world.log.lines).toEqual([
      {
        level: 'warn',
        message: 'traces: OpenTelemetry reports',
        fields: { message: expect.stringMatching(/rejectedSpans":2.*span too old/) },
      },
    ]);
  });

  test('are not told when there are none', async () => {
    const receiver = await world.receive(() => ({ body: '{"partialSuccess":{}}' }));
    const traces = world.start([at(receiver.url)]);
    await work(traces);
    await traces.shutdown();
    expect(world.log.lines).toEqual([]);
  });
});

const echoes: readonly (readonly [
  sentence: string,
  reply: (said: string) => ScriptedReply,
  told: string,
])[] = [
  ['in a refusal', (said) => ({ status: 401, body: `unknown: ${said}` }), 'unknown: ***'],
  ['in an error', (said) => ({ status: 500, body: `bad ${said.slice(7)}` }), 'bad ***'],
  [
    'in what it rejects',
    (said) => ({
      body: JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage: said } }),
    }),
    '***',
  ],
];

describe('a collector that repeats the key', () => {
  test.each(echoes)('%s does not bring it into the log', async (_, reply, told) => {
    const receiver = await world.receive(({ headers }) => reply(headers['authorization'] ?? ''));
    const traces = world.start([at(receiver.url, () => ({ authorization: `Bearer ${secret}` }))]);
    await work(traces);
    await traces.shutdown();
    expect(world.log.lines).toHaveLength(1);
    expect(world.log.lines[0]?.fields['message']).toContain(told);
    expectNoSecretInTheLog();
  });
});

function unreadable(): never {
  throw new Error('cannot read /run/secrets/otlp');
}

describe('headers that cannot be sent', () => {
  test('because their secret cannot be read: told by its reason, and nothing is sent', async () => {
    const receiver = await world.receive();
    const traces = world.start([at(receiver.url, unreadable)]);
    await work(traces);
    await traces.shutdown();
    expect(receiver.requests).toEqual([]);
    expect(world.log.lines[0]).toMatchObject({
      message: 'traces not delivered',
      fields: {
        message: 'cannot read /run/secrets/otlp',
        hint: expect.stringContaining('headers'),
      },
    });
  });

  test('because a header may not hold them: told by the name of the header', async () => {
    const receiver = await world.receive();
    const traces = world.start([at(receiver.url, () => ({ 'x-key': `${secret}\n` }))]);
    await work(traces);
    await traces.shutdown();
    expect(receiver.requests).toEqual([]);
    expect(world.log.lines[0]).toMatchObject({
      message: 'traces not delivered',
      fields: { reason: 'denied', message: expect.stringContaining('x-key') },
    });
    expectNoSecretInTheLog();
  });
});
