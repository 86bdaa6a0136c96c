import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { startOtlpReceiver } from '../../support/otlp-receiver.ts';
import { at, createTracesWorld, work } from './traces-world.ts';

/** Hoisted above the imports: OpenTelemetry keeps the console's methods as it finds them when it is loaded. */
const written = vi.hoisted(() => {
  const lines: string[] = [];
  for (const method of ['debug', 'info', 'log', 'warn', 'error', 'trace'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      lines.push(parts.map(String).join(' '));
    });
  }
  return lines;
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => {
  vi.restoreAllMocks();
});

test('the SDK does not dump what it sends on the console, though OTEL_LOG_LEVEL asks for it', async () => {
  vi.stubEnv('OTEL_LOG_LEVEL', 'debug');
  const world = createTracesWorld();
  const receiver = await startOtlpReceiver();
  const traces = world.start([at(receiver.url)]);
  const atStart = written.splice(0);
  await work(traces);
  await world.close();
  await receiver.close();
  expect(atStart).not.toEqual([]);
  expect(written).toEqual([]);
  expect(receiver.spans()).toHaveLength(1);
});
