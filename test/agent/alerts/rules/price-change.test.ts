import { describe, expect, it } from 'vitest';
import type { Price } from '../../../../agent/core/price.ts';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { identityRow } from '../../../support/memory-reader.ts';
import { priceOf } from '../../pricing/book-world.ts';
import { conditionsOf, hourOf, now, ruleOf, settledTo } from './rule-world.ts';

const rule = ruleOf('price_change');
const used = {
  identities: [
    identityRow({
      id: 1,
      cloud: 'azure',
      model: 'openai/gpt-5.4',
      region: 'eastus',
      routing: 'global',
    }),
  ],
  coverage: [settledTo(1)],
  amounts: [hourOf(1, 3, { usd: 1 })],
};

/** A price that was another until then. */
function moved(from: number, was: number, is: number, more: Partial<Price> = {}): readonly Price[] {
  return [
    priceOf('output', was, { to: from, reference: 'old', ...more }),
    priceOf('output', is, { from, reference: 'new', fetchedAt: from, ...more }),
  ];
}

const noon = now - 4 * hourMs;

describe('price_change', () => {
  it.each([
    ['a price that rose this morning is met', moved(noon, 15, 17.25), 'met', 0.15],
    ['one that fell is met too', moved(noon, 20, 15), 'met', 0.25],
    ['one that moved two days ago is clear', moved(now - 2 * dayMs, 15, 17.25), 'clear', 0],
    ['one that moves tomorrow is clear', moved(now + hourMs, 15, 17.25), 'clear', 0],
    ['the same price from a newer list is clear', moved(noon, 15, 15), 'clear', 0],
    [
      'a price of a region without traffic is clear',
      moved(noon, 15, 17.25, { region: 'westus' }),
      'clear',
      0,
    ],
    [
      'a price that a higher layer overrides is clear',
      [...moved(noon, 15, 17.25), priceOf('output', 14, { source: 'azure_retail_prices' })],
      'clear',
      0,
    ],
    [
      'a price learned of today that holds since last week is met',
      moved(now - 7 * dayMs, 15, 30).map((price) =>
        price.reference === 'new' ? { ...price, fetchedAt: now - minuteMs } : price,
      ),
      'met',
      1,
    ],
    [
      'a book that is taken in whole, its history with it, is no news',
      moved(now - 7 * dayMs, 15, 30).map((price) => ({ ...price, fetchedAt: now - minuteMs })),
      'clear',
      0,
    ],
  ] as const)('%s', async (_, prices, state, value) => {
    const [found, ...more] = await conditionsOf(rule, { ...used, prices });
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      key: 'rule/r {"cloud":"azure","model":"openai/gpt-5.4"}',
      state,
    });
    expect(found?.value).toBeCloseTo(value, 9);
  });

  it('says which price, from what to what, since when and by whom', async () => {
    const [found] = await conditionsOf(rule, { ...used, prices: moved(noon, 15, 17.25) });
    expect(found?.annotations['summary']).toBe(
      'r: openai/gpt-5.4 on azure: output $15.00 → $17.25 a million tokens (+15%) from 2026-11-24, by genai_prices',
    );
  });

  it('keeps quiet below a threshold of its own', async () => {
    const own = ruleOf('price_change', { above: { value: 0.2 } });
    const [found] = await conditionsOf(own, { ...used, prices: moved(noon, 15, 17.25) });
    expect(found?.state).toBe('clear');
  });

  it('has no data without traffic or without prices', async () => {
    const quiet = await conditionsOf(rule, { prices: moved(noon, 15, 17.25) });
    const empty = await conditionsOf(rule, used);
    expect([...quiet, ...empty].map(({ state }) => state)).toEqual(['no_data', 'no_data']);
  });
});
