import { describe, expect, it } from 'vitest';
import { accessesOf } from '../../../collectors/aws/access.ts';
import { stsAddress } from '../../../collectors/aws/identity.ts';
import { createAwsCollector } from '../../../collectors/aws/index.ts';
import type { AwsConfig } from '../../../collectors/aws/index.ts';
import {
  account,
  assumeRole,
  failureOf,
  json,
  listed,
  listing,
  never,
  noProfiles,
  on,
  now,
  operationOf,
  otherAccount,
  ownKey,
  roleKey,
  sentData,
  signedBy,
  target,
  withAws,
} from './fake-aws.ts';

const arn = `arn:aws:iam::${account}:role/team/crossbill`;
const regions = ['us-east-1', 'eu-west-1', 'eu-central-1'];
const input = listing(listed('InputTokenCount', { ModelId: 'm' }));

function formsOf(requests: Parameters<typeof operationOf>[0][]) {
  return requests
    .filter((request) => operationOf(request) === 'AssumeRole')
    .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
}

describe('a role', () => {
  it('is assumed once for all regions, with its external id and own credentials', async () => {
    const requests = await withAws(
      [assumeRole, input, noProfiles],
      async ({ collector, server }) => {
        await collector.discover(never);
        return [...server.requests];
      },
      { roles: [{ arn, externalId: () => 'ext-1' }], regions },
    );
    expect(formsOf(requests)).toEqual([
      {
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: arn,
        RoleSessionName: 'crossbill',
        ExternalId: 'ext-1',
      },
    ]);
    const byOperation = (name: string) =>
      requests.filter((request) => operationOf(request) === name);
    expect(byOperation('AssumeRole').map((request) => signedBy(request))).toEqual([
      { key: ownKey, region: 'us-east-1', service: 'sts' },
    ]);
    expect(new Set(byOperation('ListMetrics').map((request) => signedBy(request).key))).toEqual(
      new Set([roleKey(account)]),
    );
  });

  it('without an external id sends none', async () => {
    const requests = await withAws(
      [assumeRole, input, noProfiles],
      async ({ collector, server }) => {
        await collector.discover(never);
        return [...server.requests];
      },
      { roles: [{ arn }] },
    );
    expect(formsOf(requests)[0]).not.toHaveProperty('ExternalId');
  });

  it('reads a target of an earlier run without a discovery before', async () => {
    const silent = on('GetMetricData', (request) =>
      json({
        MetricDataResults: sentData(request).MetricDataQueries.map(({ Id }) => ({
          Id,
          Timestamps: [],
          Values: [],
          StatusCode: 'Complete',
        })),
      }),
    );
    const keys = await withAws(
      [assumeRole, silent],
      async ({ collector, server }) => {
        const window = { start: now - 30_000 - 60_000, end: now - 30_000 };
        const request = { target: target(), units: target().units, window, periodSeconds: 60 };
        await collector.collect(request, never);
        await collector.collect(request, never);
        return server.requests.map((one) => `${operationOf(one)} ${signedBy(one).key}`);
      },
      { roles: [{ arn }] },
    );
    expect(keys).toEqual([
      `AssumeRole ${ownKey}`,
      `GetMetricData ${roleKey(account)}`,
      `GetMetricData ${roleKey(account)}`,
    ]);
  });

  it('that fails while collecting is told as such, without its external id', async () => {
    const refusing = on('AssumeRole', () => ({
      status: 400,
      body: `<ErrorResponse><Error><Code>ValidationError</Code><Message>Value 'hush-hush' at 'externalId' failed to satisfy constraint, hush-hush</Message></Error></ErrorResponse>`,
    }));
    const failure = await withAws(
      [refusing],
      ({ collector }) => {
        const window = { start: now - 90_000, end: now - 30_000 };
        const request = { target: target(), units: target().units, window, periodSeconds: 60 };
        return failureOf(collector.collect(request, never));
      },
      { roles: [{ arn, externalId: () => 'hush-hush' }] },
    );
    expect(failure.operation).toBe('sts:AssumeRole');
    expect(failure.message).toMatch(/at 'externalId' failed/);
    expect(`${failure.message} ${failure.stack}`).not.toContain('hush-hush');
  });

  it('whose external id cannot be read is a failure that says so', async () => {
    const failure = await withAws(
      [assumeRole],
      ({ collector }) => failureOf(collector.discover(never)),
      {
        roles: [
          {
            arn,
            externalId: () => {
              throw new Error('file /run/secrets/id cannot be read: there is no such file');
            },
          },
        ],
      },
    );
    expect(failure).toMatchObject({ reason: 'denied', operation: 'sts:AssumeRole' });
    expect(failure.message).toMatch(/external id cannot be read: file \/run\/secrets\/id/);
  });
});

describe('credentials of a role', () => {
  const config: AwsConfig = { name: 'prod', regions, roles: [{ arn }], linkedAccounts: false };
  const settings = {
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: 1_000,
      throwOnRequestTimeout: true,
      connectionTimeout: 1_000,
    },
  };

  /** Loads counted, each good until `minutes` after the clock's start. */
  async function keysAt(times: readonly number[], minutes: number): Promise<readonly number[]> {
    const clock = { at: now };
    const expiring = on('AssumeRole', () => ({
      body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
        <Expiration>${new Date(clock.at + minutes * 60_000).toISOString()}</Expiration>
        </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    }));
    return withAws([expiring], async ({ server }) => {
      const deps = {
        clock: { now: () => clock.at },
        credentials: async () => ({ accessKeyId: ownKey, secretAccessKey: 's' }),
      };
      const [access] = accessesOf(config, deps, 'us-east-1', { ...settings, endpoint: server.url });
      const counts: number[] = [];
      for (const time of times) {
        clock.at = now + time * 60_000;
        await Promise.all([access?.credentials(), access?.credentials()]);
        counts.push(server.requests.length);
      }
      return counts;
    });
  }

  it('are loaded once for callers at the same time, and kept until shortly before their end', async () => {
    expect(await keysAt([0, 30, 54, 56, 60, 112], 60)).toEqual([1, 1, 1, 2, 2, 3]);
  });
});

function build(roles: AwsConfig['roles']) {
  const config: AwsConfig = { name: 'prod', regions: 'auto', roles, linkedAccounts: false };
  return createAwsCollector(config, { clock: { now: () => now } });
}

describe('a configuration that cannot work is refused at once', () => {
  it.each([
    ['a user in place of a role', [{ arn: `arn:aws:iam::${account}:user/me` }], /not a role's ARN/],
    ['an ARN without an account', [{ arn: 'arn:aws:iam:::role/x' }], /not a role's ARN/],
    [
      'two roles of one account',
      [{ arn }, { arn: `arn:aws:iam::${account}:role/second` }],
      /both read account 111122223333; keep one/,
    ],
  ])('%s', (_what, roles, message) => {
    expect(() => build(roles)).toThrow(message);
  });

  it('and roles of other partitions and accounts are taken', () => {
    const gov = { arn: `arn:aws-us-gov:iam::${otherAccount}:role/crossbill` };
    expect(build([{ arn }, gov]).cloud).toBe('aws');
  });
});

describe('the address of STS', () => {
  it.each([
    ['eu-central-1', 'https://sts.eu-central-1.amazonaws.com/'],
    ['us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com/'],
    ['cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn/'],
    ['eusc-de-east-1', 'https://sts.eusc-de-east-1.amazonaws.eu/'],
  ])('in %s is %s', (region, address) => {
    expect(stsAddress(region)).toBe(address);
  });
});
