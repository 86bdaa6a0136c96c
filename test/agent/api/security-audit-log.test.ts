import { expect, it } from 'vitest';
import { apiNow } from '../../support/api-world.ts';
import { from, guardedWorld, secrets } from '../../support/loopback-api.ts';

const headers = { Authorization: `Bearer ${secrets.write}` };
const socket = from('192.0.2.1');

it('says of each thing done who did it, from where and to what', async () => {
  const { api, log } = guardedWorld();
  const post = { method: 'POST', headers };
  const silence = {
    matchers: [{ name: 'alertname', value: 'throttled' }],
    endsAt: new Date(apiNow + 3_600_000).toISOString(),
    comment: 'known',
  };
  const rows = async (path: string) =>
    JSON.parse(await (await api.request(path, { headers })).text()) as Record<string, string>[];
  const [alert] = await rows('/api/v1/alerts');
  const [delivery] = await rows('/api/v1/deliveries');
  const path = `/api/v1/alerts/${alert?.['fingerprint']}/ack`;
  await api.request(path, { ...post, body: '{"note":"on it"}' }, socket);
  await api.request('/api/v1/silences', { ...post, body: JSON.stringify(silence) }, socket);
  await api.request('/api/v1/silences/maintenance', { method: 'DELETE', headers }, socket);
  await api.request(`/api/v1/deliveries/${delivery?.['id']}/retry`, post, socket);
  await api.request('/api/v1/deliveries/nothing/retry', post, socket);
  await api.request('/api/v1/deliveries/nothing/retry', { method: 'POST' }, socket);
  await api.request('/login', { method: 'POST', body: `token=${secrets.read}` }, socket);
  await api.request('/login', { method: 'POST', body: 'token=sesame-wrong' }, socket);

  const by = { token: 'a write token', by: 'token', address: '192.0.2.1' };
  expect(log.lines.every(({ message }) => message === 'audit')).toBe(true);
  expect(log.lines.map(({ level, fields }) => ({ level, ...fields }))).toMatchObject([
    { level: 'info', what: 'acknowledgeAlert', ...by, result: 'done', given: '{"note":"on it"}' },
    { level: 'info', what: 'createSilence', ...by, result: 'done' },
    { level: 'info', what: 'endSilence', ...by, result: 'done', params: { id: 'maintenance' } },
    { level: 'info', what: 'retryDelivery', ...by, result: 'done' },
    { level: 'warn', what: 'retryDelivery', ...by, result: 'failed', params: { id: 'nothing' } },
    { level: 'warn', what: 'POST /api/v1/deliveries/nothing/retry', result: 'refused' },
    { level: 'info', what: 'login', token: 'a read token', by: 'session', result: 'done' },
    { level: 'warn', what: 'login', address: '192.0.2.1', result: 'refused' },
  ]);
  expect(JSON.stringify(log.lines)).not.toContain('sesame');
});

it('says of a flood of refusals how many there were, in few lines', async () => {
  const { api, log, clock } = guardedWorld();
  for (let asked = 0; asked < 200; asked += 1) await api.request('/api/v1/usage', {}, socket);
  expect(log.lines).toHaveLength(50);
  await clock.advance(1_000);
  await api.request('/api/v1/usage', {}, socket);
  expect(log.lines.at(-1)?.fields).toMatchObject({ unlogged_refusals: 150 });
});

it('has no query of what was refused, and no more of its path than a line holds', async () => {
  const { api, log } = guardedWorld();
  await api.request(`/api/v1/usage?token=sesame`, {}, socket);
  await api.request(`/api/v1/deliveries/${'x'.repeat(5_000)}/retry`, { method: 'POST' }, socket);
  const text = JSON.stringify(log.lines);
  expect(text).not.toContain('sesame');
  expect(text.length).toBeLessThan(1_500);
});
