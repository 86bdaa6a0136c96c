import { expect, test } from 'vitest';
import { hourMs, isoUtc } from '../../../agent/core/time.ts';
import { alertAccess, apiNow, apiWorld } from '../../support/api-world.ts';
import { memoryAlerts, trackedSample } from '../../support/memory-alerts.ts';
import { recordedLog } from '../../support/recorded-log.ts';

const fingerprint = trackedSample().fingerprint;

function token(scope: 'read' | 'write', match = {}) {
  return { name: 'ops', token: { reveal: () => 'secret' }, scope, match };
}

const bearer = { Authorization: 'Bearer secret' };

/** As a program sends it: with its length. */
function json(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    method: 'POST',
    body: text,
    headers: { 'Content-Length': String(Buffer.byteLength(text)), ...headers },
  };
}

const silence = {
  matchers: [{ name: 'alertname', value: 'search-*' }],
  endsAt: isoUtc(apiNow + hourMs),
  createdBy: 'ada',
};

test('an alert is told with its state, its figures and its history', async () => {
  const rows = await (await apiWorld().api.request('/api/v1/alerts')).json();
  expect(rows).toMatchObject([
    {
      fingerprint,
      name: 'search-monthly',
      state: 'firing',
      severity: 'page',
      value: 455,
      threshold: 450,
      certainty: 'provisional',
      silenced: false,
      acknowledged_by: null,
      period_start: '2026-11-01T00:00:00.000Z',
      history: [{ from: 'inactive', to: 'firing', note: '' }],
    },
  ]);
});

test.each([
  ['state=firing', 1],
  ['state=resolved,corrected', 0],
  ['name=search-*', 1],
  ['name=support', 0],
  ['severity=page', 1],
  ['severity=warning', 0],
])('%s finds %i', async (query, count) => {
  const response = await apiWorld().api.request(`/api/v1/alerts?${query}`);
  expect(await response.json()).toHaveLength(count);
});

test.each([
  ['sees what its match names', { team: ['search'] }, 1],
  ['does not see what is of others', { team: ['support'] }, 0],
  ['does not see what an alert does not tell', { region: ['us-east-1'] }, 0],
])('a limited token %s', async (_, match, count) => {
  const { api } = apiWorld({ tokens: [token('read', match)] });
  const response = await api.request('/api/v1/alerts', { headers: bearer });
  expect(await response.json()).toHaveLength(count);
});

test('taking an alert on is in the alert, in its history and in the log', async () => {
  const log = recordedLog();
  const { api } = apiWorld({ alerts: alertAccess(undefined, log), tokens: [token('write')] });
  const response = await api.request(
    `/api/v1/alerts/${fingerprint}/ack`,
    json({ note: 'on it' }, bearer),
  );
  expect(response.status).toBe(200);
  const rows = await (await api.request('/api/v1/alerts', { headers: bearer })).json();
  expect(rows).toMatchObject([
    {
      state: 'firing',
      acknowledged_by: 'ops',
      history: [{ note: '' }, { note: 'Acknowledged by ops: on it' }],
    },
  ]);
  expect(JSON.stringify(log.lines)).toContain('alert acknowledged');
});

test('what does not fire cannot be taken on, nor what there is not', async () => {
  const ledger = memoryAlerts();
  const alert = trackedSample({ state: 'resolved', endedAt: apiNow });
  ledger.recordStep({ at: apiNow, alerts: [alert], events: [], messages: [] });
  const { api } = apiWorld({ alerts: alertAccess(ledger) });
  const statuses = [fingerprint, 'ffffffffffffffff'].map(async (one) => {
    return (await api.request(`/api/v1/alerts/${one}/ack`, json({}))).status;
  });
  expect(await Promise.all(statuses)).toEqual([409, 404]);
});

test('a silence is kept, told and ended', async () => {
  const { api } = apiWorld();
  const made = await (await api.request('/api/v1/silences', json(silence))).json();
  expect(made).toMatchObject({ id: 'silence-1', state: 'active', createdBy: 'ada' });
  const active = async () => {
    const rows = await (await api.request('/api/v1/silences?state=active')).json();
    return Array.isArray(rows) ? rows.length : undefined;
  };
  expect(await active()).toBe(2);
  const moved = { ...silence, id: 'silence-1', startsAt: isoUtc(apiNow + 1) };
  expect(await (await api.request('/api/v1/silences', json(moved))).json()).toMatchObject({
    id: 'silence-1',
    state: 'pending',
  });
  expect((await api.request('/api/v1/silences/silence-1', { method: 'DELETE' })).status).toBe(200);
  expect(await active()).toBe(1);
  expect((await api.request('/api/v1/silences/nobody', { method: 'DELETE' })).status).toBe(404);
});

test.each([
  ['no matcher', { ...silence, matchers: [] }, 400, /matchers/],
  [
    'matchers that say what nothing is',
    { ...silence, matchers: [{ name: 'team', value: 'search', isEqual: false }] },
    422,
    /at least must say/,
  ],
  [
    'a regular expression',
    { ...silence, matchers: [{ name: 'team', value: 'a.*', isRegex: true }] },
    400,
    /regular expressions/,
  ],
  ['an end before now', { ...silence, endsAt: isoUtc(apiNow - 1) }, 422, /after now/],
  [
    'an end before its start',
    { ...silence, startsAt: isoUtc(apiNow + 2 * hourMs) },
    422,
    /after startsAt/,
  ],
  ['no author', { ...silence, createdBy: undefined }, 422, /createdBy/],
  ['a word nobody knows', { ...silence, starts: 'now' }, 400, /starts/],
  ['an id that there is not', { ...silence, id: 'nobody' }, 404, /no silence/],
  ['no JSON', '{', 400, /not JSON/],
  ['a book', { ...silence, comment: 'x'.repeat(70_000) }, 413, /at most/],
])('a silence with %s is refused', async (_, body, status, words) => {
  const response = await apiWorld().api.request('/api/v1/silences', json(body));
  expect(response.status).toBe(status);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(JSON.stringify(await response.json())).toMatch(words);
});

test('changes need a token that may write, and one for everything where it is about everybody', async () => {
  const ask = async (...tokens: readonly ReturnType<typeof token>[]) => {
    const { api } = apiWorld({ tokens });
    const path = '/api/v1/silences';
    return (await api.request(path, json(silence, bearer))).status;
  };
  expect(await ask(token('read'))).toBe(403);
  expect(await ask(token('write', { team: ['search'] }))).toBe(403);
  expect(await ask(token('write'))).toBe(200);
});
