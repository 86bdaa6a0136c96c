import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTraces } from '../../../exporters/otlp/traces.ts';
import { at, createTracesWorld, gate, stopTime, work } from './traces-world.ts';
import type { TracesWorld } from './traces-world.ts';

let world: TracesWorld;

beforeEach(() => {
  world = createTracesWorld();
});

afterEach(() => world.close());

/** Listens on loopback and says nothing. `close` resolves when no connection is left. */
async function listen(
  onData: () => void = () => undefined,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('data', onData);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

describe('shutdown', () => {
  test('gives up on a collector that never answers after 3 s, and tells so', async () => {
    stopTime();
    const receiver = await world.receive(() => 'hang');
    const endpoints = [at(receiver.url)];
    const traces = startTraces({ endpoints, serviceVersion: '1.2.3', log: world.log });
    await work(traces);
    const stopping = traces.shutdown();
    await receiver.arrived(1);
    const early = await Promise.race([
      stopping.then(() => 'stopped'),
      vi.advanceTimersByTimeAsync(2_999).then(() => 'waiting'),
    ]);
    expect(early).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    await stopping;
    expect(world.log.lines).toEqual([
      { level: 'warn', message: 'last traces not delivered', fields: { gaveUpAfterMs: 3_000 } },
    ]);
  });

  test('leaves no connection open when it gives up', async () => {
    stopTime();
    const asked = gate();
    const silent = await listen(asked.open);
    const traces = world.start([at(silent.url)], 60_000);
    await work(traces);
    const stopping = traces.shutdown();
    await asked.opened;
    await vi.advanceTimersByTimeAsync(60_000);
    await stopping;
    await silent.close();
    expect(world.log.lines).toHaveLength(1);
  });

  test('waits for nothing when nothing is left', async () => {
    stopTime();
    const receiver = await world.receive(() => 'hang');
    const traces = world.start([at(receiver.url)]);
    await traces.shutdown();
    expect(receiver.requests).toEqual([]);
    expect(world.log.lines).toEqual([]);
  });

  test('twice is once', async () => {
    const receiver = await world.receive();
    const traces = world.start([at(receiver.url)]);
    await work(traces);
    await Promise.all([traces.shutdown(), traces.shutdown()]);
    await traces.shutdown();
    expect(receiver.requests).toHaveLength(1);
    expect(world.log.lines).toEqual([]);
  });
});

describe('spans beyond what waits for a collector', () => {
  test('are dropped, and told', async () => {
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '5');
    vi.stubEnv('OTEL_BSP_MAX_QUEUE_SIZE', '20');
    const answer = gate();
    const receiver = await world.receive(async () => {
      await answer.opened;
      return {};
    });
    const traces = world.start([at(receiver.url)]);
    await work(traces, 5 + 20 + 4);
    answer.open();
    await receiver.arrived(2);
    await work(traces);
    await traces.shutdown();
    expect(receiver.spans()).toHaveLength(5 + 20 + 1);
    expect(world.log.lines).toEqual([
      {
        level: 'warn',
        message: 'traces: OpenTelemetry reports',
        fields: { message: expect.stringContaining('Dropped 4 spans') },
      },
    ]);
  });
});
