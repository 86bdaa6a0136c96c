import { describe, expect, it } from 'vitest';
import type { ApiToken } from '../../../agent/api/auth.ts';
import { checkHost } from '../../../agent/api/hosts.ts';
import { apiWorld, rowsIn, twoClouds } from '../../support/api-world.ts';
import { identityRow } from '../../support/memory-reader.ts';
import { targetStatus } from '../../support/target-status.ts';

function token(change: Partial<ApiToken> & { readonly secret?: string } = {}): ApiToken {
  const { secret = 's3cret', ...rest } = change;
  return { name: 'grafana', token: { reveal: () => secret }, scope: 'read', match: {}, ...rest };
}

async function ask(path: string, bearer: string | undefined, ...tokens: readonly ApiToken[]) {
  const { api, errors } = apiWorld({
    tokens,
    statuses: [
      targetStatus(),
      targetStatus({ source: 'az', target: 'az/1', cloud: 'azure', region: 'eastus' }),
      targetStatus({ target: 'prod-aws/blind', cloud: null, account: '', region: '' }),
    ],
  });
  const headers = bearer === undefined ? {} : { Authorization: bearer };
  const response = await api.request(path, { headers });
  return { response, errors };
}

describe('a token', () => {
  it.each([
    ['none', undefined, 401],
    ['another one', 'Bearer wrong', 401],
    ['another scheme', 'Basic s3cret', 401],
    ['nothing after the scheme', 'Bearer ', 401],
    ['two words', 'Bearer s3cret s3cret', 401],
    ['the start of it', 'Bearer s3cre', 401],
    ['the right one', 'Bearer s3cret', 200],
    ['the right one, spelled otherwise', 'bearer   s3cret', 200],
  ])('%s', async (_name, bearer, status) => {
    const { response } = await ask('/api/v1/usage', bearer, token());
    expect(response.status).toBe(status);
  });

  it('is asked for where it is missing', async () => {
    const { response } = await ask('/api/v1/usage', undefined, token());
    expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer/);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  });

  it.each([
    ['scrape', 403],
    ['read', 200],
    ['write', 200],
  ] as const)('of scope %s gets %i from what needs read', async (scope, status) => {
    for (const path of ['/api/v1/usage', '/api/v1/latency', '/api/v1/sources', '/openapi.json']) {
      const { response } = await ask(path, 'Bearer s3cret', token({ scope }));
      expect(response.status).toBe(status);
    }
  });

  it.each([
    ['/api/v1/usage', 'Bearer s3cret', 1],
    ['/openapi.json', 'Bearer s3cret', 1],
    ['/api/v1/usage', 'Bearer wrong', 0],
    ['/metrics', 'Bearer s3cret', 0],
    ['/healthz', 'Bearer s3cret', 0],
  ])('at %s with %s makes room for answers: %i', async (path, Authorization, heard) => {
    let asked = 0;
    const { api } = apiWorld({ tokens: [token()], onAsked: () => (asked += 1) });
    await api.request(path, { headers: { Authorization } });
    expect(asked).toBe(heard);
  });

  it('that is rotated is seen at once', async () => {
    let secret = 'old';
    const rotating = token({ token: { reveal: () => secret } });
    const { api } = apiWorld({ tokens: [rotating] });
    const statusWith = async (bearer: string) =>
      (await api.request('/api/v1/sources', { headers: { Authorization: `Bearer ${bearer}` } }))
        .status;
    expect(await statusWith('old')).toBe(200);
    secret = 'new';
    expect([await statusWith('old'), await statusWith('new')]).toEqual([401, 200]);
  });

  it('that cannot be read admits no one, and the others still work', async () => {
    const failure = new Error('file /run/secrets/a cannot be read');
    const broken = token({
      token: {
        reveal: () => {
          throw failure;
        },
      },
    });
    const { response, errors } = await ask('/api/v1/sources', 'Bearer s3cret', broken, token());
    expect(response.status).toBe(200);
    expect(errors).toEqual([failure]);
  });

  it('that is empty admits no one', async () => {
    const { response } = await ask('/api/v1/usage', 'Bearer ', token({ secret: '' }));
    expect(response.status).toBe(401);
  });

  it.each(['/healthz', '/readyz'])('is not needed for %s', async (path) => {
    const { response } = await ask(path, undefined, token());
    expect(response.status).toBe(200);
  });
});

describe('the match of a token', () => {
  const search = token({ match: { team: ['search'] } });

  it.each([
    ['nothing asked', '', 110],
    ['its own team asked', 'team=search', 110],
    ['every team asked', 'team=*', 110],
    ['another team asked', 'team=support', null],
    ['another cloud asked', 'cloud=azure', null],
  ])('limits what it sees: %s', async (_name, query, tokens) => {
    const { response } = await ask(`/api/v1/usage?step=total&${query}`, 'Bearer s3cret', search);
    const [row] = await rowsIn(response);
    expect(row).toMatchObject({ unpriced_tokens: tokens });
  });

  it('limits the groups too', async () => {
    const path = '/api/v1/usage?step=total&group_by=team,cloud';
    const rows = await (await ask(path, 'Bearer s3cret', search)).response.json();
    expect(rows).toMatchObject([{ team: 'search', cloud: 'aws' }]);
    expect(rows).toHaveLength(1);
  });

  it('limits latency', async () => {
    const support = token({ match: { team: ['support'] } });
    const { response } = await ask('/api/v1/latency', 'Bearer s3cret', support);
    expect(await response.json()).toEqual([]);
  });

  it('limits the targets where they tell it', async () => {
    const azure = token({ match: { cloud: ['azure'], region: ['east*'] } });
    const rows = await (await ask('/api/v1/sources', 'Bearer s3cret', azure)).response.json();
    expect(rows).toMatchObject([{ target: 'az/1' }]);
    expect(rows).toHaveLength(1);
  });

  it('hides all targets where they do not', async () => {
    const { response } = await ask('/api/v1/sources', 'Bearer s3cret', search);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/limited by team, which no target tells/),
    });
  });

  it('tells nothing of what it hides in the number of rows it counts', async () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      identityRow({ id: index + 1, model: `m/${index}`, tags: { team: index ? 'x' : 'search' } }),
    );
    const { api } = apiWorld({ tokens: [search], ledger: { ...twoClouds, identities: many } });
    const response = await api.request('/api/v1/usage?group_by=model', {
      headers: { Authorization: 'Bearer s3cret' },
    });
    expect(response.status).toBe(200);
  });
});

describe('the Host', () => {
  const allowed = ['10.0.0.5', '::', 'crossbill.example.com', 'proxy:8443', '[2001:db8::1]'];

  it.each([
    'localhost',
    'localhost:9870',
    'LOCALHOST',
    'demo.localhost:1',
    '127.0.0.1:9870',
    '127.8.8.8',
    '[::1]',
    '[::1]:9870',
    '10.0.0.5:9870',
    'crossbill.example.com',
    'Crossbill.Example.Com:443',
    'proxy:8443',
    '[2001:db8::1]:9870',
  ])('%s is ours', (host) => {
    expect(() => checkHost(host, allowed)).not.toThrow();
  });

  it.each([
    '',
    'evil.example',
    'evil.example:9870',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '10.0.0.50',
    'proxy',
    'proxy:8444',
    'crossbill.example.com.evil.example',
    'crossbill.example.com@evil.example',
    '169.254.169.254',
  ])('"%s" is not', (host) => {
    expect(() => checkHost(host, allowed)).toThrow(/allowed_hosts/);
  });

  it('of another site is refused by every path but the two for probes', async () => {
    const { api } = apiWorld({ publicUrl: 'https://crossbill.example.com:8443/x' });
    const statusOf = async (path: string, Host: string) =>
      (await api.request(path, { headers: { Host } })).status;
    for (const path of ['/api/v1/usage', '/openapi.json', '/nothing']) {
      expect(await statusOf(path, 'evil.example')).toBe(421);
    }
    expect(await statusOf('/healthz', 'evil.example')).toBe(200);
    expect(await statusOf('/readyz', '10.1.2.3:9870')).toBe(200);
    expect(await statusOf('/api/v1/usage', 'crossbill.example.com')).toBe(200);
    expect(await statusOf('/api/v1/usage', '127.0.0.1:9870')).toBe(200);
  });
});
