import { describe, expect, it, vi } from 'vitest';
import type { CollectRequest, Collector } from '../../../agent/core/collector.ts';
import { hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import type { Call } from '../../../collectors/emulator/faults.ts';
import type { Answer } from '../../../collectors/emulator/http.ts';
import { cliProcess, configFile, eventually } from '../../support/cli-world.ts';
import type { CliProcess, CliProcessOptions } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { sourceNames, startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 60_000 });

/** A weekday noon, so that every lane has traffic. */
const noon = Date.UTC(2026, 10, 18, 12);
const lastHours = { start: noon - 3 * hourMs, end: noon - 40 * minuteMs };
const shortHistory = 'poll: { every: 5m, overlap: 30m, backfill: 3h }\n';

async function world(more = '') {
  const clock = createFakeClock(noon);
  const trouble = { answer: (_call: Call): Answer | undefined => undefined };
  const clouds = await startSmallClouds(() => clock.now(), {
    intercept: (call) => trouble.answer(call),
  });
  const config = configFile(`${clouds.config}${shortHistory}${more}`);
  return {
    clock,
    trouble,
    clouds,
    config,
    process: (instead?: CliProcessOptions['instead']) =>
      cliProcess({ clock, ...(instead && { instead }) }),
  };
}

async function get(process: CliProcess, path: string): Promise<Response> {
  const [listener] = process.served;
  if (listener === undefined) throw new Error('nobody listens');
  return listener.fetch(new Request(`http://127.0.0.1:9870${path}`));
}

async function isReady(process: CliProcess): Promise<boolean> {
  return process.served.length > 0 && (await get(process, '/readyz')).status === 200;
}

describe('run', () => {
  it('starts, says where it listens, becomes ready, and reads what was used', async () => {
    const { clock, clouds, config, process } = await world();
    const agent = process();
    const status = agent.run('run', '--config', config);
    await eventually(() => agent.served.length > 0);
    const first = await get(agent, '/readyz');
    expect(first.status).toBe(503);
    expect(await first.json()).toEqual([...sourceNames]);
    await eventually(() => isReady(agent));
    expect(agent.log.lines.find(({ message }) => message === 'crossbill is running')).toMatchObject(
      {
        level: 'info',
        fields: { version: '1.2.3', url: 'http://127.0.0.1:9870', sources: [...sourceNames] },
      },
    );
    const differences = () =>
      clouds
        .differences(cliProcess({ clock }), config, lastHours, '1m')
        .then(({ length }) => length);
    await eventually(async () => (await differences()) === 0);
    const { out, err } = agent;
    agent.stop.abort();
    expect(await status).toBe(0);
    expect([out.text(), err.text()]).toEqual(['', '']);
  });

  it('stops within a second of Ctrl-C though a cloud keeps it waiting, and lets go of all it held', async () => {
    const { clock, config, process, trouble } = await world();
    const hanging = new Set<string>();
    trouble.answer = ({ cloud, operation }) => {
      if (!['metrics', 'monitoring:GetMetricData'].includes(operation)) return undefined;
      hanging.add(cloud);
      return { kind: 'hang' };
    };
    const agent = process();
    const status = agent.run('run', '--config', config);
    await eventually(() => hanging.size === 2);
    expect([...agent.open].toSorted()).toEqual(
      [
        'ledger',
        'listener',
        'traces',
        ...sourceNames.map((name) => `collector ${name}`),
      ].toSorted(),
    );
    const from = performance.now();
    agent.stop.abort();
    expect(await status).toBe(0);
    expect(performance.now() - from).toBeLessThan(1_000);
    expect([...agent.open]).toEqual([]);
    // No loop sleeps on, and the ledger is free for the next writer.
    expect(clock.sleepers()).toEqual([]);
    const next = process();
    const span = ['--from', isoUtc(noon - hourMs), '--to', isoUtc(noon)];
    trouble.answer = () => undefined;
    expect(await next.run('backfill', '--config', config, ...span), next.err.text()).toBe(0);
  });

  it('warns of every part of the configuration that it does not act on yet, with its place', async () => {
    const { config, process } = await world('currencies: [{ EUR: 1.09 USD, from: 2026-11-01 }]\n');
    const agent = process();
    const status = agent.run('run', '--config', config);
    await eventually(() => agent.served.length > 0);
    agent.stop.abort();
    await status;
    expect(agent.log.lines.filter(({ message }) => message.includes('currencies:'))).toEqual([
      {
        level: 'warn',
        message: `${config}:12:13 currencies: only prices.file, bills and budgets use them, and there are none`,
        fields: {},
      },
    ]);
  });

  it('reads the other sources though one cannot be reached, and is ready', async () => {
    const { config, process, trouble } = await world();
    trouble.answer = ({ cloud }) => (cloud === 'azure' ? { kind: 'reset' } : undefined);
    const agent = process();
    const status = agent.run('run', '--config', config);
    await eventually(() => isReady(agent));
    const rows = (await (await get(agent, '/api/v1/sources')).json()) as readonly Readonly<
      Record<string, unknown>
    >[];
    const states = new Map(rows.map((row) => [row['source'], row['state']]));
    expect(Object.fromEntries(states)).toEqual({ own: 'ok', search: 'ok', azure: 'failing' });
    expect(rows.find((row) => row['source'] === 'azure')).toMatchObject({ reason: 'unreachable' });
    agent.stop.abort();
    expect(await status).toBe(0);
  });

  it('closes ledger, collectors and traces when it cannot listen, and says why', async () => {
    const { clock, config, process } = await world();
    const agent = process({
      serve: () => Promise.reject(new Error('cannot listen on 127.0.0.1:9870: taken')),
    });
    expect(await agent.run('run', '--config', config)).toBe(1);
    expect(agent.err.text()).toBe('cannot listen on 127.0.0.1:9870: taken\n');
    expect([...agent.open]).toEqual([]);
    expect(clock.sleepers()).toEqual([]);
  });

  it('closes what it opened when a source lacks its credential, and names the variable', async () => {
    const { process } = await world();
    const config = configFile(`sources:
  - { name: first, type: aws }
  - { name: second, type: azure, credential: client_secret }`);
    const agent = process();
    expect(await agent.run('run', '--config', config)).toBe(1);
    expect(agent.err.text()).toMatch(/source second: .*AZURE_CLIENT_SECRET/);
    expect([...agent.open], 'the listener too').toEqual([]);
  });

  it('answers before the clouds are loaded, and says that it waits for them', async () => {
    const { config, process } = await world();
    let load = () => {};
    const loading = new Promise<never>((_, reject) => {
      load = () => reject(new Error('no such cloud'));
    });
    const agent = process({ createCollector: () => loading });
    const done = agent.run('run', '--config', config);
    await eventually(() => agent.served.length === 1);
    const ask = async (path: string) =>
      agent.served[0]?.fetch(new Request(`http://127.0.0.1:9870${path}`));
    expect((await ask('/healthz'))?.status).toBe(200);
    const ready = await ask('/readyz');
    expect(ready?.status).toBe(503);
    expect(await ready?.json()).toEqual([...sourceNames]);
    load();
    expect(await done).toBe(1);
    expect(agent.err.text()).toBe('no such cloud\n');
    expect([...agent.open]).toEqual([]);
  });

  it('lets go of the ledger though a collector cannot be closed', async () => {
    const { config, process } = await world();
    const broken: Collector = {
      name: 'own',
      cloud: 'aws',
      discover: () =>
        Promise.resolve({ scopes: ['own'], targets: [], inventory: [], failures: [] }),
      collect: () => Promise.resolve([]),
      priceListing: () => ({ operation: 'list', calls: 1, costNanoUsd: 0n }),
      probe: () => Promise.resolve([]),
      price: (_request: CollectRequest) => ({ operation: 'none', calls: 0, costNanoUsd: 0n }),
      close: () => Promise.reject(new Error('will not close')),
    };
    const agent = process({ createCollector: () => Promise.resolve(broken) });
    const status = agent.run('run', '--config', config);
    await eventually(() => agent.served.length > 0);
    agent.stop.abort();
    expect(await status).toBe(1);
    expect(agent.err.text()).toContain('will not close');
    expect([...agent.open]).toEqual([]);
  });

  it('waits beside another writer, and takes over when that one has stopped', async () => {
    const { clock, config, process } = await world();
    const agent = process();
    const status = agent.run('run', '--config', config);
    await eventually(() => agent.served.length > 0);
    const second = process();
    const secondStatus = second.run('run', '--config', config);
    await eventually(() => second.log.lines.some(({ message }) => message.startsWith('waiting')));
    expect(second.served).toEqual([]);
    agent.stop.abort();
    expect(await status).toBe(0);
    await clock.advance(2_000);
    await eventually(() => second.served.length > 0);
    second.stop.abort();
    expect(await secondStatus).toBe(0);
  });

  it('hands listener and API the addresses of the configuration', async () => {
    const { process } = await world();
    const config = configFile(
      "listen: '[::1]:9999'\nallowed_hosts: [crossbill.local]\nsources: [{ name: own, type: aws, regions: [us-east-1], endpoint: 'http://127.0.0.1:9' }]",
    );
    const agent = process();
    const status = agent.run('run', '--config', config);
    await eventually(() => agent.served.length > 0);
    const [listener] = agent.served;
    expect(listener?.address).toMatchObject({ host: '::1', port: 9999 });
    const ask = (host: string) =>
      listener?.fetch(new Request(`http://${host}/api/v1/sources`, { headers: { host } }));
    expect((await ask('crossbill.local'))?.status).toBe(200);
    expect((await ask('elsewhere.example'))?.status).not.toBe(200);
    expect((await ask('crossbill.local'))?.headers.get('crossbill-demo')).toBeNull();
    agent.stop.abort();
    expect(await status).toBe(0);
  });
});
