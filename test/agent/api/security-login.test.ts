import { describe, expect, it } from 'vitest';
import type { ApiToken } from '../../../agent/api/auth.ts';
import { localPath } from '../../../agent/api/local-path.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { guardedWorld, from, secrets, tokenOf } from '../../support/loopback-api.ts';
import type { GuardedWorld } from '../../support/loopback-api.ts';

type World = Pick<GuardedWorld, 'api'>;

const browser = { Accept: 'text/html,application/xhtml+xml', Host: '127.0.0.1:9870' };
const samePage = { ...browser, Origin: 'http://127.0.0.1:9870' };

function post(
  world: World,
  path: string,
  form: Record<string, string>,
  headers: object = samePage,
) {
  const body = new URLSearchParams(form);
  return world.api.request(path, { method: 'POST', body, headers: { ...headers } });
}

async function cookieOf(world: World, token: string = secrets.write): Promise<string> {
  const response = await post(world, '/login', { token });
  expect(response.status).toBe(303);
  return response.headers.get('Set-Cookie')?.split(';')[0] ?? '';
}

async function statusWith(world: World, Cookie: string, path = '/'): Promise<number> {
  return (await world.api.request(path, { headers: { ...browser, Cookie } })).status;
}

describe('whoever asks for the page without a login', () => {
  it.each([
    ['a browser', '/', browser, 303, '/login?next=%2F'],
    [
      'a browser, with a state in the address',
      '/?a=1&b=%22',
      browser,
      303,
      '/login?next=%2F%3Fa%3D1%26b%3D%2522',
    ],
    ['a program', '/', { Accept: '*/*' }, 401, null],
    ['a browser that asks the API', '/api/v1/usage', browser, 401, null],
    ['a browser that asks for dashboards', '/openapi.json', browser, 401, null],
  ])('%s', async (_, path, headers, status, location) => {
    const response = await guardedWorld().api.request(path, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('Location')).toBe(location);
  });

  it('is let in where nobody needs to log in', async () => {
    const open = guardedWorld({}, { tokens: [] });
    expect((await open.api.request('/', { headers: browser })).status).toBe(200);
    expect((await open.api.request('/login', { headers: browser })).status).toBe(303);
  });
});

describe('the login', () => {
  it('is a form without a script, whose fields are named', async () => {
    const text = await (await guardedWorld().api.request('/login?next=/x')).text();
    expect(text).toMatch(/<label for="token">/);
    expect(text).toMatch(/<input type="hidden" name="next" value="\/x"/);
    expect(text).not.toMatch(/<script|style=|onclick/);
  });

  it.each([
    ['read', 303],
    ['write', 303],
    ['scrape', 403],
  ] as const)('with a token of scope %s: %i', async (scope, status) => {
    const response = await post(guardedWorld(), '/login', { token: secrets[scope], next: '/?a=1' });
    expect(response.status).toBe(status);
    expect(response.headers.get('Location')).toBe(status === 303 ? '/?a=1' : null);
    expect(response.headers.get('Set-Cookie') !== null).toBe(status === 303);
  });

  it('refuses what is no token, and shows none of it', async () => {
    const world = guardedWorld();
    const response = await post(world, '/login', { token: 'sesame-wrong', next: '/"><b>' });
    const text = await response.text();
    expect(response.status).toBe(401);
    expect(text).toContain('role="alert"');
    expect(text).not.toContain('sesame');
    expect(text).not.toContain('<b>');
    expect(JSON.stringify(world.log.lines)).not.toContain('sesame');
    expect(world.log.lines).toMatchObject([
      { level: 'warn', message: 'audit', fields: { what: 'login', result: 'refused' } },
    ]);
  });

  it.each([
    [false, /^crossbill=[\w-]{43}; Max-Age=7200; Path=\/; HttpOnly; SameSite=Strict$/],
    [
      true,
      /^__Host-crossbill=[\w-]{43}; Max-Age=7200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    ],
  ])(
    'gives a cookie that no script and no other site gets at; under TLS: %s',
    async (isTls, form) => {
      const response = await post(guardedWorld({ isTls }), '/login', { token: secrets.read });
      expect(response.headers.get('Set-Cookie')).toMatch(form);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
    },
  );

  it.each([
    ['from a page of another site', { ...browser, Origin: 'https://evil.example' }],
    ['from a page that hides where it comes from', { ...browser, Origin: 'null' }],
  ])('is refused %s', async (_, headers) => {
    const response = await post(guardedWorld(), '/login', { token: secrets.read }, headers);
    expect(response.status).toBe(403);
    expect(response.headers.get('Set-Cookie')).toBeNull();
  });

  it('is refused after ten attempts, from there only, and for a while', async () => {
    const world = guardedWorld();
    const attempt = async (address: string, token: string) => {
      const body = new URLSearchParams({ token });
      const init = { method: 'POST', body, headers: samePage };
      return world.api.request('/login', init, from(address));
    };
    for (let tries = 0; tries < 10; tries += 1) {
      expect((await attempt('192.0.2.1', `guess ${tries}`)).status).toBe(401);
    }
    const refused = await attempt('192.0.2.1', secrets.read);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toBe('6');
    expect((await attempt('192.0.2.2', secrets.read)).status).toBe(303);
    await world.clock.advance(6_000);
    expect((await attempt('192.0.2.1', secrets.read)).status).toBe(303);
  });

  it('takes no book', async () => {
    const response = await post(guardedWorld(), '/login', { token: 'x'.repeat(10_000) });
    expect(response.status).toBe(413);
  });

  it('is asked for again by its own page, where a link of another site led to it', async () => {
    const { api } = guardedWorld();
    const ask = async (site: string) => {
      const headers = { ...browser, 'Sec-Fetch-Site': site };
      return (await api.request('/login?next=/%3Fa', { headers })).headers.get('Refresh');
    };
    expect(await ask('cross-site')).toBe('0; url=/login?next=%2F%3Fa');
    expect(await ask('same-origin')).toBeNull();
  });
});

describe('a session', () => {
  it('sees what its token sees, and is no token', async () => {
    const world = guardedWorld();
    const cookie = await cookieOf(world, secrets.read);
    expect(await statusWith(world, cookie)).toBe(200);
    expect(await statusWith(world, cookie, '/api/v1/usage')).toBe(200);
    const [, id = ''] = cookie.split('=');
    const headers = { Authorization: `Bearer ${id}` };
    expect((await world.api.request('/api/v1/usage', { headers })).status).toBe(401);
  });

  it.each([
    ['nobody asked for an hour', [hourMs]],
    ['two hours are over, whoever asked', [hourMs - 1, hourMs - 1, 2]],
  ])('ends when %s', async (_, steps) => {
    const world = guardedWorld();
    const cookie = await cookieOf(world);
    for (const step of steps.slice(0, -1)) {
      await world.clock.advance(step);
      expect(await statusWith(world, cookie)).toBe(200);
    }
    await world.clock.advance(steps.at(-1) ?? 0);
    expect(await statusWith(world, cookie)).toBe(303);
  });

  it('goes on while somebody asks', async () => {
    const world = guardedWorld();
    const cookie = await cookieOf(world);
    await world.clock.advance(59 * minuteMs);
    expect(await statusWith(world, cookie)).toBe(200);
    await world.clock.advance(59 * minuteMs);
    expect(await statusWith(world, cookie)).toBe(200);
  });

  it('ends with a logout, its cookie with it', async () => {
    const world = guardedWorld();
    const cookie = await cookieOf(world);
    const response = await post(world, '/logout', {}, { ...samePage, Cookie: cookie });
    expect(response.headers.get('Location')).toBe('/login');
    expect(response.headers.get('Set-Cookie')).toMatch(/^crossbill=; Max-Age=0;/);
    expect(await statusWith(world, cookie)).toBe(303);
  });

  it('is not ended by a page of another site', async () => {
    const world = guardedWorld();
    const cookie = await cookieOf(world);
    const headers = { ...browser, Origin: 'https://evil.example', Cookie: cookie };
    expect((await post(world, '/logout', {}, headers)).status).toBe(403);
    expect(await statusWith(world, cookie)).toBe(200);
  });

  it('ends when its token is rotated', async () => {
    let secret = 'sesame-old';
    const rotating: ApiToken = { ...tokenOf('read'), token: { reveal: () => secret } };
    const world = guardedWorld({}, { tokens: [rotating] });
    const cookie = await cookieOf(world, secret);
    expect(await statusWith(world, cookie)).toBe(200);
    secret = 'sesame-new';
    expect(await statusWith(world, cookie)).toBe(303);
    secret = 'sesame-old';
    expect(await statusWith(world, cookie)).toBe(303);
  });

  it('that is renewed leaves the older one void', async () => {
    const world = guardedWorld();
    const cookie = await cookieOf(world);
    await post(world, '/login', { token: secrets.read }, { ...samePage, Cookie: cookie });
    expect(await statusWith(world, cookie)).toBe(303);
  });

  it('beyond a thousand costs the one that was quiet longest', async () => {
    const world = guardedWorld();
    const login = async (index: number) => {
      const body = new URLSearchParams({ token: secrets.read });
      const init = { method: 'POST', body, headers: samePage };
      const response = await world.api.request('/login', init, from(`10.0.${index >> 3}.1`));
      return response.headers.get('Set-Cookie')?.split(';')[0] ?? '';
    };
    const first = await login(0);
    const second = await login(0);
    await statusWith(world, first);
    for (let index = 8; index < 1_007; index += 1) await login(index);
    expect(await statusWith(world, first)).toBe(200);
    expect(await statusWith(world, second)).toBe(303);
  });

  it.each([
    ['our own page', { Origin: 'http://127.0.0.1:9870' }, 200],
    ['what the browser calls our own page', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['nobody who says so', {}, 403],
    ['a page of another site', { Origin: 'https://evil.example' }, 403],
    ['a neighbour', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:9870' }, 403],
  ])('changes something for %s', async (_, said, status) => {
    const world = guardedWorld();
    const headers = { ...browser, ...said, Cookie: await cookieOf(world) };
    const path = '/api/v1/deliveries/lost/retry';
    const before = await (await world.api.request('/api/v1/deliveries', { headers })).text();
    const [{ id = '' } = {}] = JSON.parse(before) as readonly { readonly id?: string }[];
    const response = await world.api.request(path.replace('lost', encodeURIComponent(id)), {
      method: 'POST',
      headers,
    });
    expect(response.status).toBe(status);
  });
});

describe('where a login leads to', () => {
  it.each([
    ['/', '/'],
    ['/?by=model&from=1', '/?by=model&from=1'],
    ['/explain?a=%0d%0aSet-Cookie:x', '/explain?a=%0d%0aSet-Cookie:x'],
    [undefined, '/'],
    ['', '/'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['///evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/.//evil.example', '/'],
    ['/x/..//evil.example', '/'],
    ['/%2e//evil.example', '/'],
    ['\\\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/\r\nSet-Cookie: x=1', '/'],
    ['/\0', '/'],
    ['javascript:alert(1)', '/'],
    ['evil', '/'],
    ['/login?next=/', '/'],
    [`/${'x'.repeat(3_000)}`, '/'],
  ])('%j: %s', (next, path) => {
    expect(localPath(next)).toBe(path);
  });
});
