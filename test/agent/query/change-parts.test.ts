import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changePartNames, largestPart, splitChange } from '../../../agent/query/change-parts.ts';
import type { ChangeLine, ChangeParts, TokenChange } from '../../../agent/query/change-parts.ts';

const usd = 1_000_000_000n;
const nothing: ChangeParts = {
  price: 0n,
  volume: 0n,
  mix: 0n,
  new: 0n,
  gone: 0n,
  capacity: 0n,
  unknown: 0n,
};

/** Tokens at a price each, before and after. */
function tokens(
  series: string,
  [tokensBefore, priceBefore]: readonly [bigint, bigint],
  [now, price]: readonly [bigint, bigint],
): TokenChange {
  return {
    kind: 'tokens',
    series,
    tokensBefore,
    tokens: now,
    costBefore: tokensBefore * priceBefore,
    cost: now * price,
  };
}

function changeOf(lines: readonly ChangeLine[]): bigint {
  return lines.reduce((sum, { cost, costBefore }) => sum + cost - costBefore, 0n);
}

function sumOf(parts: ChangeParts): bigint {
  return changePartNames.reduce((sum, name) => sum + parts[name], 0n);
}

const count = fc.bigInt(0n, 10n ** 15n);
const price = fc.bigInt(0n, 10n ** 6n);
const series = fc.constantFrom('a', 'b', 'c', 'd');
/** Costs that no whole price makes, and costs of no tokens at all. */
const anyTokens = fc.record({
  kind: fc.constant('tokens' as const),
  series,
  tokensBefore: count,
  tokens: count,
  costBefore: count,
  cost: count,
});
const anyWhole = fc.record({
  kind: fc.constantFrom('capacity' as const, 'unknown' as const),
  costBefore: count,
  cost: count,
});
const anyLines = fc.array(fc.oneof(anyTokens, anyWhole), { maxLength: 20 });
const atPrices = fc.array(fc.record({ series, tokens: fc.bigInt(1n, 10n ** 12n), price }), {
  minLength: 1,
  maxLength: 20,
});

describe('the parts of a change', () => {
  it('add up to it, whatever the lines are', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        expect(sumOf(splitChange(lines))).toBe(changeOf(lines));
      }),
    );
  });

  it('do not depend on the order of the lines', () => {
    const shuffled = anyLines.chain((lines) =>
      fc.tuple(
        fc.constant(lines),
        fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([lines, others]) => {
        expect(splitChange(others)).toEqual(splitChange(lines));
      }),
    );
  });

  it('are nothing where nothing changed', () => {
    fc.assert(
      fc.property(atPrices, (cells) => {
        const lines = cells.map((one) =>
          tokens(one.series, [one.tokens, one.price], [one.tokens, one.price]),
        );
        expect(splitChange(lines)).toEqual(nothing);
      }),
    );
  });

  it('are price alone where every token is used as before', () => {
    fc.assert(
      fc.property(atPrices, fc.array(price, { minLength: 20, maxLength: 20 }), (cells, prices) => {
        const lines = cells.map((one, place) =>
          tokens(one.series, [one.tokens, one.price], [one.tokens, prices[place] ?? 0n]),
        );
        expect(splitChange(lines)).toEqual({ ...nothing, price: changeOf(lines) });
      }),
    );
  });

  it('are volume alone where everything grows alike', () => {
    fc.assert(
      fc.property(atPrices, fc.bigInt(1n, 1_000n), fc.bigInt(1n, 1_000n), (cells, was, is) => {
        const lines = cells.map((one) =>
          tokens(one.series, [one.tokens * was, one.price], [one.tokens * is, one.price]),
        );
        expect(splitChange(lines)).toEqual({ ...nothing, volume: changeOf(lines) });
      }),
    );
  });

  it('are mix alone where models swap their tokens', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 10n ** 9n),
        fc.bigInt(1n, 10n ** 9n),
        price,
        price,
        (a, b, p, q) => {
          const lines = [tokens('a', [a, p], [b, p]), tokens('b', [b, q], [a, q])];
          expect(splitChange(lines)).toEqual({ ...nothing, mix: changeOf(lines) });
        },
      ),
    );
  });

  it('are mix alone where a model swaps input for output', () => {
    const lines = [tokens('a', [10n, 1n], [4n, 1n]), tokens('a', [5n, 8n], [11n, 8n])];
    expect(splitChange(lines)).toEqual({ ...nothing, mix: 42n });
  });

  it('are mix where a model comes to read from a cache, for a price it never had is none that changed', () => {
    const lines = [tokens('a', [10n, 4n], [2n, 4n]), tokens('a', [0n, 0n], [8n, 1n])];
    expect(splitChange(lines)).toEqual({ ...nothing, mix: -24n });
  });

  it('tell apart what three things did at once', () => {
    const lines = [
      tokens('small', [100n, 1n], [150n, 2n]),
      tokens('large', [100n, 5n], [250n, 5n]),
    ];
    // Price 150 x (2 - 1); twice the tokens at the old 3 each; the rest moved to the large one.
    expect(splitChange(lines)).toEqual({ ...nothing, price: 150n, volume: 600n, mix: 200n });
  });

  it('hold what came and what went apart from the volume of the others', () => {
    const lines = [
      tokens('stays', [100n, 1n], [100n, 1n]),
      tokens('comes', [0n, 0n], [50n, 3n]),
      tokens('goes', [70n, 2n], [0n, 0n]),
    ];
    expect(splitChange(lines)).toEqual({ ...nothing, new: 150n, gone: -140n });
  });

  it('call it price where what was free is not any more', () => {
    const lines = [tokens('a', [100n, 0n], [100n, 2n])];
    expect(splitChange(lines)).toEqual({ ...nothing, price: 200n });
  });

  it('leave capacity and what is not known out of all others', () => {
    const lines: readonly ChangeLine[] = [
      tokens('a', [1n, 1n], [2n, 1n]),
      { kind: 'capacity', costBefore: 5n * usd, cost: 9n * usd },
      { kind: 'unknown', costBefore: 7n * usd, cost: 0n },
    ];
    expect(splitChange(lines)).toEqual({
      ...nothing,
      volume: 1n,
      capacity: 4n * usd,
      unknown: -7n * usd,
    });
  });
});

describe('the largest part', () => {
  it.each([
    ['none where nothing changed', {}, undefined],
    ['a fall as well as a rise', { price: 5n, mix: -6n }, 'mix'],
    ['the first of equals', { volume: 5n, gone: -5n }, 'volume'],
  ])('is %s', (_name, parts, name) => {
    expect(largestPart({ ...nothing, ...parts })).toBe(name);
  });
});
