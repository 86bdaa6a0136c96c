import { describe, expect, it } from 'vitest';
import { clientAddress, trustedNetworks, userIn } from '../../../agent/api/proxy.ts';
import type { ProxySetting } from '../../../agent/api/proxy.ts';
import { from, guardedWorld, secrets } from '../../support/loopback-api.ts';

const proxy: ProxySetting = {
  header: 'X-Forwarded-User',
  from: ['10.0.0.0/8', 'fd00::/8', '192.0.2.7/32'],
  scope: 'read',
  match: {},
};

async function ask(address: string, headers: Record<string, string>, path = '/api/v1/usage') {
  const world = guardedWorld({ proxy });
  return { ...world, response: await world.api.request(path, { headers }, from(address)) };
}

describe('a user named by a header', () => {
  it.each([
    ['the trusted proxy', '10.1.2.3', 'ada', 200],
    ['the trusted proxy, on a socket that speaks IPv6 as well', '::ffff:10.1.2.3', 'ada', 200],
    ['the trusted proxy by IPv6', 'fd12::1', 'ada@example.com', 200],
    ['the one address that is trusted', '192.0.2.7', 'ada', 200],
    ['its neighbour', '192.0.2.8', 'ada', 401],
    ['a stranger', '203.0.113.9', 'ada', 401],
    ['a stranger by IPv6', '2001:db8::1', 'ada', 401],
    ['this machine, which is not trusted either', '127.0.0.1', 'ada', 401],
    ['the trusted proxy, with nobody', '10.1.2.3', '', 401],
    ['the trusted proxy, with two, of which one may be the client’s', '10.1.2.3', 'root, ada', 401],
  ])('is known from %s', async (_, address, user, status) => {
    const { response } = await ask(address, { 'X-Forwarded-User': user });
    expect(response.status).toBe(status);
  });

  it('is not known from where the header says the request came from', async () => {
    const { response } = await ask('203.0.113.9', {
      'X-Forwarded-User': 'ada',
      'X-Forwarded-For': '10.1.2.3',
    });
    expect(response.status).toBe(401);
  });

  it('is written down where it is not believed', async () => {
    const { log } = await ask('203.0.113.9', { 'X-Forwarded-User': 'ada' });
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      message: 'audit',
      fields: { what: 'proxy header', address: '203.0.113.9', result: 'refused' },
    });
  });

  it('may do what the proxy’s users may, and no more', async () => {
    const world = guardedWorld({ proxy });
    const headers = { 'X-Forwarded-User': 'ada', Host: 'localhost', Origin: 'http://localhost' };
    const init = { method: 'DELETE', headers };
    const path = '/api/v1/silences/maintenance';
    expect((await world.api.request(path, init, from('10.0.0.1'))).status).toBe(403);
    const writing = guardedWorld({ proxy: { ...proxy, scope: 'write' } });
    expect((await writing.api.request(path, init, from('10.0.0.1'))).status).toBe(200);
    expect(writing.log.lines.at(-1)?.fields).toMatchObject({ user: 'ada', by: 'proxy' });
  });

  it('sees no more than the match lets it', async () => {
    const limited = { ...proxy, match: { cloud: ['azure'] } };
    const { api } = guardedWorld({ proxy: limited });
    const headers = { 'X-Forwarded-User': 'ada' };
    const path = '/api/v1/usage?step=total&group_by=cloud';
    const rows = await (await api.request(path, { headers }, from('10.0.0.1'))).json();
    expect(rows).toMatchObject([{ cloud: 'azure' }]);
  });

  it('changes nothing at the wish of another site, nor where nobody says whose', async () => {
    const { api } = guardedWorld({ proxy: { ...proxy, scope: 'write' } });
    for (const said of [{ Origin: 'https://evil.example' }, {}]) {
      const headers = { 'X-Forwarded-User': 'ada', ...said };
      const init = { method: 'DELETE', headers };
      const path = '/api/v1/silences/maintenance';
      expect((await api.request(path, init, from('10.0.0.1'))).status).toBe(403);
    }
  });

  it('does not count beside a token, which says more', async () => {
    const world = guardedWorld({ proxy });
    const headers = { 'X-Forwarded-User': 'ada', Authorization: `Bearer ${secrets.write}` };
    const response = await world.api.request('/', { headers }, from('10.0.0.1'));
    expect(await response.text()).toContain('a write token');
  });

  it('closes an agent that has no tokens', async () => {
    const world = guardedWorld({ proxy }, { tokens: [] });
    expect((await world.api.request('/api/v1/usage', {}, from('10.0.0.1'))).status).toBe(401);
    const headers = { 'X-Forwarded-User': 'ada' };
    const response = await world.api.request('/api/v1/usage', { headers }, from('10.0.0.1'));
    expect(response.status).toBe(200);
  });
});

describe('the address of who asks', () => {
  const trusts = trustedNetworks(proxy.from);

  it.each([
    ['no proxy', '203.0.113.9', undefined, '203.0.113.9'],
    ['a stranger who claims to hand on', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a proxy that tells it', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['two proxies', '10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['a client that invents one before', '10.0.0.1', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
    ['a client that invents a proxy', '10.0.0.1', '10.9.9.9, 198.51.100.1', '198.51.100.1'],
    ['a proxy that tells nonsense', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['a proxy that tells the port too', '10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['an IPv4 address within IPv6', '::ffff:10.0.0.1', '198.51.100.1:8080', '198.51.100.1'],
    ['no socket', undefined, '198.51.100.1', undefined],
  ])('%s', (_, socket, forwarded, address) => {
    expect(clientAddress(socket, forwarded, trusts)).toBe(address);
  });
});

describe('what is one user', () => {
  it.each([
    ['ada', 'ada'],
    ['Ada Lovelace', 'Ada Lovelace'],
    ['ada@example.com', 'ada@example.com'],
    ['', undefined],
    [' ', undefined],
    ['a,b', undefined],
    ['a\nb', undefined],
    ['a\u202Eb', undefined],
    ['x'.repeat(201), undefined],
  ])('%j: %s', (header, user) => {
    expect(userIn(header)).toBe(user);
  });
});
