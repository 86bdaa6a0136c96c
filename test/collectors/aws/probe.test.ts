import { describe, expect, test } from 'vitest';
import type { Permission } from '../../../agent/core/permission.ts';
import {
  account,
  assumeRole,
  callerIdentity,
  json,
  listed,
  listing,
  never,
  noProfiles,
  on,
  otherAccount,
  refusal,
  roleKey,
  sentData,
  signedBy,
  withAws,
} from './fake-aws.ts';

const input = listed('InputTokenCount', { ModelId: 'us.openai.gpt-6-sol' });
const complete = on('GetMetricData', (request) => {
  const { MetricDataQueries } = sentData(request);
  return json({
    MetricDataResults: MetricDataQueries.map(({ Id }) => ({
      Id,
      StatusCode: 'Complete',
      Timestamps: [],
      Values: [],
    })),
  });
});

function stateOf(permissions: readonly Permission[], place: string, feature: string) {
  return permissions.find((one) => one.place === place && one.feature === feature);
}

describe('trying the rights of an account', () => {
  test('asks for one minute of one statistic of a metric that is there', async () => {
    await withAws(
      [callerIdentity, listing(input), complete, noProfiles],
      async ({ collector, server }) => {
        const permissions = await collector.probe(never);
        expect(permissions.map(({ feature, state }) => `${feature} ${state}`)).toEqual([
          'sign in ok',
          'list meters ok',
          'read meters ok',
          'inference profiles ok',
          'tags not_tried',
          'provisioned throughput ok',
        ]);
        expect(permissions.every((one) => one.account === account)).toBe(true);
        const asked = server.requests.flatMap((request) =>
          request.body.includes('MetricDataQueries') ? [sentData(request)] : [],
        );
        expect(asked).toHaveLength(1);
        expect(asked[0]?.MetricDataQueries).toHaveLength(1);
        expect((asked[0]?.EndTime ?? 0) - (asked[0]?.StartTime ?? 0)).toBe(60);
      },
    );
  });

  test('reads where nothing is listed, for the right to read is there or not all the same', async () => {
    await withAws([callerIdentity, listing(), complete, noProfiles], async ({ collector }) => {
      const permissions = await collector.probe(never);
      expect(stateOf(permissions, 'us-east-1', 'read meters')).toMatchObject({ state: 'ok' });
    });
  });

  test('takes a metric that is forbidden inside a good answer for a denial', async () => {
    const forbidden = on('GetMetricData', (request) =>
      json({
        MetricDataResults: sentData(request).MetricDataQueries.map(({ Id }) => ({
          Id,
          StatusCode: 'Forbidden',
        })),
      }),
    );
    await withAws(
      [callerIdentity, listing(input), forbidden, noProfiles],
      async ({ collector }) => {
        const permissions = await collector.probe(never);
        expect(stateOf(permissions, 'us-east-1', 'read meters')).toMatchObject({ state: 'denied' });
      },
    );
  });

  test('tries tags on a profile, and not at all where profiles are denied', async () => {
    const arn = `arn:aws:bedrock:us-east-1:${account}:application-inference-profile/abc`;
    const profiles = on('ListInferenceProfiles', (request) =>
      signedBy(request).region === 'us-east-1'
        ? json({ inferenceProfileSummaries: [{ inferenceProfileArn: arn }] })
        : refusal('AccessDeniedException', 403, 'no'),
    );
    const tags = on('ListTagsForResource', () =>
      refusal('AccessDeniedException', 403, 'User: arn:x is not authorized to perform this'),
    );
    const regions = ['us-east-1', 'us-west-2'];
    await withAws(
      [callerIdentity, listing(input), complete, profiles, tags],
      async ({ collector }) => {
        const permissions = await collector.probe(never);
        expect(stateOf(permissions, 'us-east-1', 'tags')).toMatchObject({
          state: 'denied',
          grant: { right: 'bedrock:ListTagsForResource', to: 'arn:x', on: '*' },
        });
        expect(stateOf(permissions, 'us-west-2', 'tags')).toMatchObject({
          state: 'not_tried',
          untried: 'blocked',
        });
      },
      { regions },
    );
  });

  test('tries no region of a role that cannot be assumed, and all of the other', async () => {
    const arns = [account, otherAccount].map((id) => `arn:aws:iam::${id}:role/crossbill`);
    const denied = on('AssumeRole', ({ body }) =>
      body.includes(otherAccount)
        ? {
            status: 403,
            headers: { 'content-type': 'text/xml' },
            body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
          }
        : undefined,
    );
    await withAws(
      [denied, assumeRole, listing(input), complete, noProfiles],
      async ({ collector, server }) => {
        const permissions = await collector.probe(never);
        const other = permissions.filter((one) => one.account === otherAccount);
        expect(other).toMatchObject([
          {
            feature: 'sign in',
            state: 'denied',
            grant: { right: 'sts:AssumeRole', on: arns[1] },
          },
        ]);
        expect(stateOf(permissions, 'us-east-1', 'read meters')).toMatchObject({ account });
        const keys = server.requests.map((request) => signedBy(request).key);
        expect(keys).toContain(roleKey(account));
        expect(keys).not.toContain(roleKey(otherAccount));
      },
      { roles: arns.map((arn) => ({ arn })) },
    );
  });

  test('takes a region that the account has not enabled for no place at all, when regions are auto', async () => {
    const closed = on('ListMetrics', (request) =>
      signedBy(request).region === 'af-south-1'
        ? refusal('UnrecognizedClientException', 403, 'The security token is invalid.')
        : json({ Metrics: [] }),
    );
    await withAws(
      [callerIdentity, closed, complete, noProfiles],
      async ({ collector }) => {
        const permissions = await collector.probe(never);
        expect(stateOf(permissions, 'af-south-1', 'list meters')).toMatchObject({
          state: 'not_tried',
          untried: 'nothing_there',
        });
        expect(stateOf(permissions, 'us-east-1', 'list meters')).toMatchObject({ state: 'ok' });
      },
      { regions: 'auto' },
    );
  });

  test('offers no policy for credentials that have expired', async () => {
    const expired = on('ListMetrics', () => refusal('ExpiredTokenException', 403, 'expired'));
    await withAws([callerIdentity, expired, complete, noProfiles], async ({ collector }) => {
      const permissions = await collector.probe(never);
      const one = stateOf(permissions, 'us-east-1', 'list meters');
      expect(one).toMatchObject({ state: 'denied', reason: 'denied' });
      expect(one).not.toHaveProperty('grant');
    });
  });
});
