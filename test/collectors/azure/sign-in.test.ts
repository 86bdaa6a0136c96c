import { expect, it, onTestFinished, vi } from 'vitest';
import type { AzureConfig } from '../../../collectors/azure/config.ts';
import { createAzureCollector } from '../../../collectors/azure/index.ts';
import { serveLoopback } from '../../../collectors/emulator/http.ts';
import { rejection } from '../../support/azure-source.ts';

/** A source that signs in at a machine's identity endpoint which takes the question and never answers. */
async function source(timeoutMs: number) {
  let asked = (): void => undefined;
  const asking = new Promise<void>((resolve) => (asked = resolve));
  const endpoint = await serveLoopback(0, () => {
    asked();
    return { kind: 'hang' };
  });
  vi.stubEnv('IDENTITY_ENDPOINT', `${endpoint.url}/token`);
  vi.stubEnv('IDENTITY_HEADER', 'of this test');
  const config: AzureConfig = {
    name: 'azure',
    credential: { kind: 'managed_identity' },
    endpoint: 'http://127.0.0.1:9',
    timeoutMs,
  };
  const collector = createAzureCollector(config, { now: () => Date.UTC(2026, 10, 18) });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await collector.close();
    await endpoint.close();
  });
  return { collector, asking };
}

it('is not waited for once the agent stops, though it heeds no signal', async () => {
  const { collector, asking } = await source(60_000);
  const stop = new AbortController();
  const listing = rejection(collector.discover(stop.signal));
  await asking;
  stop.abort();
  expect(await listing).toMatchObject({ reason: 'timeout' });
});

it('may take as long as any call, and no longer', async () => {
  const { collector } = await source(100);
  const { signal } = new AbortController();
  expect(await rejection(collector.discover(signal))).toMatchObject({
    reason: 'timeout',
    hint: expect.stringContaining('too slow'),
  });
});
