import { describe, expect, it } from 'vitest';
import type { BillLine, BillStatement } from '../../../../agent/core/bill.ts';
import { scaled } from '../../../../agent/core/decimal.ts';
import { dayMs } from '../../../../agent/core/time.ts';
import { priceStatement } from '../../../../collectors/aws/bills/index.ts';
import { awsAccess } from '../../../../collectors/emulator/aws/access.ts';
import type { BillDefect } from '../../../../collectors/emulator/bill-defects.ts';
import { createBilling } from '../../../../collectors/emulator/billed.ts';
import { createFaultScript } from '../../../../collectors/emulator/faults/create.ts';
import type { Lane } from '../../../../collectors/emulator/lane.ts';
import { failureOf } from '../fake-aws.ts';
import { laneOf, scriptedTraffic } from '../../emulator/scripted-traffic.ts';
import type { Scripted } from '../../emulator/scripted-traffic.ts';
import {
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

const sol = laneOf('runtime/us.openai.gpt-5.6-sol');
const globalSol = laneOf('us-east-1/runtime/global.openai.gpt-5.6-sol');
const sonnet = laneOf('111122223333/us-east-1/runtime/us.anthropic.claude-sonnet-4-6');
const nova = laneOf('us-east-1/runtime/amazon.nova-pro-v1:0');
const oss = laneOf('111122223333/us-east-1/runtime/openai.gpt-oss-120b-1:0');
const linked = laneOf('444455556666/us-east-1/runtime/us.anthropic.claude-sonnet-4-6');
const lanes: readonly Lane[] = [sol, globalSol, sonnet, nova, oss, linked];

/** One request of each lane at noon of the days `from` ago to yesterday. */
function requests(from: number): readonly Scripted[] {
  return Array.from({ length: from }, (_, index) => today - (from - index) * dayMs + dayMs / 2)
    .flatMap((start) => lanes.map((lane) => ({ lane, start })))
    .map((one) => ({
      ...one,
      input: 700_000,
      cacheRead: 200_000,
      cacheWrite: 100_000,
      output: 50_000,
    }));
}

const traffic = scriptedTraffic(lanes, requests(8));
const clouds = { traffic };

function fetchCosts(
  days: { readonly start: number; readonly end: number },
  options: Parameters<typeof withBills>[0] = clouds,
  ...rest: [config?: Parameters<typeof withBills>[2], deps?: Parameters<typeof withBills>[3]]
): Promise<BillStatement> {
  return withBills(
    options,
    async (collector) =>
      collector.fetch(await scopeOf(collector, 'aws_cost_explorer'), days, never),
    ...rest,
  );
}

function tokensOf({ quantity, meaning }: BillLine): number {
  return typeof meaning === 'string' ? Number.NaN : Number(quantity) * meaning.perUnit;
}

function costOf(lines: readonly BillLine[]): bigint {
  return lines.reduce((sum, { cost }) => sum + (scaled(cost, 12) ?? 0n), 0n);
}

function shown(line: BillLine): string {
  const { meaning } = line;
  const meant = typeof meaning === 'string' ? meaning : `${meaning.model} ${meaning.item}`;
  return `${line.account} ${line.region} ${meant} ${tokensOf(line)} ${line.recordType} ${line.cost}`;
}

describe('Cost Explorer, as the built-in cloud answers it', () => {
  it('tells every token that was billed, whatever service it stands under', async () => {
    const day = daysAgo(3, 2);
    const { lines } = await fetchCosts(day);
    const billed = createBilling(traffic).day(day.start, now);
    expect(lines.reduce((sum, line) => sum + tokensOf(line), 0)).toBe(
      billed.reduce((sum, { tokens }) => sum + tokens, 0),
    );
    expect(new Set(lines.map(({ service }) => service))).toEqual(
      new Set([
        'Amazon Bedrock',
        'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
        'OpenAI GPT-5.6 Sol (Amazon Bedrock Edition)',
      ]),
    );
  });

  it('keeps model, item, account, region and amounts of each line', async () => {
    const { lines } = await fetchCosts(daysAgo(3, 2));
    expect(lines.map(shown).toSorted()).toEqual(
      [
        ...[
          'anthropic/claude-sonnet-4-6 input 700000 usage 2.310000000000',
          'anthropic/claude-sonnet-4-6 cache_read 200000 usage 0.066000000000',
          'anthropic/claude-sonnet-4-6 cache_write 100000 usage 0.412500000000',
          'anthropic/claude-sonnet-4-6 output 50000 usage 0.825000000000',
        ].flatMap((text) => [`${own} us-east-1 ${text}`, `${other} us-east-1 ${text}`]),
        ...[
          'openai/gpt-5.6-sol input 700000 usage 3.080000000000',
          'openai/gpt-5.6-sol cache_read 200000 usage 0.088000000000',
          'openai/gpt-5.6-sol cache_write 100000 usage 0.550000000000',
          'openai/gpt-5.6-sol output 50000 usage 1.100000000000',
          'openai/gpt-5.6-sol input 700000 usage 2.800000000000',
          'openai/gpt-5.6-sol cache_read 200000 usage 0.080000000000',
          'openai/gpt-5.6-sol cache_write 100000 usage 0.500000000000',
          'openai/gpt-5.6-sol output 50000 usage 1.000000000000',
          'amazon/nova-pro input 700000 usage 0.560000000000',
          'amazon/nova-pro cache_read 200000 usage 0.040000000000',
          'amazon/nova-pro cache_write 100000 usage 0.080000000000',
          'amazon/nova-pro output 50000 usage 0.160000000000',
          // No price for cached tokens of this model: they are charged as input.
          'openai/gpt-oss-120b input 1000000 usage 0.150000000000',
          'openai/gpt-oss-120b output 50000 usage 0.030000000000',
        ].map((text) => `${own} us-east-1 ${text}`),
      ].toSorted(),
    );
  });

  it('says as final neither an estimate nor a day of a month that is open', async () => {
    const { finalUntil } = await fetchCosts(daysAgo(8, 0));
    expect(finalUntil).toBe(daysAgo(8, 0).start);
    const early = Date.UTC(2026, 10, 7, 12);
    const days = { start: Date.UTC(2026, 9, 20), end: Date.UTC(2026, 10, 3) };
    const told = await fetchCosts(
      days,
      { ...clouds, now: () => early },
      {},
      {
        clock: { now: () => early },
      },
    );
    expect(told.finalUntil).toBe(Date.UTC(2026, 10, 1));
  });

  it('tells half a day as half, and nothing of today', async () => {
    const { lines } = await fetchCosts(daysAgo(2, -1), { ...clouds, now: () => now - dayMs / 4 });
    expect(new Set(lines.map(({ day }) => day))).toEqual(new Set([today - 2 * dayMs]));
  });

  it('asks a linked account once: by its own role where it has one', async () => {
    const roles = [{ arn: `arn:aws:iam::${own}:role/crossbill` }, { arn: awsAccess.role }];
    const accounts = await withBills(
      clouds,
      async (collector) => {
        const { scopes } = await collector.scopes(never);
        const told = scopes.filter(({ source }) => source === 'aws_cost_explorer');
        const statements = await Promise.all(
          told.map((scope) => collector.fetch(scope, daysAgo(3, 2), never)),
        );
        return statements.map(({ scope, lines }) => [
          scope,
          [...new Set(lines.map(({ account }) => account))],
        ]);
      },
      { roles },
    );
    expect(accounts).toEqual([
      [`prod/${own}`, [own]],
      [`prod/${other}`, [other]],
    ]);
  });

  it.each<[BillDefect['kind'], string, number]>([
    ['credit', 'a tenth less', 0.9],
    ['refund', 'a quarter less', 0.75],
    ['price_differs', 'a tenth more', 1.1],
    ['unseen_traffic', 'a quarter more', 1.25],
  ])('with the defect %s the lane costs %s', async (kind, _said, factor) => {
    const day = daysAgo(3, 2);
    const only = {
      traffic: scriptedTraffic(
        [sol],
        requests(8).filter(({ lane }) => lane === sol),
      ),
    };
    const clean = await fetchCosts(day, only);
    const { lines } = await fetchCosts(day, {
      ...only,
      defects: [{ kind, lane: sol.id, from: 0 }],
    });
    expect(Number(costOf(lines))).toBeCloseTo(Number(costOf(clean.lines)) * factor, -3);
    const negative = lines.filter(({ cost }) => cost.startsWith('-'));
    expect(new Set(negative.map(({ recordType }) => recordType))).toEqual(
      new Set(kind === 'credit' || kind === 'refund' ? [kind] : []),
    );
  });

  it.each([
    // 72 groups of usage and 16 of credits, 16 of the linked account and 4 days of nothing; 4 services.
    [2, 36 + 8 + 8 + 2 + 2 - 5],
    [3, 24 + 6 + 6 + 2 + 2 - 5],
    [1_000, 0],
  ])(
    'says the same with pages of %d groups, and pays each of the %d further pages',
    async (costPageSize, further) => {
      const { meter, calls } = countingMeter();
      const defects: readonly BillDefect[] = [{ kind: 'credit', lane: sol.id, from: 0 }];
      const whole = await fetchCosts(daysAgo(5, 1), { ...clouds, defects });
      const paged = await fetchCosts(
        daysAgo(5, 1),
        { ...clouds, defects, aws: { costPageSize } },
        {},
        { meter },
      );
      const sorted = (lines: readonly BillLine[]) => lines.map(shown).toSorted();
      expect(sorted(paged.lines)).toEqual(sorted(whole.lines));
      const costs = calls.filter(({ operation }) => operation.startsWith('ce:'));
      expect(new Set(costs.map(({ costNanoUsd }) => costNanoUsd))).toEqual(new Set([10_000_000n]));
      const foretold = priceStatement({ SERVICE: 3, LINKED_ACCOUNT: 2, RECORD_TYPE: 2 }).calls;
      expect(costs).toHaveLength(foretold + further);
    },
  );

  it('asks once and no more where no service names Bedrock', async () => {
    const { meter, calls } = countingMeter();
    const nothing = { traffic: scriptedTraffic(lanes, []) };
    const { lines } = await fetchCosts(daysAgo(5, 1), nothing, {}, { meter });
    expect(lines).toEqual([]);
    expect(calls.filter(({ operation }) => operation.startsWith('ce:'))).toHaveLength(
      priceStatement({ SERVICE: 0, LINKED_ACCOUNT: 0, RECORD_TYPE: 0 }).calls,
    );
  });
});

const faults: readonly [script: string, reason: string, calls?: string][] = [
  ['400 LimitExceeded', 'throttled'],
  ['400 Throttling', 'throttled'],
  ['429', 'throttled'],
  ['503', 'unreachable'],
  ['529', 'throttled'],
  ['denied', 'denied'],
  ['expired credential', 'denied'],
  ['cut body', 'bad_response'],
  ['empty body', 'bad_response'],
  ['reset', 'unreachable'],
  ['hang', 'timeout'],
  ['slow drip', 'timeout'],
  ['repeated page token', 'bad_response'],
  ['page loop', 'bad_response'],
  ['pages without end', 'bad_response'],
  ['wrong types', 'bad_response', 'ce:GetCostAndUsage'],
  ['a group twice', 'bad_response', 'ce:GetCostAndUsage'],
  ['another day', 'bad_response', 'ce:GetCostAndUsage'],
  ['a day left out', 'bad_response', 'ce:GetCostAndUsage'],
];

const few = scriptedTraffic([sol], [{ lane: sol, start: today - 2 * dayMs }]);

describe('a Cost Explorer in trouble', () => {
  const calls = ['ce:GetCostAndUsage', 'ce:GetDimensionValues'];
  const squares = faults.flatMap(([script, reason, only]) =>
    calls
      .filter((call) => only === undefined || only === call)
      .map((call) => ({ script, reason, call })),
  );
  it.each(squares)('$script of $call is $reason, and no statement', async (square) => {
    const { script, reason, call } = square;
    const faulty = createFaultScript(script, {
      cloud: 'aws',
      now: () => now,
      from: 0,
      to: now + 1,
      match: ({ operation }) => operation === call,
    });
    const timeoutMs = reason === 'timeout' ? 1_500 : 10_000;
    const failure = await failureOf(
      fetchCosts(daysAgo(3, 1), { traffic: few, faults: faulty }, { timeoutMs }),
    );
    expect(failure.reason).toBe(reason);
    expect(failure.message).not.toContain('example');
    expect(`${failure.message} ${failure.hint}`).toContain(call);
  });
});
