import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../agent/core/time.ts';
import { createBilling } from '../../../../collectors/emulator/billed.ts';
import { chargesOf, costPlaces } from '../../../../collectors/emulator/aws/charges.ts';
import { createFaultScript } from '../../../../collectors/emulator/faults/create.ts';
import { startScriptedServer } from '../../../support/scripted-server.ts';
import type { ScriptedHandler } from '../../../support/scripted-server.ts';
import { laneOf, scriptedTraffic } from '../../emulator/scripted-traffic.ts';
import { callerIdentity, failureOf, json, listed, listing, on, sentData } from '../fake-aws.ts';
import { billCollector, never, now, other, own, scopeOf, withBills } from './bill-world.ts';

const november = Date.UTC(2026, 10, 1);
const nova = laneOf('us-east-1/runtime/amazon.nova-pro-v1:0');
const sonnet = laneOf('111122223333/us-east-1/runtime/us.anthropic.claude-sonnet-4-6');
const linked = laneOf('444455556666/us-east-1/runtime/us.anthropic.claude-sonnet-4-6');
const lanes = [nova, sonnet, linked];
const traffic = scriptedTraffic(
  lanes,
  Array.from({ length: 24 }, (_, day) => november + (day - 6) * dayMs).flatMap((start) =>
    lanes.map((lane) => ({ lane, start, input: 40_000_000, output: 1_000_000 })),
  ),
);
const days = { start: november - 3 * dayMs, end: november + 10 * dayMs };

describe('estimated charges, as the built-in cloud posts them', () => {
  it('come to what was billed, by day, service and account, the turn of the month included', async () => {
    const statement = await withBills({ traffic }, async (collector) =>
      collector.fetch(await scopeOf(collector, 'aws_estimated_charges'), days, never),
    );
    const expected = new Map<string, number>();
    for (const charge of chargesOf(createBilling(traffic), days, now)) {
      const service = charge.service === 'Amazon Bedrock' ? 'AmazonBedrock' : 'AWSMarketplace';
      const key = `${new Date(charge.day).toISOString()} ${charge.account} ${service}`;
      expected.set(key, (expected.get(key) ?? 0) + Number(charge.cost) / 10 ** costPlaces);
    }
    const told = statement.lines.map(({ day, account, service, cost }) => [
      `${new Date(day).toISOString()} ${account} ${service}`,
      Number(cost),
    ]);
    expect(new Set(told.map(([key]) => key))).toEqual(new Set(expected.keys()));
    for (const [key, cost] of told) {
      // The gauge is posted in cents.
      expect([key, Math.abs((expected.get(String(key)) ?? 0) - Number(cost)) < 0.011]).toEqual([
        key,
        true,
      ]);
    }
    expect(statement.lines[0]).toMatchObject({
      quantity: null,
      amortizedCost: null,
      currency: 'USD',
      recordType: 'usage',
    });
    expect(statement.finalUntil).toBe(days.start);
    expect(new Set(statement.lines.map(({ account }) => account))).toEqual(new Set([own, other]));
  });

  it('are no source of an account that has no billing metrics', async () => {
    const sources = await withBills(
      { traffic },
      async (collector) =>
        (await collector.scopes(never)).scopes.map(({ account, source }) => `${account} ${source}`),
      { roles: [{ arn: `arn:aws:iam::${other}:role/crossbill` }] },
    );
    expect(sources).toEqual([`${other} aws_cost_explorer`]);
  });

  it('that may not be listed leave Cost Explorer its scope, and say what is missing', async () => {
    const faults = createFaultScript('denied', {
      cloud: 'aws',
      now: () => now,
      from: 0,
      to: now + 1,
      match: ({ operation }) => operation === 'monitoring:ListMetrics',
    });
    const { scopes, failures } = await withBills({ traffic, faults }, (collector) =>
      collector.scopes(never),
    );
    expect(scopes.map(({ source }) => source)).toEqual(['aws_cost_explorer']);
    expect(failures).toMatchObject([
      { scope: `prod/${own}/estimated-charges`, error: { reason: 'denied' } },
    ]);
  });
});

function gauge(dimensions: Readonly<Record<string, string>>): unknown {
  return listed('EstimatedCharges', dimensions, 'AWS/Billing');
}

/** Every gauge stands at five dollars since the month began. */
const fiveDollars: ScriptedHandler = on('GetMetricData', (request) =>
  json({
    MetricDataResults: sentData(request).MetricDataQueries.map(({ Id }) => ({
      Id,
      StatusCode: 'Complete',
      Timestamps: [november / 1_000],
      Values: [5],
    })),
  }),
);

async function fetched(series: readonly unknown[], ...handlers: readonly ScriptedHandler[]) {
  const server = await startScriptedServer([
    callerIdentity,
    listing(...series),
    ...handlers,
    fiveDollars,
  ]);
  const collector = billCollector(server.url);
  try {
    const scope = await scopeOf(collector, 'aws_estimated_charges');
    return await collector.fetch(scope, { start: november, end: november + dayMs }, never);
  } finally {
    await collector.close();
    await server.close();
  }
}

const bedrock = { Currency: 'USD', ServiceName: 'AmazonBedrock' };

describe('the gauges that are read', () => {
  it.each<[string, readonly Readonly<Record<string, string>>[], readonly string[]]>([
    ['the whole of the service, of the account that asks', [bedrock], [`${own} AmazonBedrock`]],
    [
      'by linked account where there is such a series, and then not the whole',
      [bedrock, { ...bedrock, LinkedAccount: own }, { ...bedrock, LinkedAccount: other }],
      [`${own} AmazonBedrock`, `${other} AmazonBedrock`],
    ],
    [
      'every service that names Bedrock, and the marketplace',
      [
        bedrock,
        { ...bedrock, ServiceName: 'BedrockX' },
        { ...bedrock, ServiceName: 'AWSMarketplace' },
      ],
      [`${own} AmazonBedrock`, `${own} BedrockX`, `${own} AWSMarketplace`],
    ],
    [
      'none of all services, of others, in another currency, or by what nobody knows',
      [
        bedrock,
        { Currency: 'USD' },
        { Currency: 'USD', ServiceName: 'AmazonEC2' },
        { Currency: 'CNY', ServiceName: 'AmazonBedrock' },
        { ...bedrock, Region: 'us-east-1' },
      ],
      [`${own} AmazonBedrock`],
    ],
  ])('%s', async (_sentence, sets, expected) => {
    const { lines } = await fetched(sets.map(gauge));
    expect(lines.map(({ account, service }) => `${account} ${service}`).toSorted()).toEqual(
      expected.toSorted(),
    );
    expect(new Set(lines.map(({ cost }) => cost))).toEqual(new Set(['5']));
  });

  it('of the marketplace are said to be no tokens, for nobody can tell what is in them', async () => {
    const { lines } = await fetched([gauge({ ...bedrock, ServiceName: 'AWSMarketplace' })]);
    expect(lines.map(({ meaning }) => meaning)).toEqual(['not_tokens']);
  });

  it('come whole or not at all', async () => {
    const half = on('GetMetricData', (request) =>
      json({
        MetricDataResults: sentData(request).MetricDataQueries.map(({ Id }) => ({
          Id,
          StatusCode: 'PartialData',
          Timestamps: [november / 1_000],
          Values: [5],
        })),
      }),
    );
    const failure = await failureOf(fetched([gauge(bedrock)], half));
    expect(failure.reason).toBe('bad_response');
  });
});
