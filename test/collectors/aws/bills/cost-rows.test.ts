import type { GetCostAndUsageCommandOutput } from '@aws-sdk/client-cost-explorer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../agent/core/time.ts';
import type { CostQuery } from '../../../../collectors/aws/bills/cost-plan.ts';
import { isZero, startCosts } from '../../../../collectors/aws/bills/cost-rows.ts';
import { startScriptedServer } from '../../../support/scripted-server.ts';
import { callerIdentity, json, operationOf } from '../fake-aws.ts';
import { billCollector, never } from './bill-world.ts';

type Page = Pick<GetCostAndUsageCommandOutput, 'ResultsByTime'>;
type Result = NonNullable<Page['ResultsByTime']>[number];
type Group = NonNullable<Result['Groups']>[number];

const start = Date.UTC(2026, 9, 1);
const days = { start, end: start + 2 * dayMs };
const query: CostQuery = {
  groupedBy: 'SERVICE',
  values: {
    SERVICE: ['Amazon Bedrock', 'Claude (Amazon Bedrock Edition)'],
    LINKED_ACCOUNT: ['111122223333'],
    RECORD_TYPE: ['Usage'],
  },
};
const usageType = 'USE1-NovaPro-input-tokens';

function group(more: Partial<Group['Metrics']> = {}, keys = ['Amazon Bedrock', usageType]): Group {
  return {
    Keys: keys,
    Metrics: {
      UnblendedCost: { Amount: '1.50', Unit: 'USD' },
      AmortizedCost: { Amount: '1.5', Unit: 'USD' },
      UsageQuantity: { Amount: '2E+3', Unit: '1K tokens' },
      ...(more as Group['Metrics']),
    },
  };
}

function day(index: number, groups: Group[] = [], more: Partial<Result> = {}): Result {
  const date = (at: number) => new Date(at).toISOString().slice(0, 10);
  const at = start + index * dayMs;
  return {
    TimePeriod: { Start: date(at), End: date(at + dayMs) },
    Estimated: false,
    Groups: groups,
    ...more,
  };
}

function read(...pages: readonly Page[]) {
  const answer = startCosts(query, days);
  for (const page of pages) answer.add(page);
  return answer.finish();
}

describe('the pages of Cost Explorer', () => {
  it('keep amounts as they came, and what the query was about', () => {
    const { rows, estimated } = read({ ResultsByTime: [day(0, [group()]), day(1)] });
    expect(rows).toEqual([
      {
        SERVICE: 'Amazon Bedrock',
        LINKED_ACCOUNT: '111122223333',
        RECORD_TYPE: 'Usage',
        day: start,
        usageType,
        unblended: '1.50',
        amortized: '1.5',
        currency: 'USD',
        quantity: '2E+3',
        unit: '1K tokens',
      },
    ]);
    expect(estimated.size).toBe(0);
  });

  it('tell a unit that is not available as none', () => {
    const quantity = { UsageQuantity: { Amount: '1', Unit: 'N/A' } };
    const { rows } = read({ ResultsByTime: [day(0, [group(quantity)]), day(1)] });
    expect(rows[0]?.unit).toBe('');
  });

  it.each([
    ['an estimate', { Estimated: true }],
    ['a day that does not say', { Estimated: undefined }],
  ])('take %s for no final day', (_sentence, more) => {
    const changed: Result = { ...day(1), ...more };
    expect([...read({ ResultsByTime: [day(0), changed] }).estimated]).toEqual([start + dayMs]);
  });

  it.each<[string, readonly Page[], RegExp]>([
    ['an empty answer', [{}], /the answer is empty/],
    ['a day that is missing', [{ ResultsByTime: [day(0)] }], /tells nothing of 2026-10-02/],
    ['a day before', [{ ResultsByTime: [day(-1)] }], /a day nobody asked for/],
    ['the end itself', [{ ResultsByTime: [day(2)] }], /a day nobody asked for/],
    [
      'a day without a date',
      [{ ResultsByTime: [day(0, [], { TimePeriod: undefined })] }],
      /a day nobody asked for: none/,
    ],
    [
      'a month for a day',
      [
        {
          ResultsByTime: [day(0, [], { TimePeriod: { Start: '2026-10-01', End: '2026-11-01' } })],
        },
      ],
      /another span/,
    ],
    [
      'a group on two pages',
      [{ ResultsByTime: [day(0, [group()])] }, { ResultsByTime: [day(0, [group()])] }],
      /came twice/,
    ],
    [
      'one key instead of two',
      [{ ResultsByTime: [day(0, [group({}, ['Amazon Bedrock'])])] }],
      /1 keys instead of two/,
    ],
    [
      'a service nobody asked for',
      [{ ResultsByTime: [day(0, [group({}, ['Amazon EC2', usageType])])] }],
      /a SERVICE nobody asked for: Amazon EC2/,
    ],
    [
      'an amount in words',
      [{ ResultsByTime: [day(0, [group({ UnblendedCost: { Amount: 'much', Unit: 'USD' } })])] }],
      /UnblendedCost .* is no number: much/,
    ],
    [
      'no amount at all',
      [{ ResultsByTime: [day(0, [group({ UsageQuantity: {} })])] }],
      /UsageQuantity .* is no number: none/,
    ],
    [
      'two currencies',
      [{ ResultsByTime: [day(0, [group({ AmortizedCost: { Amount: '1', Unit: 'EUR' } })])] }],
      /not in one currency/,
    ],
    [
      'no currency',
      [{ ResultsByTime: [day(0, [group({ UnblendedCost: { Amount: '1', Unit: '' } })])] }],
      /not in one currency/,
    ],
  ])('refuse %s', (_sentence, pages, message) => {
    expect(() => read(...pages)).toThrow(message);
  });

  it('come to the same wherever they are cut', () => {
    const groups = Array.from({ length: 8 }, (_, index) =>
      group({}, ['Amazon Bedrock', `${usageType}-${index}`]),
    );
    const whole = read({ ResultsByTime: [day(0, groups), day(1, groups)] });
    fc.assert(
      fc.property(fc.array(fc.nat(8)), fc.array(fc.nat(8)), (first, second) => {
        const pages = [first, second].flatMap((cuts, index) => {
          const bounds = [0, ...cuts.toSorted((a, b) => a - b), groups.length];
          return bounds.slice(1).map((end, i) => ({
            ResultsByTime: [day(index, groups.slice(bounds[i] ?? 0, end))],
          }));
        });
        expect(read(...pages)).toEqual(whole);
      }),
    );
  });

  it.each([
    ['0', true],
    ['0.0000000000', true],
    ['-0', true],
    ['0E-10', true],
    ['0.0000000001', false],
    ['-1e-7', false],
  ])('%s is nothing: %s', (text, expected) => {
    expect(isZero(text)).toBe(expected);
  });
});

describe('a statement of a month that is closed', () => {
  it('is not final from its first estimated day on, and leaves out what is nothing', async () => {
    const zero = { Amount: '0', Unit: 'USD' };
    const nothing = { UnblendedCost: zero, AmortizedCost: zero, UsageQuantity: zero };
    const free = { ...nothing, UsageQuantity: { Amount: '5', Unit: '1K tokens' } };
    const values: Readonly<Record<string, string>> = {
      SERVICE: 'Amazon Bedrock',
      LINKED_ACCOUNT: '111122223333',
      RECORD_TYPE: 'Usage',
    };
    const server = await startScriptedServer([
      callerIdentity,
      (request) => {
        const { Dimension = '' } = JSON.parse(request.body || '{}') as { Dimension?: string };
        return operationOf(request).endsWith('GetDimensionValues')
          ? json({ DimensionValues: [{ Value: values[Dimension] }] })
          : json({
              ResultsByTime: [
                day(0, [group(), group(nothing, ['Amazon Bedrock', 'USE1-a'])]),
                day(1, [group(free)], { Estimated: true }),
              ],
            });
      },
    ]);
    const collector = billCollector(server.url);
    try {
      const scope = {
        source: 'aws_cost_explorer',
        scope: 'prod/111122223333',
        account: '111122223333',
        reachSeconds: 1,
        everySeconds: 1,
        longestSeconds: 1,
      } as const;
      const { lines, finalUntil } = await collector.fetch(scope, days, never);
      expect(finalUntil).toBe(start + dayMs);
      expect(lines.map(({ meter, cost }) => [meter, cost])).toEqual([
        [usageType, '1.50'],
        [usageType, '0'],
      ]);
    } finally {
      await collector.close();
      await server.close();
    }
  });
});
