import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rated } from '../../../agent/core/rating.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { tokenAmounts } from '../../../agent/core/usage.ts';
import { isShort, ratesOf } from '../../../agent/pricing/bounds.ts';
import { createRate, exactTotal } from '../../../agent/pricing/rate.ts';
import { anyAmounts, anyCard, anyEvidence } from './any-card.ts';
import {
  amountsOf,
  azureGlobal,
  cardOf,
  gpt54,
  noEvidence,
  plainCost,
  priceOf,
  usd,
} from './book-world.ts';

const rate = createRate();

/** Cost, low and high in dollars. */
function dollars({ cost, low, high }: Rated): readonly (number | null)[] {
  return [cost, low, high].map((nano) => (nano === null ? null : Number(nano) / 1e9));
}

describe('a thousand requests of 20,000 in and 500 out on gpt-5.4', () => {
  const card = cardOf(gpt54);
  const told = { input: 20_000_000, cacheRead: 0, output: 500_000 };

  it('cost $57.50 where the largest is seen to be short', () => {
    const rated = rate(card, amountsOf(told), { mostInputTokens: 20_000 });
    expect(dollars(rated)).toEqual([57.5, 57.5, 57.5]);
  });

  it('cost $57.50 at best and as long ones $111.25 where no meter tells the largest', () => {
    expect(dollars(rate(card, amountsOf(told), noEvidence))).toEqual([57.5, 57.5, 111.25]);
  });

  it('cost $57.50 in minutes whose own totals stay under the threshold', () => {
    const minutes = Array.from({ length: 100 }, () =>
      rate(card, amountsOf({ input: 200_000, cacheRead: 0, output: 5_000 }), noEvidence),
    );
    const sums = (['cost', 'low', 'high'] as const).map((word) =>
      minutes.reduce((sum, one) => sum + (one[word] ?? 0n), 0n),
    );
    expect(sums).toEqual([usd(57.5), usd(57.5), usd(57.5)]);
  });

  it('unsplit: all of it read from the cache, all of it input, no dearer', () => {
    const unsplit = amountsOf({ unsplitInput: 20_000_000, output: 500_000 });
    const rated = rate(card, unsplit, { mostInputTokens: 20_000 });
    expect(dollars(rated)).toEqual([57.5, 12.5, 57.5]);
  });
});

describe('the threshold', () => {
  const card = cardOf(gpt54);

  it.each([
    ['the largest request at it', { input: 999_999 }, 272_000, true],
    ['the largest request above it', { input: 999_999 }, 272_001, false],
    ['a total at it', { input: 100_000, cacheRead: 100_000, cacheWrite: 72_000 }, null, true],
    ['a total above it', { input: 100_000, cacheRead: 100_000, cacheWrite: 72_001 }, null, false],
    ['an unsplit total at it', { unsplitInput: 272_000 }, null, true],
    ['a total at it, whatever a meter of another period says', { input: 9 }, 999_999, true],
    ['input that is not told', { cacheRead: 5, output: 5 }, null, false],
    ['no band', { input: 999_999 }, null, true],
  ] as const)('%s', (sentence, told, mostInputTokens, expected) => {
    const threshold = sentence === 'no band' ? null : card.thresholdTokens;
    expect(isShort(threshold, amountsOf(told), { mostInputTokens })).toBe(expected);
  });
});

describe('what has no price', () => {
  const inputOnly = cardOf([priceOf('input', 2)], { ...azureGlobal, family: 'anthropic' });

  it.each([
    ['is counted, and the rest is priced', { input: 1_000_000, output: 7 }, usd(2), 7],
    ['every cached kind is counted', { input: 0, cacheRead: 3, cacheWrite: 4 }, 0n, 7],
    ['leaves no cost where nothing else is told', { output: 7 }, null, 7],
    ['a told zero of what has a price is a cost of zero', { input: 0, output: 7 }, 0n, 7],
    ['a told zero of what has none is no cost', { output: 0 }, null, 0],
    ['a row that tells no tokens has no cost', {}, null, 0],
    ['unsplit input is priced as input', { unsplitInput: 1_000_000 }, usd(2), 0],
  ] as const)('%s', (_, told, cost, unpricedTokens) => {
    const rated = rate(inputOnly, amountsOf(told), noEvidence);
    expect(rated).toEqual({ cost, low: cost, high: cost, unpricedTokens });
  });

  it('is all of a row on an empty card, cost null', () => {
    const told = { unsplitInput: 5, cacheRead: 1, cacheWrite: 1, output: 5 };
    const rated = rate(cardOf([]), amountsOf(told), noEvidence);
    expect(rated).toEqual({ cost: null, low: null, high: null, unpricedTokens: 12 });
  });
});

describe('provisioned capacity', () => {
  const provisioned = { ...azureGlobal, tier: 'provisioned' } as const;
  const told = amountsOf({ unsplitInput: 5, output: 5 });

  it('serves tokens that cost nothing by themselves', () => {
    const card = cardOf([priceOf('unit_hour', 1)], provisioned);
    expect(rate(card, told, noEvidence)).toEqual({
      cost: 0n,
      low: 0n,
      high: 0n,
      unpricedTokens: 0,
    });
    expect(rate(card, amountsOf({}), noEvidence).cost).toBeNull();
  });

  it('whose hours have no price leaves its tokens unpriced', () => {
    expect(rate(cardOf(gpt54, provisioned), told, noEvidence)).toEqual({
      cost: null,
      low: null,
      high: null,
      unpricedTokens: 10,
    });
  });
});

describe('rounding', () => {
  it.each([
    ['below a half', 499_999n, 0n],
    ['at a half', 500_000n, 1n],
    ['above a half', 500_001n, 1n],
    ['at one and a half', 1_500_000n, 2n],
    ['at two and a half', 2_500_000n, 3n],
  ] as const)('%s, of the row and not of each amount', (_, nanoUsd, expected) => {
    const prices = [priceOf('input', 0, { nanoUsd }), priceOf('output', 0, { nanoUsd })];
    expect(rate(cardOf(prices), amountsOf({ input: 1 }), noEvidence).cost).toBe(expected);
    const both = rate(cardOf(prices), amountsOf({ input: 1, output: 1 }), noEvidence).cost;
    expect(both).toBe((2n * nanoUsd + 500_000n) / 1_000_000n);
  });
});

it('sums beyond nine million dollars stay exact', () => {
  const prices = [priceOf('input', 0, { nanoUsd: 2_500_000_001n }), priceOf('output', 15)];
  const told = { input: 9_007_199_254_740_991, output: 8_999_999_999_999_999 };
  const { cost } = rate(cardOf(prices), amountsOf(told), noEvidence);
  expect(cost).toBe(
    plainCost([
      [told.input, 2_500_000_001n],
      [told.output, 15_000_000_000n],
    ]),
  );
  expect((cost ?? 0n) / 1_000_000_000n).toBeGreaterThan(9_000_000n);
});

/** One row in parts that add up to it, amount by amount; a null is null in every part. */
function anyParts(amounts: Amounts, count: number): fc.Arbitrary<readonly Amounts[]> {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: count - 1,
    maxLength: count - 1,
  });
  return fc.tuple(...tokenAmounts.map(() => cuts)).map((all) =>
    Array.from({ length: count }, (_, part) => {
      const told = tokenAmounts.map((name, index) => {
        const whole = amounts[name];
        const at = [0, ...(all[index] ?? []).toSorted((a, b) => a - b), 1];
        const upTo = (place: number) => Math.floor((whole ?? 0) * (at[place] ?? 0));
        return [name, whole === null ? null : upTo(part + 1) - upTo(part)];
      });
      return amountsOf(Object.fromEntries(told) as Partial<Amounts>);
    }),
  );
}

describe('of any card and any row', () => {
  it('numbers and big integers say the same, to the nano-dollar', () => {
    fc.assert(
      fc.property(anyCard, anyAmounts, anyEvidence, (card, amounts, evidence) => {
        const rated = rate(card, amounts, evidence);
        const { short, either } = ratesOf(card);
        const rates = isShort(card.thresholdTokens, amounts, evidence) ? short : either;
        const isPriced = tokenAmounts.some((name) => amounts[name] !== null && rates[name]);
        const exactly = (bound: 'low' | 'best' | 'high') =>
          isPriced ? exactTotal(rates, bound, amounts) : null;
        const plainly = plainCost(
          tokenAmounts.map((name) => [amounts[name] ?? 0, rates[name]?.best ?? 0n]),
        );
        expect(rated).toEqual({
          cost: exactly('best'),
          low: exactly('low'),
          high: exactly('high'),
          unpricedTokens: tokenAmounts.reduce(
            (sum, name) => sum + (rates[name] === undefined ? (amounts[name] ?? 0) : 0),
            0,
          ),
        });
        expect(rated.cost ?? plainly).toBe(plainly);
      }),
      { numRuns: 1_000 },
    );
  });

  it('low is at most the cost and the cost at most high', () => {
    fc.assert(
      fc.property(anyCard, anyAmounts, anyEvidence, (card, amounts, evidence) => {
        const { cost, low, high } = rate(card, amounts, evidence);
        if (cost === null || low === null || high === null) return;
        expect(low <= cost && cost <= high).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('cutting a row moves the sum by at most a nano-dollar a part, and no token is lost', () => {
    const anySplit = fc
      .tuple(anyAmounts, fc.integer({ min: 1, max: 6 }))
      .chain(([whole, count]) => fc.tuple(fc.constant(whole), anyParts(whole, count)));
    fc.assert(
      fc.property(anyCard, anySplit, ({ long: _long, ...card }, [whole, parts]) => {
        const { cost, low, high, unpricedTokens } = rate(card, whole, noEvidence);
        const rated = parts.map((part) => rate(card, part, noEvidence));
        expect(rated.reduce((sum, one) => sum + one.unpricedTokens, 0)).toBe(unpricedTokens);
        for (const word of ['cost', 'low', 'high'] as const) {
          const sums = rated.map((one) => one[word]);
          const all = { cost, low, high }[word];
          expect(sums.map((one) => one === null)).toEqual(sums.map(() => all === null));
          const sum = sums.reduce<bigint>((total, one) => total + (one ?? 0n), 0n);
          const moved = sum - (all ?? 0n);
          expect(moved < 0n ? -moved : moved).toBeLessThanOrEqual(BigInt(parts.length));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('rating is a function: the same again, in any order, is the same', () => {
    const anyRows = fc.array(fc.tuple(anyCard, anyAmounts, anyEvidence), { maxLength: 8 });
    fc.assert(
      fc.property(
        anyRows.chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
        ([rows, shuffled]) => {
          const one = createRate();
          const other = createRate();
          const first = new Map(rows.map((row) => [row, one(...row)]));
          for (const row of [...shuffled, ...rows]) expect(other(...row)).toEqual(first.get(row));
        },
      ),
    );
  });
});
