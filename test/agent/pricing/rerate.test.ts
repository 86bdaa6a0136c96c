import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfTime, startOfTime } from '../../../agent/core/price.ts';
import type { Discount, Price } from '../../../agent/core/price.ts';
import type { CardSpan } from '../../../agent/core/rating.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { changedSpans, changesOf } from '../../../agent/pricing/rerate.ts';
import { azureGlobal, discountOf, dollarsOf, gpt54, priceOf } from './book-world.ts';

const dayMs = 86_400_000;
const yesterday = Date.UTC(2026, 10, 24);

/** From, to, input before and after in dollars, and whether the rates differ. */
function changes(
  before: readonly Price[],
  after: readonly Price[],
  discounts: readonly Discount[] = [],
  subject = azureGlobal,
) {
  return changesOf(createRater(before, []), createRater(after, discounts), subject).map((one) => [
    one.from,
    one.to,
    dollarsOf(one.before.short.input),
    dollarsOf(one.after.short.input),
    one.ratesDiffer,
  ]);
}

describe('what must be rated again', () => {
  const dated = priceOf('input', 2, { source: 'file', band: 'any', from: yesterday });

  it('is nothing where nothing changed', () => {
    expect(changes(gpt54, gpt54.toReversed())).toEqual([]);
  });

  it('of a price dated yesterday is yesterday on, and not the day before', () => {
    expect(changes(gpt54, [...gpt54, dated])).toEqual([[yesterday, endOfTime, 2.5, 2, true]]);
  });

  it('of a price that holds for a day is the day', () => {
    const oneDay = { ...dated, to: yesterday + dayMs };
    expect(changes(gpt54, [...gpt54, oneDay])).toEqual([
      [yesterday, yesterday + dayMs, 2.5, 2, true],
    ]);
  });

  it('of a price that is taken back is what it was dated', () => {
    expect(changes([...gpt54, dated], gpt54)).toEqual([[yesterday, endOfTime, 2, 2.5, true]]);
  });

  it('of a discount is what the discount holds for', () => {
    const off = discountOf(10, { from: yesterday, to: yesterday + 1 });
    expect(changes(gpt54, gpt54, [off])).toEqual([[yesterday, yesterday + 1, 2.5, 2.25, true]]);
  });

  it('is nothing of a subject that the price is not for', () => {
    const other = { ...azureGlobal, model: 'openai/gpt-5' };
    expect(changes(gpt54, [...gpt54, dated], [], other)).toEqual([]);
  });

  it('is told apart from rates that only come from elsewhere', () => {
    const newEdition = gpt54.map((price) => ({ ...price, sourceVersion: '2' }));
    expect(changes(gpt54, newEdition)).toEqual([[startOfTime, endOfTime, 2.5, 2.5, false]]);
  });

  it('of the first price of a model is all time', () => {
    expect(changes([], gpt54)).toEqual([[startOfTime, endOfTime, undefined, 2.5, true]]);
  });
});

describe('of any two raters', () => {
  const anyPrices = fc
    .uniqueArray(fc.record({ day: fc.nat({ max: 9 }), days: fc.nat({ max: 5 }) }), {
      selector: ({ day }) => day,
      maxLength: 5,
    })
    .chain((spans) =>
      fc
        .tuple(...spans.map(() => fc.nat({ max: 3 })))
        .map((dollars) =>
          spans.map(({ day, days }, index) =>
            priceOf('input', dollars[index] ?? 0, { from: day, to: day + days, reference: 'r' }),
          ),
        ),
    );

  function cardAt(spans: readonly CardSpan[], at: number) {
    return spans.find(({ from, to }) => from <= at && at < to)?.card;
  }

  it('a moment is in a change exactly when its card differs', () => {
    fc.assert(
      fc.property(anyPrices, anyPrices, (before, after) => {
        const a = createRater(before, []).cardsOf(azureGlobal);
        const b = createRater(after, []).cardsOf(azureGlobal);
        const found = changedSpans(a, b);
        for (let at = 0; at < 20; at += 1) {
          const change = found.filter(({ from, to }) => from <= at && at < to);
          const [old, fresh] = [cardAt(a, at), cardAt(b, at)];
          const expected = old?.key === fresh?.key ? [] : [[old, fresh]];
          expect(change.map((one) => [one.before, one.after])).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('there is nothing more to do once it is done', () => {
    fc.assert(
      fc.property(anyPrices, (prices) => {
        const spans = createRater(prices, []).cardsOf(azureGlobal);
        expect(changedSpans(spans, createRater(prices, []).cardsOf(azureGlobal))).toEqual([]);
      }),
    );
  });
});
