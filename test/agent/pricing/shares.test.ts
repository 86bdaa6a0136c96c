import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharesOf } from '../../../agent/pricing/shares.ts';
import { usd } from './book-world.ts';

function lines(cost: bigint, tokens: readonly number[], utilization: number | null) {
  const consumers = tokens.map((count, index) => ({ name: 'abcdef'[index] ?? '?', tokens: count }));
  return sharesOf(cost, consumers, utilization).map(({ name, cost: share }) => [name, share]);
}

describe("a capacity's cost", () => {
  it.each([
    [
      'goes to its users by tokens, and what was idle to a line of its own',
      usd(50),
      [300, 100],
      0.8,
      [
        ['a', usd(30)],
        ['b', usd(10)],
        [null, usd(10)],
      ],
    ],
    [
      'says nothing of idle where no meter tells',
      usd(50),
      [300, 100],
      null,
      [
        ['a', usd(37.5)],
        ['b', usd(12.5)],
      ],
    ],
    ['is all idle where nobody used it', usd(50), [0, 0], 0, [[null, usd(50)]]],
    ['is all idle where there are no users', usd(50), [], null, [[null, usd(50)]]],
    [
      'leaves nothing idle above full',
      10n,
      [1],
      1.4,
      [
        ['a', 10n],
        [null, 0n],
      ],
    ],
    [
      'that does not divide goes to the first name',
      10n,
      [1, 1, 1],
      null,
      [
        ['a', 4n],
        ['b', 3n],
        ['c', 3n],
      ],
    ],
    [
      'gives what rounding leaves to the largest remainders',
      10n,
      [1, 2, 4],
      null,
      [
        ['a', 1n],
        ['b', 3n],
        ['c', 6n],
      ],
    ],
    [
      'of nothing is nothing each',
      0n,
      [1, 2],
      0.5,
      [
        ['a', 0n],
        ['b', 0n],
        [null, 0n],
      ],
    ],
  ] as const)('%s', (_, cost, tokens, utilization, expected) => {
    expect(lines(cost, tokens, utilization)).toEqual(expected);
  });

  const anyShare = fc.tuple(
    fc.bigInt({ min: 0n, max: 10n ** 16n }),
    fc.array(fc.nat({ max: 2 ** 31 - 1 }), { maxLength: 6 }),
    fc.option(fc.double({ min: 0, max: 1.5, noNaN: true })),
  );

  it('is what its lines add up to, each within a nano-dollar of its share', () => {
    fc.assert(
      fc.property(anyShare, ([cost, tokens, utilization]) => {
        const shares = lines(cost, tokens, utilization);
        expect(shares.reduce((sum, [, share]) => sum + BigInt(share ?? 0), 0n)).toBe(cost);
        const all = tokens.reduce((sum, count) => sum + count, 0);
        if (all === 0) return;
        const used = BigInt(Math.round(Math.min(1, utilization ?? 1) * 1e6));
        for (const [index, count] of tokens.entries()) {
          const divisor = BigInt(all) * 1_000_000n;
          const off = BigInt(shares[index]?.[1] ?? 0) * divisor - cost * BigInt(count) * used;
          expect(off < divisor && -off < divisor).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is shared alike in whatever order the users come', () => {
    fc.assert(
      fc.property(anyShare, ([cost, tokens, utilization]) => {
        const users = tokens.map((count, index) => ({ name: `n${index}`, tokens: count }));
        const byName = (shares: ReturnType<typeof sharesOf>) =>
          new Map(shares.map(({ name, cost: share }) => [name, share]));
        expect(byName(sharesOf(cost, users.toReversed(), utilization))).toEqual(
          byName(sharesOf(cost, users, utilization)),
        );
      }),
    );
  });
});
