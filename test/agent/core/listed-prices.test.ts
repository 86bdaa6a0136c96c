import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceKey, settleListed } from '../../../agent/core/listed-prices.ts';
import type { ContextBand, Price } from '../../../agent/core/price.ts';
import { endOfTime } from '../../../agent/core/price.ts';

function row(more: Partial<Price> = {}): Price {
  return {
    cloud: 'aws',
    model: 'openai/gpt-5.6-sol',
    modelVersion: '',
    account: '',
    region: 'us-east-1',
    routing: 'global',
    tier: 'standard',
    item: 'input',
    band: 'any',
    thresholdTokens: null,
    cacheTtl: '',
    nanoUsd: 4_000_000_000n,
    from: 1,
    to: endOfTime,
    source: 'aws_price_list',
    sourceVersion: 'v1',
    reference: 'a',
    fetchedAt: 2,
    ...more,
  };
}

const settle = (rows: readonly Price[]) =>
  settleListed(rows.map((price) => ({ price, name: `name of ${price.reference}` })));
const long = row({ band: 'long', thresholdTokens: 272_000, nanoUsd: 8_000_000_000n });

describe('rows of a list', () => {
  it('are one where they are alike', () => {
    expect(settle([row(), row({ reference: 'b' })])).toEqual({ prices: [row()], skipped: [] });
  });

  it('are none where they say two prices of one thing and day', () => {
    const { prices, skipped } = settle([row(), row({ reference: 'b', nanoUsd: 1n }), long]);
    expect(prices).toEqual([long]);
    expect(skipped).toEqual([
      { reference: 'a', name: 'name of a', reason: 'conflict' },
      { reference: 'b', name: 'name of b', reason: 'conflict' },
    ]);
  });

  it('stay two where they are of two days', () => {
    expect(settle([row(), row({ from: 9, nanoUsd: 1n })]).prices).toHaveLength(2);
  });

  it.each<readonly [string, Partial<Price>, ContextBand]>([
    ['the same thing', {}, 'short'],
    ['another item', { item: 'output' }, 'any'],
    ['another routing', { routing: 'in_region' }, 'any'],
    ['another model', { model: 'openai/gpt-5.5' }, 'any'],
  ])('for any length, beside a long one, of %s', (_, more, band) => {
    const [first] = settle([row(more), long]).prices;
    expect(first).toEqual(row({ ...more, band, thresholdTokens: band === 'any' ? null : 272_000 }));
  });

  it('end as one row for each thing and day, in whatever order they came', () => {
    const some = fc
      .record({
        item: fc.constantFrom('input' as const, 'output' as const),
        banded: fc.constantFrom({}, { band: 'long' as const, thresholdTokens: 272_000 }),
        nanoUsd: fc.constantFrom(1n, 2n),
        from: fc.constantFrom(1, 2),
      })
      .map(({ banded, ...more }) => row({ ...more, ...banded }));
    fc.assert(
      fc.property(fc.array(some), (rows) => {
        const ids = (list: readonly Price[]) =>
          settle(list)
            .prices.map((price) => `${priceKey(price)}@${price.from}=${price.nanoUsd}`)
            .toSorted();
        const found = ids(rows);
        expect(new Set(found.map((id) => id.replace(/=.*/, ''))).size).toBe(found.length);
        expect(ids(rows.toReversed())).toEqual(found);
      }),
    );
  });
});
