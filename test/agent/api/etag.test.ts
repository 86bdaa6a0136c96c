import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../../agent/api/api.ts';
import type { ApiToken } from '../../../agent/api/auth.ts';
import { apiWorld, twoClouds } from '../../support/api-world.ts';

const path = '/api/v1/usage?from=2026-11-23T11:00:00Z&to=2026-11-23T12:00:00Z&group_by=model';

function token(secret: string, match: ApiToken['match'] = {}): ApiToken {
  return { name: secret, token: { reveal: () => secret }, scope: 'read', match };
}

describe('an answer has a tag', () => {
  const { api } = apiWorld();
  const tagOf = async (asked = path, headers = {}) =>
    (await api.request(asked, { headers })).headers.get('ETag') ?? '';

  it('that is the same as long as the figures are', async () => {
    expect(await tagOf()).toMatch(/^W\/"[\w-]{27}"$/);
    expect(await tagOf()).toBe(await tagOf());
    const more = twoClouds.amounts.map((one) => ({ ...one, amounts: { input: 7 } }));
    const changed = await apiWorld({ ledger: { ...twoClouds, amounts: more } }).api.request(path);
    expect(changed.headers.get('ETag')).not.toBe(await tagOf());
  });

  it('and is to be asked for again, by whoever got it', async () => {
    const { headers } = await api.request(path);
    expect(headers.get('Cache-Control')).toBe('private, no-cache');
    expect(headers.get('Vary')).toMatch(/Authorization, Cookie/);
  });

  it.each([
    ['it', (tag: string) => tag, 304],
    ['it among others', (tag: string) => `"x", ${tag}`, 304],
    ['it as a strong one', (tag: string) => tag.slice(2), 304],
    ['anything', () => '*', 304],
    ['another', () => 'W/"x"', 200],
    ['a part of it', (tag: string) => `${tag.slice(0, -5)}"`, 200],
  ])('and is not sent again to who knows %s', async (_name, given, status) => {
    const tag = await tagOf();
    const response = await api.request(path, { headers: { 'If-None-Match': given(tag) } });
    expect(response.status).toBe(status);
    expect(response.headers.get('ETag')).toBe(tag);
    expect((await response.text()) === '').toBe(status === 304);
  });

  it('that is of what a token sees, not of what another one does', async () => {
    const tokens = [token('all'), token('some', { cloud: ['azure'] })];
    const world = apiWorld({ tokens });
    const ask = (secret: string, known = '') =>
      world.api.request(path, {
        headers: { Authorization: `Bearer ${secret}`, 'If-None-Match': known },
      });
    const tag = (await ask('all')).headers.get('ETag') ?? '';
    expect((await ask('some', tag)).status).toBe(200);
    expect((await ask('nobody', tag)).status).toBe(401);
    expect((await ask('all', tag)).status).toBe(304);
  });

  it.each([
    ['gzip', true],
    ['br, gzip;q=0.5', true],
    ['identity', false],
    ['gzip;q=0', false],
  ])('with Accept-Encoding %s it is the same, compressed: %s', async (accepted, isZipped) => {
    const long = `${path}&step=1m`;
    const response = await api.request(long, { headers: { 'Accept-Encoding': accepted } });
    expect(response.headers.get('Content-Encoding')).toBe(isZipped ? 'gzip' : null);
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = (isZipped ? gunzipSync(bytes) : bytes).toString();
    expect(text).toBe(await (await api.request(long)).text());
    expect(response.headers.get('ETag')).toBe(await tagOf(long));
  });

  it('but what is streamed has none', async () => {
    const focusWriter: ApiDeps['focusWriter'] = async () =>
      async function* () {
        yield 'BilledCost';
      };
    const { api: writing } = apiWorld({ focusWriter });
    const response = await writing.request('/api/v1/export/focus');
    expect(await response.text()).toBe('BilledCost');
    expect(response.headers.get('ETag')).toBeNull();
  });
});
