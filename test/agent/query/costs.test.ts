import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CostSums } from '../../../agent/core/store.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { costTally, usdOf } from '../../../agent/query/costs.ts';
import { openExact } from '../../../agent/query/exact-sums.ts';
import type { CostMaking } from '../../../agent/query/costs.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import { coveredSpan, identityRow, memoryReader } from '../../support/memory-reader.ts';

const noon = Date.UTC(2026, 10, 23, 12);
const hour = { start: noon, end: noon + hourMs };

const exact = (cost: bigint): CostSums => ({
  cost,
  costLow: cost,
  costHigh: cost,
  unpricedTokens: 0,
});
const between = (costLow: bigint, cost: bigint, costHigh: bigint): CostSums => ({
  cost,
  costLow,
  costHigh,
  unpricedTokens: 0,
});
const unpriced = (unpricedTokens: number): CostSums => ({
  cost: null,
  costLow: null,
  costHigh: null,
  unpricedTokens,
});

describe('how a cost was made', () => {
  const cases: readonly [string, readonly (readonly [CostSums, CostMaking])[], string | null][] = [
    ['nothing priced has no method', [[unpriced(5), 'none']], null],
    ['prices that leave no doubt are list', [[exact(3n), 'none']], 'list'],
    [
      'one range makes all of it a range',
      [
        [exact(3n), 'none'],
        [between(1n, 2n, 4n), 'none'],
      ],
      'range',
    ],
    ['capacity alone is provisioned', [[exact(3n), 'provisioned']], 'provisioned'],
    [
      'capacity beside tokens is mixed',
      [
        [exact(3n), 'provisioned'],
        [exact(3n), 'none'],
      ],
      'mixed',
    ],
    [
      'what has no price does not change the method',
      [
        [exact(3n), 'none'],
        [unpriced(1), 'none'],
      ],
      'list',
    ],
    ['a range by what bills taught is calibrated', [[between(1n, 2n, 4n), 'all']], 'calibrated'],
    ['without a doubt nothing was to be learnt', [[exact(3n), 'all']], 'list'],
    [
      'what leaves no doubt beside it changes nothing',
      [
        [exact(3n), 'none'],
        [between(1n, 2n, 4n), 'all'],
      ],
      'calibrated',
    ],
    ['learnt in the middle of it, it is mixed', [[between(1n, 2n, 4n), 'part']], 'mixed'],
    [
      'calibrated beside what nobody calibrated is mixed',
      [
        [between(1n, 2n, 4n), 'all'],
        [between(1n, 2n, 4n), 'none'],
      ],
      'mixed',
    ],
  ];
  it.each(cases)('%s', (_, rows, method) => {
    const tally = costTally(1);
    for (const [sums, made] of rows) tally.add(0, sums, made);
    expect(tally.method(0)).toBe(method);
  });
});

it('adds costs up exactly, in any order, however large', () => {
  const amounts = fc.array(fc.bigInt({ min: 0n, max: 9_000_000_000_000_000n }), { maxLength: 20 });
  fc.assert(
    fc.property(amounts, (costs) => {
      const tally = costTally(1);
      const numbers = costTally(2);
      for (const cost of costs.toReversed()) {
        tally.add(0, exact(cost), 'none');
        const column = Float64Array.of(Number(cost));
        const columns = { cost: column, costLow: column, costHigh: column };
        numbers.addNumbers(1, { ...columns, unpricedTokens: Float64Array.of(0) }, 0, 'none');
      }
      const sum = costs.reduce((total, cost) => total + cost, 0n);
      expect(tally.usd('cost', 0)).toBe(usdOf(sum));
      expect(tally.method(0)).toBe(costs.length === 0 ? null : 'list');
      for (const name of ['cost', 'costLow', 'costHigh'] as const) {
        expect(numbers.usd(name, 1)).toBe(tally.usd(name, 0));
      }
      expect(numbers.unpriced(1)).toBe(tally.unpriced(0));
      expect(numbers.method(1)).toBe(tally.method(0));
      expect(numbers.method(0)).toBeNull();
    }),
  );
});

it('adds up what no number holds, each dollar of it', () => {
  const sums = openExact(1);
  const parts = [2n ** 60n, 3n, -(2n ** 60n), BigInt(Number.MAX_SAFE_INTEGER), 5n];
  for (const part of parts) sums.add(0, part);
  sums.addNumber(0, -Number.MAX_SAFE_INTEGER);
  expect(sums.usd(0)).toBe(usdOf(8n));
});

it('keeps nano-dollars apart up to nine million dollars', () => {
  expect(usdOf(8_999_999_000_000_001n)).toBe(Number('8999999.000000001'));
  expect(usdOf(null)).toBeNull();
});

it('covers priced tokens only and counts the others', async () => {
  const reader = memoryReader({
    identities: [identityRow({ id: 1 }), identityRow({ id: 2 })],
    amounts: [
      {
        identityId: 1,
        start: noon,
        period: 'minute',
        amounts: { input: 1_000, output: 500 },
        cost: { low: 1_000_000n, best: 2_000_000n, high: 2_500_000n },
      },
      { identityId: 2, start: noon, period: 'minute', amounts: { input: 70 } },
    ],
    latency: [],
    coverage: [coveredSpan(1, hour)],
  });
  const { rows } = await queryUsage(reader, {
    from: hour.start,
    to: hour.end,
    stepMs: 'total',
    groupBy: [],
    filters: new Map(),
    teams: [],
  });
  expect(rows).toMatchObject([
    {
      input_tokens: 1_070,
      cost_usd: 0.002,
      cost_low_usd: 0.001,
      cost_high_usd: 0.0025,
      cost_method: 'range',
      unpriced_tokens: 70,
    },
  ]);
});
