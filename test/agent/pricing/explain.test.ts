import { describe, expect, it } from 'vitest';
import type { Discount, Price } from '../../../agent/core/price.ts';
import type { RatingSubject } from '../../../agent/core/rating.ts';
import { createBook } from '../../../agent/pricing/book.ts';
import { explainLookup } from '../../../agent/pricing/explain.ts';
import type { Outcome } from '../../../agent/pricing/explain.ts';
import { azureGlobal, discountOf, dollarsOf, gpt54, priceOf } from './book-world.ts';

const now = Date.UTC(2026, 10, 25);

function explained(
  prices: readonly Price[],
  subject: Partial<RatingSubject> = {},
  discounts: readonly Discount[] = [],
) {
  return explainLookup(createBook(prices, discounts), { ...azureGlobal, ...subject }, now);
}

function word(outcome: Outcome): string {
  if (outcome.kind === 'other_traffic') return `other ${outcome.field}`;
  if (outcome.kind !== 'outranked') return outcome.kind;
  return `outranked by ${outcome.winner.reference}: ${outcome.by ?? 'nothing'}`;
}

/** Reference → what became of it, of the first attempt at input. */
function outcomes(prices: readonly Price[], subject: Partial<RatingSubject> = {}) {
  const candidates = explained(prices, subject)[0]?.offers[0]?.attempts[0]?.candidates ?? [];
  return Object.fromEntries(
    candidates.map(({ price, outcome }) => [price.reference, word(outcome)]),
  );
}

describe('an explained look-up', () => {
  it('says of every candidate why it fell out, or that it was used', () => {
    const prices = [
      priceOf('input', 2, { reference: 'won', source: 'file', model: 'openai/*' }),
      priceOf('input', 2.5, { reference: 'layer' }),
      priceOf('input', 2, { reference: 'model', source: 'file', model: '*' }),
      priceOf('input', 2, { reference: 'cloud', cloud: 'aws' }),
      priceOf('input', 2, { reference: 'tier', tier: 'batch' }),
      priceOf('input', 2, { reference: 'future', from: now + 1 }),
      priceOf('input', 2, { reference: 'past', from: now - 9, to: now }),
      priceOf('input', 2, { reference: 'stranger', model: 'anthropic/*' }),
      priceOf('output', 2, { reference: 'output' }),
    ];
    expect(outcomes(prices)).toEqual({
      won: 'used',
      layer: 'outranked by won: layer',
      model: 'outranked by won: model',
      cloud: 'other cloud',
      tier: 'other tier',
      future: 'not_yet',
      past: 'ended',
    });
  });

  it.each([
    ['a later date', { from: now - 1 }, {}, 'from'],
    ['a region', { region: 'eastus' }, {}, 'region'],
    ['a band of its own', { band: 'short' }, {}, 'band'],
    ['nothing where both say the same', {}, {}, 'nothing'],
  ] as const)('names what decided: %s', (_, winner, loser, by) => {
    const prices = [
      priceOf('input', 2, { reference: 'a', ...winner }),
      priceOf('input', 2, { reference: 'b', ...loser, to: now + 1 }),
    ];
    expect(outcomes(prices)['b']).toBe(by === 'band' ? 'used' : `outranked by a: ${by}`);
  });

  it('uses both bands', () => {
    expect(new Set(Object.values(outcomes(gpt54)))).toEqual(new Set(['used']));
  });

  it('says that a long band alone is no price', () => {
    const long = gpt54.filter(({ band }) => band === 'long');
    expect(Object.values(outcomes(long))).toEqual(['long_alone']);
  });

  it('shows every attempt until one has a price, with its factors', () => {
    const [input] = explained(gpt54, { routing: 'data_zone', tier: 'batch' });
    const attempts = input?.offers[0]?.attempts ?? [];
    expect(
      attempts.map(({ routing, tier, routingFactor, tierFactor, variants }) => [
        routing,
        tier,
        routingFactor.best,
        tierFactor.best,
        variants.length,
      ]),
    ).toEqual([
      ['data_zone', 'batch', 1_000_000, 1_000_000, 0],
      ['data_zone', 'standard', 1_000_000, 500_000, 0],
      ['global', 'batch', 1_100_000, 1_000_000, 0],
      ['global', 'standard', 1_100_000, 500_000, 1],
    ]);
    expect(input?.quote && dollarsOf(input.quote.short)).toEqual([1.25, 1.375, 1.5]);
  });

  it('shows every routing and tier that traffic may have had, and the discount of each', () => {
    const off = discountOf(10, { tier: 'flex' });
    const [input] = explained(gpt54, { tier: 'unknown' }, [off]);
    expect(input?.offers.map(({ routing, tier, discount }) => [routing, tier, discount])).toEqual([
      ['global', 'standard', undefined],
      ['global', 'flex', off],
      ['global', 'priority', undefined],
    ]);
  });

  it('goes through the four kinds of tokens, or the hours of capacity', () => {
    expect(explained(gpt54).map(({ item, quote }) => [item, quote === undefined])).toEqual([
      ['input', false],
      ['cache_read', false],
      ['cache_write', true],
      ['output', false],
    ]);
    const capacity = explained(gpt54, { tier: 'provisioned' });
    expect(capacity.map(({ item }) => item)).toEqual(['unit_hour']);
  });
});
