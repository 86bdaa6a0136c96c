import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  GetDimensionValuesCommand,
} from '@aws-sdk/client-cost-explorer';
import type { GetCostAndUsageCommandInput } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../../agent/core/time.ts';
import { startClouds } from '../../../../collectors/emulator/server.ts';
import type { Clouds } from '../../../../collectors/emulator/server.ts';
import { laneOf, scriptedTraffic } from '../scripted-traffic.ts';
import { ownKeys } from './clients.ts';

const now = Date.UTC(2026, 10, 18, 12);
const day = Date.UTC(2026, 10, 10);
const nova = laneOf('us-east-1/runtime/amazon.nova-pro-v1:0');
const linked = laneOf('444455556666/us-east-1/runtime/us.anthropic.claude-sonnet-4-6');
const traffic = scriptedTraffic(
  [nova, linked],
  [nova, linked].map((lane) => ({ lane, start: day, input: 1_000_000, output: 0 })),
);

let clouds: Clouds;
let client: CostExplorerClient;
beforeAll(async () => {
  clouds = await startClouds({ now: () => now, traffic, defects: [] });
  const region = 'us-east-1';
  client = new CostExplorerClient({
    endpoint: clouds.awsUrl,
    region,
    credentials: ownKeys,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await clouds.close();
});

const question: GetCostAndUsageCommandInput = {
  TimePeriod: { Start: '2026-11-09', End: '2026-11-12' },
  Granularity: 'DAILY',
  Metrics: ['UnblendedCost', 'UsageQuantity'],
};

function ask(input: Partial<GetCostAndUsageCommandInput> = {}) {
  return client.send(new GetCostAndUsageCommand({ ...question, ...input }));
}

describe('the emulated Cost Explorer', () => {
  it('tells of every day of the period, its end left out, and adds up without a grouping', async () => {
    const { ResultsByTime = [] } = await ask();
    expect(
      ResultsByTime.map(({ TimePeriod, Total, Estimated }) => [
        TimePeriod?.Start,
        Total?.['UnblendedCost']?.Amount,
        Total?.['UsageQuantity']?.Unit,
        Estimated,
      ]),
    ).toEqual([
      ['2026-11-09', '0.000000000000', 'N/A', false],
      // 1,000 thousands at $0.0008 and one million at $3.30.
      ['2026-11-10', '4.100000000000', 'N/A', false],
      ['2026-11-11', '0.000000000000', 'N/A', false],
    ]);
  });

  it('groups by two keys and filters by And, Or and Not', async () => {
    const Dimensions = { Key: 'LINKED_ACCOUNT', Values: [linked.account] } as const;
    const { ResultsByTime = [] } = await ask({
      TimePeriod: { Start: '2026-11-10', End: '2026-11-11' },
      GroupBy: [
        { Type: 'DIMENSION', Key: 'SERVICE' },
        { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
      ],
      Filter: {
        And: [
          { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit'] } } },
          {
            Or: [
              { Dimensions: { ...Dimensions, Values: [...Dimensions.Values] } },
              { Dimensions: { Key: 'SERVICE', Values: ['nothing'] } },
            ],
          },
        ],
      },
    });
    expect(ResultsByTime.flatMap(({ Groups = [] }) => Groups.map(({ Keys }) => Keys))).toEqual([
      ['Claude Sonnet 4.6 (Amazon Bedrock Edition)', linked.account],
    ]);
  });

  it('adds days up to months', async () => {
    const { ResultsByTime = [] } = await ask({
      TimePeriod: { Start: '2026-10-20', End: '2026-11-12' },
      Granularity: 'MONTHLY',
    });
    expect(
      ResultsByTime.map(({ TimePeriod, Total }) => [TimePeriod, Total?.['UnblendedCost']?.Amount]),
    ).toEqual([
      [{ Start: '2026-10-20', End: '2026-11-01' }, '0.000000000000'],
      [{ Start: '2026-11-01', End: '2026-11-12' }, '4.100000000000'],
    ]);
  });

  it('lists the services of a bill, Bedrock and others', async () => {
    const { DimensionValues = [], TotalSize } = await client.send(
      new GetDimensionValuesCommand({
        ...question,
        Dimension: 'SERVICE',
        Context: 'COST_AND_USAGE',
      }),
    );
    expect(DimensionValues.map(({ Value }) => Value)).toEqual([
      'AWS Key Management Service',
      'Amazon Bedrock',
      'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
    ]);
    expect(TotalSize).toBe(3);
  });

  it.each<[string, Partial<GetCostAndUsageCommandInput>, string]>([
    [
      'a period that ends before it begins',
      { TimePeriod: { Start: '2026-11-12', End: '2026-11-12' } },
      'ValidationException',
    ],
    [
      'days older than are kept',
      { TimePeriod: { Start: '2024-01-01', End: '2024-01-02' } },
      'ValidationException',
    ],
    [
      'three groupings',
      { GroupBy: [1, 2, 3].map(() => ({ Type: 'DIMENSION' as const, Key: 'SERVICE' })) },
      'ValidationException',
    ],
    ['a token of its own making', { NextPageToken: 'x' }, 'InvalidNextTokenException'],
  ])('refuses %s', async (_sentence, input, name) => {
    await expect(ask(input)).rejects.toMatchObject({ name });
  });

  it('is of today what is a day old', async () => {
    const Start = new Date(now - dayMs).toISOString().slice(0, 10);
    const { ResultsByTime = [] } = await ask({
      TimePeriod: { Start, End: new Date(now).toISOString().slice(0, 10) },
    });
    expect(ResultsByTime.map(({ Estimated }) => Estimated)).toEqual([true]);
  });
});
