import { EventEmitter, once } from 'node:events';
import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import { hourMs } from '../../../agent/core/time.ts';
import { fastClock } from '../../../collectors/emulator/clock.ts';
import type { Call } from '../../../collectors/emulator/faults.ts';
import type { Answer } from '../../../collectors/emulator/http.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';
import { startClouds } from '../../../collectors/emulator/server.ts';
import type { Clouds, CloudsOptions } from '../../../collectors/emulator/server.ts';
import { loadTrace } from '../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../collectors/emulator/traffic.ts';
import { truth } from '../../../collectors/emulator/truth.ts';
import { cloudWatch } from './aws/clients.ts';

const noon = Date.parse('2026-11-18T12:00:00Z');
let running: Clouds[] = [];
afterEach(async () => {
  await Promise.all(running.map((clouds) => clouds.close()));
  running = [];
});

async function start(options: CloudsOptions = {}): Promise<Clouds> {
  const clouds = await startClouds({ now: () => noon, ...options });
  running.push(clouds);
  return clouds;
}

async function get(clouds: Clouds, path: string) {
  const response = await fetch(`${clouds.controlUrl}${path}`);
  const body: unknown = await response.json();
  return { status: response.status, body };
}

describe('the clouds', () => {
  it('stand on loopback, each at an address of its own', async () => {
    const { awsUrl, azureUrl, controlUrl } = await start();
    const urls = [awsUrl, azureUrl, controlUrl];
    expect(new Set(urls).size).toBe(3);
    for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('are gone after close, hanging calls too', async () => {
    const calls = new EventEmitter();
    const asked = once(calls, 'asked');
    const faults = {
      intercept: (): Answer => {
        calls.emit('asked');
        return { kind: 'hang' };
      },
    };
    const clouds = await startClouds({ now: () => noon, faults });
    const hanging = cloudWatch(clouds.awsUrl).send(new ListMetricsCommand({}));
    await Promise.all([
      expect(hanging).rejects.toThrow('socket hang up'),
      asked.then(() => clouds.close()),
    ]);
    await expect(fetch(clouds.controlUrl)).rejects.toThrow('fetch failed');
  });

  it('leave nothing behind when an address is taken', async () => {
    const { controlUrl } = await start();
    const port = Number(new URL(controlUrl).port);
    await expect(startClouds({ now: () => noon, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

describe('the control server', () => {
  const span = `from=${noon - hourMs}&to=2026-11-18T12:00:00Z`;

  it('tells the truth', async () => {
    const clouds = await start();
    const { status, body } = await get(clouds, `/truth?${span}&step=1h&group_by=cloud,model`);
    const traffic = createTraffic(scenarioLanes, loadTrace());
    const query = {
      from: noon - hourMs,
      to: noon,
      step: '1h',
      groupBy: ['cloud', 'model'],
    } as const;
    expect(status).toBe(200);
    expect(body).toEqual(truth(traffic, query));
    expect((await get(clouds, `/truth?${span}`)).body).toHaveLength(1);
  });

  it.each([
    ['a time that is none', 'from=yesterday&to=0', 'from'],
    ['no end', 'from=0', 'to'],
    ['a step that is none', 'from=0&to=0&step=2h', 'step'],
    ['a dimension that is none', 'from=0&to=0&group_by=cloud,team', 'group_by'],
  ])('refuses %s, and names the parameter', async (_name, parameters, name) => {
    const { status, body } = await get(await start(), `/truth?${parameters}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ detail: expect.stringContaining(name) as string });
  });

  it('tells the time, and where there is nothing', async () => {
    const clouds = await start();
    const clock = await get(clouds, '/clock');
    expect(clock.body).toEqual({ now: '2026-11-18T12:00:00.000Z' });
    expect((await get(clouds, '/elsewhere')).status).toBe(404);
  });
});

describe('a fault', () => {
  it('goes out instead of the answer, for the call that it names', async () => {
    const calls: Call[] = [];
    const faults = {
      intercept(call: Call): Answer | undefined {
        calls.push(call);
        const body = JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' });
        return call.region === 'us-east-1' ? { status: 400, body } : undefined;
      },
    };
    const { awsUrl } = await start({ faults });
    const ask = (region: string) => cloudWatch(awsUrl, region).send(new ListMetricsCommand({}));
    await expect(ask('us-east-1')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(ask('eu-central-1')).resolves.toHaveProperty('Metrics');
    expect(
      calls.map(({ cloud, operation, account, region }) => [cloud, operation, account, region]),
    ).toEqual([
      ['aws', 'monitoring:ListMetrics', '111122223333', 'us-east-1'],
      ['aws', 'monitoring:ListMetrics', '111122223333', 'eu-central-1'],
    ]);
  });

  it('can cut the line', async () => {
    const { awsUrl } = await start({ faults: { intercept: () => ({ kind: 'reset' }) } });
    const call = cloudWatch(awsUrl).send(new ListMetricsCommand({}));
    await expect(call).rejects.toThrow('socket hang up');
  });
});

describe('a fast clock', () => {
  it('agrees with the wall clock at its start and runs ahead from there', () => {
    const before = Date.now();
    const startAt = before - 10_000;
    const now = fastClock(startAt, 60)();
    const after = Date.now();
    expect(now).toBeGreaterThanOrEqual(startAt + (before - startAt) * 60);
    expect(now).toBeLessThanOrEqual(startAt + (after - startAt) * 60);
  });
});
