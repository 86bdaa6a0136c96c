import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answeredInTime } from '../../../agent/api/deadline.ts';
import { askerOf, createLimiter } from '../../../agent/api/limits.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { from, guardedWorld, secrets } from '../../support/loopback-api.ts';

const headers = { Authorization: `Bearer ${secrets.read}` };
const requests = { perSecond: 2, burst: 3 };

describe('one address', () => {
  it('may ask so often, and again when time went by', async () => {
    const { api, clock } = guardedWorld({ requests });
    const ask = () => api.request('/api/v1/sources', { headers }, from('192.0.2.1'));
    for (const _ of [1, 2, 3]) expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('1');
    expect(refused.headers.get('Content-Type')).toBe('application/problem+json');
    await clock.advance(500);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
  });

  it('does not use up what others may ask, nor what probes may', async () => {
    const { api } = guardedWorld({ requests });
    const ask = async (address: string, path = '/api/v1/sources') =>
      (await api.request(path, { headers }, from(address))).status;
    for (let asked = 0; asked < 5; asked += 1) await ask('2001:db8::1');
    expect(await ask('2001:db8::2')).toBe(429);
    expect(await ask('2001:db8:0:1::1')).toBe(200);
    expect(await ask('2001:db8::1', '/healthz')).toBe(200);
    expect(await ask('2001:db8::1', '/readyz')).toBe(200);
  });

  it('is the one that a trusted proxy tells, and no other', async () => {
    const proxy = { header: 'X-User', from: ['10.0.0.1/32'], scope: 'read', match: {} } as const;
    const { api } = guardedWorld({ requests, proxy });
    const ask = async (socket: string, client: string) => {
      const told = { ...headers, 'X-Forwarded-For': client };
      return (await api.request('/api/v1/sources', { headers: told }, from(socket))).status;
    };
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
      expect(await ask('10.0.0.1', client)).toBe(200);
    }
    const statuses: number[] = [];
    for (const client of ['192.0.2.5', '192.0.2.6', '192.0.2.7', '192.0.2.8']) {
      statuses.push(await ask('203.0.113.9', client));
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('never gets more than the burst and what time gave, whenever it asks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (steps, perSecond, burst) => {
          let now = 0;
          let forward = 0;
          let taken = 0;
          const limiter = createLimiter({ perSecond, burst }, { now: () => now });
          for (const step of steps) {
            now += step;
            forward += Math.max(0, step);
            if (limiter.take('a') === 0) taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(burst + (forward / 1_000) * perSecond + 1e-6);
        },
      ),
    );
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1::6', '2001:db8:1:0'],
    ['::1', '0:0:0:0'],
    [undefined, ''],
  ])('%s is counted as %s', (address, asker) => {
    expect(askerOf(address)).toBe(asker);
  });
});

describe('an answer', () => {
  it('that takes too long is a problem that says what to do', async () => {
    const { api, clock } = guardedWorld(
      { answerSeconds: 30 },
      { status: { sources: () => new Promise(() => undefined), apiCalls: async () => [] } },
    );
    const asked = Promise.resolve(api.request('/api/v1/sources', { headers }));
    await clock.advance(30_000);
    const response = await asked;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ type: 'urn:crossbill:problem:too-slow' });
    expect((await api.request('/healthz')).status).toBe(200);
  });

  it('that comes in time leaves nobody waiting', async () => {
    const clock = createFakeClock(0);
    await answeredInTime(async () => undefined, 30, clock);
    expect(clock.sleepers()).toEqual([]);
  });

  it('that fails in time fails as it does', async () => {
    const clock = createFakeClock(0);
    const failing = answeredInTime(() => Promise.reject(new Error('own')), 30, clock);
    await expect(failing).rejects.toThrow('own');
    expect(clock.sleepers()).toEqual([]);
  });
});
