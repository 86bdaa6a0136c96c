import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfTime, startOfTime, tokenItems } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { azureGlobal, cardOf, discountOf, dollarsOf, gpt54, priceOf } from './book-world.ts';

const day = Date.UTC(2026, 10, 1);
const list = priceOf('input', 2, { cloud: 'azure', routing: 'global', tier: 'standard' });

describe('capacity', () => {
  const hour = priceOf('unit_hour', 1, { model: '', routing: 'global', tier: 'provisioned' });

  it('that is paid by the hour has no rate for tokens, and names the price of its hours', () => {
    const card = cardOf([...gpt54, hour], { tier: 'provisioned' });
    expect([card.perToken, card.short, card.unpriced]).toEqual([false, {}, undefined]);
    expect(card.origins.unit_hour?.[0]?.nanoUsd).toBe(1_000_000_000n);
  });

  it('whose hours have no price is unpriced, not free', () => {
    expect(cardOf(gpt54, { tier: 'provisioned' }).unpriced).toBe('no_price');
  });

  it('of Bedrock is paid by the hour too', () => {
    const card = cardOf([...gpt54, hour], { cloud: 'aws', tier: 'provisioned' });
    expect([card.perToken, card.unpriced]).toEqual([false, undefined]);
    expect(card.origins.unit_hour?.[0]?.nanoUsd).toBe(1_000_000_000n);
  });

  it('that no inventory lists, as a reserved tier, charges no hour and leaves its tokens unpriced', () => {
    const card = cardOf([...gpt54, hour], { cloud: 'aws', tier: 'provisioned', unlisted: true });
    expect(card.unpriced).toBe('no_price');
    expect(card.origins.unit_hour).toBeUndefined();
  });

  it('takes no other routing for its own: regional units cost twice the global ones', () => {
    const card = cardOf([hour], { tier: 'provisioned', routing: 'in_region' });
    expect(card.unpriced).toBe('unknown_model');
  });
});

describe('what has no price says why', () => {
  const some = priceOf('input', 2, { from: day });

  it.each([
    ['a model the book names nowhere', [], {}, ['unknown_model']],
    [
      'a model only others of its developer are named beside',
      [list],
      { model: 'x/y' },
      ['unknown_model'],
    ],
    ['a model that another cloud prices', [list], { cloud: 'aws' as const }, ['no_price']],
    ['an account without a price', [priceOf('input', 2, { account: 'a' })], {}, ['no_price']],
    ['some items priced', [list], {}, ['no_item_price']],
    ['all items priced', tokenItems.map((item) => priceOf(item, 1)), {}, [undefined]],
    ['before the first price, and after', [some], {}, ['before_first_price', 'no_item_price']],
    [
      'before it, within and after the last one',
      [{ ...some, to: day + 5 }],
      {},
      ['before_first_price', 'no_item_price', 'no_price'],
    ],
  ] as const)('%s', (_, prices, subject, expected) => {
    const spans = createRater(prices, []).cardsOf({ ...azureGlobal, ...subject });
    expect(spans.map(({ card }) => card.unpriced)).toEqual(expected);
  });
});

describe('cards over time', () => {
  const cut = [
    priceOf('input', 5, { to: day }),
    priceOf('input', 4, { from: day }),
    priceOf('input', 9, { from: day - 5, model: 'openai/gpt-5' }),
    priceOf('input', 9, { from: day - 6, account: 'sub-2' }),
  ];

  it('are cut where a price of the subject changes, and nowhere else', () => {
    const spans = createRater(cut, []).cardsOf(azureGlobal);
    expect(spans.map(({ from, to, card }) => [from, to, dollarsOf(card.short.input)])).toEqual([
      [startOfTime, day, 5],
      [day, endOfTime, 4],
    ]);
  });

  it('are cut where a discount begins and ends', () => {
    const discount = discountOf(50, { from: day + 10, to: day + 20 });
    const spans = createRater(cut, [discount]).cardsOf(azureGlobal);
    expect(spans.map(({ from, card }) => [from, dollarsOf(card.short.input)])).toEqual([
      [startOfTime, 5],
      [day, 4],
      [day + 10, 2],
      [day + 20, 4],
    ]);
  });

  it('are the same ones for the same subject', () => {
    const rater = createRater(cut, []);
    expect(rater.cardsOf({ ...azureGlobal })).toBe(rater.cardsOf({ ...azureGlobal }));
    const other = rater.cardsOf({ ...azureGlobal, account: 'sub-2' });
    expect(other).not.toBe(rater.cardsOf(azureGlobal));
  });

  it('are shared by all subjects whom nothing in the book tells apart', () => {
    const rater = createRater(cut, []);
    const elsewhere = { ...azureGlobal, account: 'sub-3', region: 'swedencentral' };
    expect(rater.cardsOf(elsewhere)).toBe(rater.cardsOf(azureGlobal));
    expect(rater.cardsOf({ ...elsewhere, tier: 'batch' })).not.toBe(rater.cardsOf(azureGlobal));
  });

  it('say of each subject what they say where no other was asked for', () => {
    const scope = {
      cloud: fc.constantFrom('' as const, 'azure' as const, 'aws' as const),
      model: fc.constantFrom('', '*', 'openai/*', 'openai/gpt-5.4', 'openai/gpt-5'),
      modelVersion: fc.constantFrom('', '1'),
      account: fc.constantFrom('', 'sub-*', 'sub-1', 'other'),
      region: fc.constantFrom('', 'east*', 'eastus'),
      routing: fc.constantFrom('' as const, 'global' as const, 'in_region' as const),
      tier: fc.constantFrom('' as const, 'standard' as const, 'flex' as const),
      from: fc.constantFrom(startOfTime, day, day + 1),
    };
    const anyPrice = fc.record({
      ...scope,
      item: fc.constantFrom(...tokenItems, 'unit_hour' as const),
      to: fc.constantFrom(day + 2, endOfTime),
    });
    const anySubject = fc.record({
      cloud: fc.constantFrom('azure' as const, 'aws' as const),
      model: fc.constantFrom('openai/gpt-5.4', 'openai/gpt-5', 'mistral/large'),
      modelVersion: fc.constantFrom('', '1'),
      account: fc.constantFrom('sub-1', 'sub-2', 'other'),
      region: fc.constantFrom('eastus', 'eastus2', 'westus'),
      routing: fc.constantFrom('global' as const, 'in_region' as const, 'unknown' as const),
      tier: fc.constantFrom('standard' as const, 'unknown' as const, 'provisioned' as const),
      family: fc.constantFrom('openai', 'mistral'),
      unlisted: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyPrice, { maxLength: 12 }),
        fc.array(fc.record(scope), { maxLength: 3 }),
        fc.array(anySubject, { minLength: 2, maxLength: 12 }),
        (shapes, offs, subjects) => {
          const prices = new Map(
            shapes.map(({ to, ...shape }, i) => [
              JSON.stringify(shape),
              priceOf(shape.item, i + 1, { ...shape, to }),
            ]),
          );
          const discounts = new Map(
            offs.map((one, i) => [JSON.stringify(one), discountOf(i, one)]),
          );
          const make = () => createRater([...prices.values()], [...discounts.values()]);
          const shared = make();
          for (const subject of subjects) {
            expect(shared.cardsOf(subject)).toEqual(make().cardsOf(subject));
          }
        },
      ),
    );
  });

  it('cover all time without gap or overlap, whatever the dates', () => {
    const anyTime = fc.nat({ max: 20 }).map((step) => day + step);
    const anyPrice = fc.record({
      from: fc.oneof(anyTime, fc.constant(startOfTime)),
      to: fc.oneof(anyTime, fc.constant(endOfTime)),
      item: fc.constantFrom(...tokenItems),
      tier: fc.constantFrom('standard' as const, '' as const),
      routing: fc.constantFrom('global' as const, '' as const),
    });
    fc.assert(
      fc.property(fc.array(anyPrice, { maxLength: 8 }), (shapes) => {
        const prices = shapes.map((shape) => priceOf(shape.item, 1, { ...shape, reference: 'r' }));
        const spans = createRater(prices, []).cardsOf(azureGlobal);
        expect(spans[0]?.from).toBe(startOfTime);
        expect(spans.at(-1)?.to).toBe(endOfTime);
        for (const [index, span] of spans.entries()) {
          expect(span.from).toBeLessThan(span.to);
          const next = spans[index + 1];
          if (next === undefined) continue;
          expect(next.from).toBe(span.to);
          expect(next.card.key).not.toBe(span.card.key);
        }
        for (const item of tokenItems.filter((one) => one !== 'cache_write')) {
          for (const { from, to, card } of spans) {
            const isPriced = prices.some(
              (one) => one.item === item && one.from <= from && from < one.to,
            );
            expect([card.short[item] !== undefined, from, to]).toEqual([isPriced, from, to]);
          }
        }
      }),
    );
  });
});

describe('a fingerprint', () => {
  const key = (prices: readonly Price[]) => cardOf(prices).key;
  const rateKey = (prices: readonly Price[]) => cardOf(prices).rateKey;

  it('is that of the content: when it was fetched is no part of it', () => {
    expect(key([list])).toBe(key([{ ...list, fetchedAt: 99 }]));
    expect(createRater([list], []).version).toBe(
      createRater([{ ...list, fetchedAt: 99 }], []).version,
    );
  });

  it('tells prices apart by where they come from, and their rates do not', () => {
    const moved = { ...list, reference: 'elsewhere', sourceVersion: '2' };
    expect(key([moved])).not.toBe(key([list]));
    expect(rateKey([moved])).toBe(rateKey([list]));
    expect(rateKey([{ ...list, nanoUsd: 2_000_000_001n }])).not.toBe(rateKey([list]));
  });

  it('of a rater tells every price and discount', () => {
    const versions = [
      createRater([], []),
      createRater([list], []),
      createRater([{ ...list, to: day }], []),
      createRater([list], [discountOf(1)]),
      createRater([list], [discountOf(2)]),
    ].map(({ version }) => version);
    expect(new Set(versions).size).toBe(versions.length);
  });
});
