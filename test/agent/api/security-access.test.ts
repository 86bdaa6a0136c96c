import { describe, expect, it } from 'vitest';
import { actions, routes } from '../../../agent/api/routes.ts';
import { guardedWorld, listening, secrets } from '../../support/loopback-api.ts';

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const pathOf = (path: string) => path.replaceAll(/\{\w+\}/g, 'x');
const reading = [...routes.map(({ path }) => path), '/openapi.json', '/metrics'];
const writing = actions.map(({ method, path }) => [method.toUpperCase(), pathOf(path)] as const);

describe('over a real connection, nothing is told or done', () => {
  it.each([
    ['without a token', {}, 401],
    ['with a wrong token', bearer('sesame'), 401],
    ['with a token in the wrong place', { Authorization: `Basic ${btoa(secrets.write)}` }, 401],
    ['with a cookie that nobody was given', { Cookie: `crossbill=${'A'.repeat(43)}` }, 401],
    ['with the token as the cookie', { Cookie: `crossbill=${secrets.write}` }, 401],
    ['with a user named by a stranger', { 'X-Forwarded-User': 'root' }, 401],
    ['with a token that may only scrape', bearer(secrets.scrape), 403],
  ])('%s', async (_, headers, status) => {
    const world = guardedWorld();
    const listener = await listening(world);
    const { url } = listener;
    const proven = { ...headers, Origin: url };
    for (const path of reading) {
      const wanted = path === '/metrics' && status === 403 ? 200 : status;
      const response = await fetch(url + path, { headers: proven });
      expect([path, response.status]).toEqual([path, wanted]);
      const type = response.headers.get('Content-Type');
      expect(type === 'application/problem+json').toBe(wanted !== 200);
      await response.text();
    }
    for (const [method, path] of writing) {
      const response = await fetch(url + path, { method, headers: proven, body: '{}' });
      expect([path, response.status]).toEqual([path, status]);
      await response.text();
    }
    expect(JSON.stringify(world.log.lines)).not.toContain('sesame');
    await listener.close();
  });

  it('by a token that may only read, where something would be changed', async () => {
    const { api, log } = guardedWorld();
    for (const [method, path] of writing) {
      const response = await api.request(path, { method, headers: bearer(secrets.read) });
      expect(response.status).toBe(403);
    }
    expect(log.lines).toHaveLength(writing.length);
    expect(JSON.stringify(log.lines)).not.toContain('sesame');
  });

  it.each(['evil.example', '127.0.0.1.evil.example', 'crossbill@evil.example', 'a b', ''])(
    'to who calls us %j',
    async (Host) => {
      const { api } = guardedWorld();
      const headers = { ...bearer(secrets.write), Host };
      for (const path of [...reading, '/', '/login']) {
        expect((await api.request(path, { headers })).status).toBe(421);
      }
      expect((await api.request('/healthz', { headers })).status).toBe(200);
    },
  );

  it.each([
    ['a page of another site', { Origin: 'https://evil.example' }],
    ['a page of our host on another port', { Origin: 'http://127.0.0.1:1' }],
    ['a page that hides where it comes from', { Origin: 'null' }],
    ['what the browser calls another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['what the browser calls a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
    [
      'a neighbour that claims our name',
      { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost' },
    ],
  ])('at the wish of %s', async (_, said) => {
    const { api } = guardedWorld();
    for (const [method, path] of writing) {
      const response = await api.request(path, {
        method,
        headers: { Host: '127.0.0.1:9870', ...said, ...bearer(secrets.write) },
      });
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('another site');
    }
  });
});

describe('the headers of every answer', () => {
  it.each(['/', '/login', '/api/v1/usage', '/nothing', '/healthz', '/api/v1/usage?step=x'])(
    'of %s keep a browser from lending it to others',
    async (path) => {
      const { headers } = await guardedWorld().api.request(path);
      const policy = headers.get('Content-Security-Policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('X-Frame-Options')).toBe('DENY');
      expect(headers.get('Referrer-Policy')).toBe('same-origin');
      expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
      expect(headers.get('Strict-Transport-Security')).toBeNull();
    },
  );

  it('ask for https where people come by https', async () => {
    const { headers } = await guardedWorld({ isTls: true }).api.request('/login');
    expect(headers.get('Strict-Transport-Security')).toBe('max-age=31536000');
  });
});
