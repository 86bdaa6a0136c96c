import { describe, expect, it, test } from 'vitest';
import type { ApiDeps } from '../../../agent/api/api.ts';
import { apiNow, apiWorld, rowsIn } from '../../support/api-world.ts';
import { messageSample } from '../../support/alert-samples.ts';
import { memoryOutbox } from '../../support/memory-outbox.ts';
import type { OutboxUnderTest } from '../../support/memory-outbox.ts';

const retryOf = (id: string) => `/api/v1/deliveries/${encodeURIComponent(id)}/retry`;
const scoped = (scope: 'read' | 'write', match = {}): Pick<ApiDeps, 'tokens'> => ({
  tokens: [{ name: 'ops', token: { reveal: () => 's3cret' }, scope, match }],
});
const headers = { Authorization: 'Bearer s3cret' };

/** Two messages: one tried once and to be tried again, a newer one given up. */
function outboxOfTwo(): OutboxUnderTest {
  const outbox = memoryOutbox();
  outbox.put([messageSample({ id: 'one', group: 'a' })], apiNow - 2_000);
  outbox.put([messageSample({ id: 'two', group: 'b', notifier: 'oncall' })], apiNow - 1_000);
  for (const one of outbox.dueDeliveries(apiNow, 2)) {
    const isDead = one.message.id === 'two';
    outbox.recordAttempt({
      ...one,
      state: isDead ? 'dead' : 'waiting',
      attempts: 1,
      nextTryAt: apiNow + 5_000,
      lastTryAt: apiNow - 500,
      lastStatus: 503,
      lastAnswer: 'busy',
    });
  }
  return outbox;
}

describe('GET /api/v1/deliveries', () => {
  it('tells each message and notifier, newest first', async () => {
    const { api } = apiWorld({ outbox: outboxOfTwo() });
    const [newest, older, ...more] = await rowsIn(await api.request('/api/v1/deliveries'));
    expect(more).toEqual([]);
    expect(newest).toMatchObject({ message: 'two', state: 'dead', next_try: null });
    expect(older).toEqual({
      id: 'one.finops',
      message: 'one',
      notifier: 'finops',
      type: 'alert.firing',
      group: 'a',
      state: 'waiting',
      attempts: 1,
      created: '2026-11-23T11:59:58.000Z',
      next_try: '2026-11-23T12:00:05.000Z',
      last_try: '2026-11-23T11:59:59.500Z',
      delivered: null,
      last_status: 503,
      last_answer: 'busy',
      alerts: 1,
    });
  });

  it.each([
    ['state=dead', ['two']],
    ['state=delivered', []],
    ['notifier=finops', ['one']],
    ['limit=1', ['two']],
  ])('by %s', async (query, messages) => {
    const { api } = apiWorld({ outbox: outboxOfTwo() });
    const rows = await rowsIn(await api.request(`/api/v1/deliveries?${query}`));
    expect(rows.map(({ message }) => message)).toEqual(messages);
  });

  it.each(['state=lost', 'limit=0', 'limit=x', 'limit=10001'])('%s is a problem', async (query) => {
    const response = await apiWorld().api.request(`/api/v1/deliveries?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ parameter: query.split('=')[0] });
  });

  it('is empty where the agent keeps no outbox', async () => {
    const { api } = apiWorld({ outbox: undefined });
    expect(await rowsIn(await api.request('/api/v1/deliveries'))).toEqual([]);
  });

  it('is not for a token that sees a part', async () => {
    const { api } = apiWorld(scoped('write', { team: ['search'] }));
    const response = await api.request('/api/v1/deliveries', { headers });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/team/) });
  });
});

describe('POST /api/v1/deliveries/{id}/retry', () => {
  it('makes it due now and wakes who sends it', async () => {
    const outbox = outboxOfTwo();
    let woken = 0;
    const { api } = apiWorld({ outbox, wakeDelivery: () => void (woken += 1) });
    const response = await api.request(retryOf('two.oncall'), { method: 'POST' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: 'two.oncall',
      next_try: '2026-11-23T12:00:00.000Z',
    });
    expect(outbox.dueDeliveries(apiNow, 5)).toMatchObject([{ id: 'two.oncall', attempts: 0 }]);
    expect(woken).toBe(1);
  });

  it('of an unknown id is a 404 that says where ids are', async () => {
    const response = await apiWorld().api.request(retryOf('nobody'), { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/GET \/api\/v1\/deliveries/),
    });
  });

  it.each([
    ['read', 403],
    ['write', 200],
  ] as const)('with a token of scope %s is %i', async (scope, status) => {
    const { api } = apiWorld({ outbox: outboxOfTwo(), ...scoped(scope) });
    const response = await api.request(retryOf('two.oncall'), { method: 'POST', headers });
    expect(response.status).toBe(status);
  });

  it.each([
    ['a page of another site', 'https://evil.example.com', 403],
    ['a page without an origin', 'null', 403],
    ['our own page', 'http://127.0.0.1:9870', 200],
  ])('from %s is %s: %i', async (_, Origin, status) => {
    const { api } = apiWorld({ outbox: outboxOfTwo() });
    const response = await api.request(`http://127.0.0.1:9870${retryOf('two.oncall')}`, {
      method: 'POST',
      headers: { Origin },
    });
    expect(response.status).toBe(status);
  });
});

test('the path of a retry answers POST alone', async () => {
  const response = await apiWorld().api.request(retryOf('two.oncall'));
  expect(response.status).toBe(405);
  expect(response.headers.get('Allow')).toBe('POST');
});
