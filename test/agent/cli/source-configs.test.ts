import { describe, expect, it } from 'vitest';
import { awsConfigOf, azureConfigOf } from '../../../agent/cli/source-configs.ts';
import { parseConfig } from '../../../agent/config/load.ts';
import type { AwsSourceConfig, AzureSourceConfig } from '../../../agent/config/sources.ts';

function sourceOf(text: string, env: Readonly<Record<string, string>> = {}) {
  const { config } = parseConfig(`sources: [${text}]`, { file: '/etc/crossbill.yaml', env });
  return config.sources[0];
}

const aws = (text: string, env?: Readonly<Record<string, string>>) =>
  awsConfigOf(sourceOf(`{ name: prod, type: aws${text} }`, env) as AwsSourceConfig);

/** `env` is what the agent runs with; secrets of the configuration come from it too. */
function azure(text: string, env: Readonly<Record<string, string>> = {}) {
  return azureConfigOf(
    sourceOf(`{ name: prod, type: azure${text} }`, env) as AzureSourceConfig,
    env,
  );
}

describe('an AWS source', () => {
  it('without any key reads every region with own credentials', () => {
    expect(aws('')).toEqual({ name: 'prod', regions: 'auto', roles: [], linkedAccounts: false });
  });

  it('hands over regions, roles, linked accounts and endpoint', () => {
    const text =
      ", regions: [us-east-1], linked_accounts: true, endpoint: 'http://127.0.0.1:4566', roles: [{ arn: 'arn:aws:iam::111122223333:role/a' }]";
    expect(aws(text)).toEqual({
      name: 'prod',
      regions: ['us-east-1'],
      roles: [{ arn: 'arn:aws:iam::111122223333:role/a' }],
      linkedAccounts: true,
      endpoint: 'http://127.0.0.1:4566',
    });
  });

  it('asks for an external id anew at each use, so that a rotated one is seen', () => {
    const env: Record<string, string> = { ID: 'first' };
    const text = ", roles: [{ arn: 'arn:aws:iam::111122223333:role/a', external_id: '${env:ID}' }]";
    const [role] = aws(text, env).roles;
    expect(role?.externalId?.()).toBe('first');
    env['ID'] = 'second';
    expect(role?.externalId?.()).toBe('second');
    expect(JSON.stringify(role)).not.toContain('second');
  });
});

describe('an Azure source', () => {
  it('without any key reads all that the default credential sees', () => {
    expect(azure('')).toEqual({
      name: 'prod',
      subscriptions: [],
      credential: { kind: 'default' },
      batch: false,
      timeoutMs: 30_000,
    });
  });

  it.each([
    ['managed_identity', {}, { kind: 'managed_identity' }],
    ['managed_identity', { AZURE_CLIENT_ID: 'me' }, { kind: 'managed_identity', clientId: 'me' }],
    ['managed_identity', { AZURE_CLIENT_ID: '' }, { kind: 'managed_identity' }],
    ['workload_identity', {}, { kind: 'workload_identity' }],
    ['workload_identity', { AZURE_CLIENT_ID: 'me' }, { kind: 'workload_identity', clientId: 'me' }],
    ['default', { AZURE_CLIENT_ID: 'me' }, { kind: 'default' }],
  ])('with %s and %o signs in as %o', (kind, env, credential) => {
    expect(azure(`, credential: ${kind}`, env).credential).toEqual(credential);
  });

  it('reads a static token anew at each use', () => {
    const env: Record<string, string> = { TOKEN: 'first' };
    const { credential } = azure(
      ", credential: { static_token: '${env:TOKEN}' }, endpoint: 'http://127.0.0.1:4567'",
      env,
    );
    if (credential.kind !== 'static_token') throw new Error(credential.kind);
    expect(credential.token()).toBe('first');
    env['TOKEN'] = 'second';
    expect(credential.token()).toBe('second');
  });

  it('reads a client secret anew at each use, tenant and client id at once', () => {
    const env: Record<string, string> = {
      AZURE_TENANT_ID: 'tenant',
      AZURE_CLIENT_ID: 'me',
      AZURE_CLIENT_SECRET: 'first',
    };
    const { credential } = azure(', credential: client_secret', env);
    if (credential.kind !== 'client_secret') throw new Error(credential.kind);
    expect(credential).toMatchObject({ tenantId: 'tenant', clientId: 'me' });
    expect(credential.clientSecret()).toBe('first');
    env['AZURE_CLIENT_SECRET'] = 'second';
    expect(credential.clientSecret()).toBe('second');
    delete env['AZURE_CLIENT_SECRET'];
    expect(() => credential.clientSecret()).toThrow('AZURE_CLIENT_SECRET');
  });

  it.each(['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'])(
    'with client_secret and without %s says which variable to set, for which source',
    (missing) => {
      const all = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 'hunter2' };
      for (const env of [{ ...all, [missing]: '' }, without(all, missing)]) {
        const start = () => azure(', credential: client_secret', env);
        expect(start).toThrow(
          `source prod: credential client_secret needs the variable ${missing}`,
        );
        expect(start).not.toThrow('hunter2');
      }
    },
  );
});

function without(env: Readonly<Record<string, string>>, name: string) {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}
