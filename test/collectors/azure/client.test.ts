import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { cloudOf } from '../../../collectors/azure/clouds.ts';
import { guardCredential } from '../../../collectors/azure/credential.ts';
import { isLoopback, loopbackClient } from '../../../collectors/azure/loopback.ts';
import { collectorAt, rejection } from '../../support/azure-source.ts';
import { scriptedServer } from '../../support/azure-server.ts';

const never = new AbortController().signal;

describe('an address a token may go to', () => {
  it.each([
    ['http://127.0.0.1:4567', true],
    ['http://127.1.2.3', true],
    ['http://localhost:4567', true],
    ['http://[::1]:4567', true],
    ['http://127.0.0.1.example.com', false],
    ['http://10.0.0.1', false],
    ['http://localhost.example.com', false],
  ])('%s is on loopback: %s', (address, expected) => {
    expect(isLoopback(new URL(address))).toBe(expected);
  });

  it.each([
    ['http://azure.example.com', /plain http is for loopback/],
    ['ftp://127.0.0.1', /not an http or https address/],
    ['nonsense', /not an http or https address/],
  ])('refuses %s', (endpoint, message) => {
    expect(() => collectorAt(endpoint, { credential: { kind: 'default' } })).toThrow(message);
  });

  it.each(['https://management.azure.com', 'http://azure.example.com'])(
    'refuses a static token for %s',
    (endpoint) => {
      expect(() => collectorAt(endpoint)).toThrow(/static_token needs an endpoint on loopback/);
    },
  );

  it('is the endpoint’s alone, whatever the request says', async () => {
    const client = loopbackClient(new URL('http://127.0.0.1:9'));
    const request = createPipelineRequest({ url: 'https://127.0.0.1:10/subscriptions' });
    const thrown = await rejection(client.httpClient.sendRequest(request));
    expect(thrown).toMatchObject({
      message: '127.0.0.1:10 is not the loopback endpoint 127.0.0.1:9',
    });
    client.close();
  });

  it('follows a redirect to no other host', async () => {
    const other = await scriptedServer(() => ({ body: { value: [] } }));
    const server = await scriptedServer(() => ({
      status: 307,
      headers: { location: `${other.url}/subscriptions` },
    }));
    const collector = collectorAt(server.url);
    await rejection(collector.discover(never));
    expect(other.asked).toEqual([]);
    await Promise.all([collector.close(), server.close(), other.close()]);
  });
});

describe('the addresses of a cloud', () => {
  it.each([
    [undefined, 'https://management.azure.com', 'https://eastus.metrics.monitor.azure.com'],
    [
      'https://management.azure.com/',
      'https://management.azure.com',
      'https://eastus.metrics.monitor.azure.com',
    ],
    [
      'https://management.usgovcloudapi.net',
      'https://management.usgovcloudapi.net',
      'https://eastus.metrics.monitor.azure.us',
    ],
    [
      'https://management.chinacloudapi.cn',
      'https://management.chinacloudapi.cn',
      'https://eastus.metrics.monitor.azure.cn',
    ],
    ['https://azure.internal:8443', 'https://azure.internal:8443', 'https://azure.internal:8443'],
  ])('%s', (endpoint, management, batch) => {
    const cloud = cloudOf(endpoint);
    expect([cloud.managementUrl, cloud.batchUrl('eastus')]).toEqual([management, batch]);
  });

  it('asks for tokens of the sovereign cloud, at its own sign-in service', () => {
    expect(cloudOf('https://management.usgovcloudapi.net')).toMatchObject({
      managementAudience: 'https://management.usgovcloudapi.net',
      batchAudience: 'https://metrics.monitor.azure.us',
      authorityHost: 'https://login.microsoftonline.us',
    });
  });
});

describe('a credential', () => {
  it('reads its secret at use, not before, and takes every one it read out of texts', async () => {
    const secrets = ['first-secret', 'second-secret'];
    let reads = 0;
    const { credential, redact } = guardCredential(
      {
        kind: 'static_token',
        token: () => secrets[reads++] ?? 'none',
      },
      undefined,
    );
    expect(reads).toBe(0);
    expect((await credential.getToken('scope'))?.token).toBe('first-secret');
    expect((await credential.getToken('scope'))?.token).toBe('second-secret');
    expect(redact('a first-secret, a second-secret')).toBe('a ***, a ***');
  });

  it('takes what looks like a token out of texts, whosever it is', () => {
    const { redact } = guardCredential({ kind: 'default' }, undefined);
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
    expect(redact(`sent ${token}.`)).not.toContain('eyJ');
    expect(redact('header "authorization: Bearer abc.def" was')).toBe(
      'header "authorization: Bearer ***" was',
    );
  });

  it('says what to do when its secret cannot be read', async () => {
    const { credential } = guardCredential(
      {
        kind: 'client_secret',
        tenantId: 't',
        clientId: 'c',
        clientSecret: () => {
          throw new Error('no such file: /run/secrets/azure');
        },
      },
      undefined,
    );
    const thrown = await rejection(Promise.resolve(credential.getToken('scope')));
    expect(thrown).toMatchObject({ reason: 'denied', hint: expect.stringMatching(/readable/) });
  });

  it.each([
    { kind: 'default' },
    { kind: 'managed_identity', clientId: 'c' },
    { kind: 'workload_identity', tenantId: 't', clientId: 'c', tokenFile: '/none' },
    { kind: 'client_secret', tenantId: 't', clientId: 'c', clientSecret: () => 's' },
  ] as const)('of kind $kind contacts nobody and reads nothing when made', (config) => {
    const { hint } = guardCredential(config, undefined);
    expect(hint).not.toBe('');
  });

  it('without its file is denied with what to set', async () => {
    const server = await scriptedServer(() => ({ body: { value: [] } }));
    const collector = collectorAt(server.url, {
      credential: { kind: 'workload_identity', tenantId: 't', clientId: 'c', tokenFile: '/none' },
    });
    const thrown = await rejection(collector.discover(never));
    expect(thrown).toMatchObject({ reason: 'denied' });
    expect(server.asked).toEqual([]);
    await Promise.all([collector.close(), server.close()]);
  });
});
