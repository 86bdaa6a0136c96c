import { describe, expect, it } from 'vitest';
import type { ApiMeter } from '../../../../agent/core/api-call.ts';
import { ExternalError } from '../../../../agent/core/errors.ts';
import { createFaultScript } from '../../../../collectors/emulator/faults/create.ts';
import { startScriptedServer } from '../../../support/scripted-server.ts';
import { laneOf, scriptedTraffic } from '../../emulator/scripted-traffic.ts';
import { callerIdentity, failureOf, listing, operationOf } from '../fake-aws.ts';
import {
  billCollector,
  countingMeter,
  daysAgo,
  never,
  now,
  other,
  own,
  scopeOf,
  today,
  withBills,
} from './bill-world.ts';

const nova = laneOf('us-east-1/runtime/amazon.nova-pro-v1:0');
const traffic = scriptedTraffic([nova], [{ lane: nova, start: today - 3 * 86_400_000 }]);

describe('the spend ceiling', () => {
  it('is asked before each request: a call that is not admitted is not made', async () => {
    const server = await startScriptedServer([callerIdentity, listing()]);
    const meter: ApiMeter = {
      admit: ({ operation }) =>
        operation.startsWith('ce:')
          ? Promise.reject(
              new ExternalError('the day may cost no more', {
                reason: 'throttled',
                operation,
                hint: 'Wait for tomorrow.',
              }),
            )
          : Promise.resolve(() => undefined),
    };
    const collector = billCollector(server.url, {}, { meter });
    try {
      const scope = await scopeOf(collector, 'aws_cost_explorer');
      const failure = await failureOf(collector.fetch(scope, daysAgo(2, 1), never));
      expect(failure.message).toBe('the day may cost no more');
      expect(server.requests.map(operationOf).toSorted()).toEqual([
        'GetCallerIdentity',
        'ListMetrics',
      ]);
    } finally {
      await collector.close();
      await server.close();
    }
  });
});

describe('scopes', () => {
  const roles = [
    { arn: `arn:aws:iam::${own}:role/crossbill` },
    { arn: 'arn:aws:iam::999999999999:role/nobody' },
  ];

  it('are both sources of each account, and a role denied hides no other', async () => {
    const { scopes, failures } = await withBills(
      { traffic },
      (collector) => collector.scopes(never),
      { roles },
    );
    expect(scopes.map(({ source, scope, account }) => [source, scope, account])).toEqual([
      ['aws_cost_explorer', `prod/${own}`, own],
      ['aws_estimated_charges', `prod/${own}`, own],
    ]);
    expect(failures).toMatchObject([
      { scope: 'prod/999999999999', error: { reason: 'denied', operation: 'sts:AssumeRole' } },
    ]);
  });

  it('are a throw where nothing at all could be looked at', async () => {
    const failure = await failureOf(
      withBills({ traffic }, (collector) => collector.scopes(never), { roles: roles.slice(1) }),
    );
    expect(failure.reason).toBe('denied');
  });

  it('ask Cost Explorer nothing, for that costs', async () => {
    const { meter, calls } = countingMeter();
    await withBills({ traffic }, (collector) => collector.scopes(never), {}, { meter });
    expect(calls.map(({ operation }) => operation).toSorted()).toEqual([
      'cloudwatch:ListMetrics',
      'sts:GetCallerIdentity',
    ]);
  });

  it('of an account that has no role any more are denied, and say so', async () => {
    const failure = await failureOf(
      withBills(
        { traffic },
        async (collector) => {
          const scope = await scopeOf(collector, 'aws_cost_explorer');
          return collector.fetch({ ...scope, account: other }, daysAgo(2, 1), never);
        },
        { roles: roles.slice(0, 1) },
      ),
    );
    expect(failure.message).toContain(`no role of source prod is in account ${other}`);
  });
});

describe('the probe', () => {
  it('tries the four rights of bills, two of them at a cent', async () => {
    const { meter, calls } = countingMeter();
    const permissions = await withBills(
      { traffic },
      (collector) => collector.probe(never),
      {},
      { meter },
    );
    expect(permissions.map(({ operation, state, feature }) => [operation, state, feature])).toEqual(
      [
        ['ce:GetDimensionValues', 'ok', 'bills'],
        ['ce:GetCostAndUsage', 'ok', 'bills'],
        ['cloudwatch:ListMetrics', 'ok', 'bills'],
        ['cloudwatch:GetMetricData', 'ok', 'bills'],
      ],
    );
    const cost = calls.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n);
    expect(cost).toBe(20_020_000n);
  });

  it('names the right that is missing and whom to give it, and goes on with the others', async () => {
    const faults = {
      intercept: ({ operation }: { readonly operation: string }) =>
        operation === 'ce:GetCostAndUsage'
          ? {
              status: 400,
              headers: { 'content-type': 'application/x-amz-json-1.1' },
              body: JSON.stringify({
                __type: 'AccessDeniedException',
                Message: `User: arn:aws:iam::${own}:user/crossbill is not authorized to perform: ce:GetCostAndUsage on resource: *`,
              }),
            }
          : undefined,
    };
    const permissions = await withBills({ traffic, faults }, (collector) => collector.probe(never));
    const denied = permissions.filter(({ state }) => state === 'denied');
    expect(denied.map(({ grant }) => grant)).toEqual([
      { right: 'ce:GetCostAndUsage', to: `arn:aws:iam::${own}:user/crossbill`, on: '*' },
    ]);
    expect(permissions.filter(({ state }) => state === 'ok')).toHaveLength(3);
  });

  it('says where Cost Explorer is switched on, for which no policy is enough', async () => {
    const faults = {
      intercept: ({ operation }: { readonly operation: string }) =>
        operation.startsWith('ce:')
          ? {
              status: 400,
              headers: { 'content-type': 'application/x-amz-json-1.1' },
              body: JSON.stringify({
                __type: 'AccessDeniedException',
                Message: 'User not enabled for cost explorer access',
              }),
            }
          : undefined,
    };
    const [first] = await withBills({ traffic, faults }, (collector) => collector.probe(never));
    expect(first).toMatchObject({ state: 'denied', operation: 'ce:GetDimensionValues' });
    expect(first?.grant).toBeUndefined();
    expect(first?.hint).toContain('switched on');
  });

  it('says that nobody switched the billing metrics on', async () => {
    const permissions = await withBills({ traffic }, (collector) => collector.probe(never), {
      roles: [{ arn: `arn:aws:iam::${other}:role/crossbill` }],
    });
    expect(permissions[2]).toMatchObject({ state: 'not_tried', untried: 'nothing_there' });
    expect(permissions[2]?.message).toContain('Receive CloudWatch billing alerts');
  });

  it('tries nothing of an account it cannot sign in to', async () => {
    const faults = createFaultScript('denied', {
      cloud: 'aws',
      now: () => now,
      from: 0,
      to: now + 1,
      match: ({ operation }) => operation.startsWith('sts:'),
    });
    const permissions = await withBills({ traffic, faults }, (collector) => collector.probe(never));
    expect(permissions.map(({ untried }) => untried)).toEqual(Array(4).fill('blocked'));
  });
});
