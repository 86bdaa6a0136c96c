import { describe, expect, it } from 'vitest';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import type { RatingSubject } from '../../../agent/core/rating.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { diffPrices } from '../../../agent/pricing/diff.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { editedRows, editOf, moneyEffect } from '../../../agent/pricing/update.ts';
import { listedRow, listingOf, seen } from './price-rows.ts';

const october = Date.UTC(2026, 9, 1);
const cheaper = listedRow({ nanoUsd: 2_000_000_000n, from: october, reference: 'meter-2' });
const tripled = listedRow({ nanoUsd: 7_500_000_000n, from: october, reference: 'meter-3' });

describe('an edit', () => {
  it('ends the old row where the new one begins, and keeps it', () => {
    const book = [listedRow()];
    const edit = editOf(diffPrices(book, listingOf([cheaper]), 0.3));
    expect(edit).toEqual({ ends: [{ row: book[0], to: october }], begins: [cheaper], waiting: [] });
    expect(editedRows(book, edit)).toEqual([listedRow({ to: october }), cheaper]);
  });

  it('lets what waits wait, and says so', () => {
    const edit = editOf(diffPrices([listedRow()], listingOf([tripled]), 0.3));
    expect([edit.ends, edit.begins]).toEqual([[], []]);
    expect(edit.waiting).toMatchObject([{ kind: 'changed', waitsFor: ['moved'], ratio: 3 }]);
  });

  it('takes what a person accepted, by the id that was shown', () => {
    const book = [listedRow()];
    const shown = diffPrices(book, listingOf([tripled]), 0.3).changes[0]?.id;
    const edit = editOf(diffPrices(book, listingOf([tripled]), 0.3), ({ id }) => id === shown);
    expect(edit.begins).toEqual([tripled]);
    expect(edit.waiting).toEqual([]);
  });

  it('does not take what moved on since it was shown', () => {
    const book = [listedRow()];
    const shown = diffPrices(book, listingOf([tripled]), 0.3).changes[0]?.id;
    const later = { ...tripled, nanoUsd: 9_000_000_000n };
    const edit = editOf(diffPrices(book, listingOf([later]), 0.3), ({ id }) => id === shown);
    expect(edit.begins).toEqual([]);
  });

  it('dates a new price and the one announced after it', () => {
    const december = Date.UTC(2026, 11, 1);
    const listed = [listedRow(), { ...cheaper, from: december }];
    const edit = editOf(diffPrices([], listingOf(listed), 0.3));
    expect(edit.ends).toEqual([]);
    expect(edit.begins.map(({ from, to }) => [from, to])).toEqual([
      [listedRow().from, december],
      [december, endOfTime],
    ]);
  });
});

describe('what a change costs', () => {
  const subject: RatingSubject = {
    cloud: 'azure',
    model: 'openai/gpt-5.4',
    modelVersion: '2026-03-05',
    account: '0000',
    region: 'eastus',
    routing: 'global',
    tier: 'standard',
    family: 'openai',
  };
  const amounts: Amounts = {
    input: 20_000_000,
    cacheRead: null,
    cacheWrite: null,
    output: 500_000,
    unsplitInput: null,
    requests: 1_000,
    errors: 0,
    throttles: 0,
  };
  const output = listedRow({ item: 'output', nanoUsd: 15_000_000_000n, reference: 'meter-out' });

  function effect(before: readonly Price[], after: readonly Price[]) {
    const usage = [
      { subject, amounts },
      { subject: { ...subject, model: 'openai/unheard-of' }, amounts },
    ];
    return moneyEffect(createRater(before, []), createRater(after, []), usage, seen);
  }

  it('is the difference between two books, by model', () => {
    const before = [listedRow(), output];
    const edit = editOf(diffPrices(before, listingOf([cheaper, output]), 0.3));
    expect(effect(before, editedRows(before, edit))).toEqual([
      {
        model: 'openai/gpt-5.4',
        before: 57_500_000_000n,
        after: 47_500_000_000n,
        difference: -10_000_000_000n,
        unpricedTokensBefore: 0,
        unpricedTokensAfter: 0,
      },
    ]);
  });

  it('is nothing where an agreed price stands above the list', () => {
    const agreed = listedRow({
      source: 'file',
      nanoUsd: 1_000_000_000n,
      reference: 'prices.yaml:3',
    });
    expect(effect([listedRow(), agreed], [cheaper, agreed])).toEqual([]);
  });

  it('shows tokens that get a price, and such that lose it', () => {
    expect(effect([], [listedRow()])).toEqual([
      {
        model: 'openai/gpt-5.4',
        before: null,
        after: 50_000_000_000n,
        difference: 50_000_000_000n,
        unpricedTokensBefore: 20_500_000,
        unpricedTokensAfter: 500_000,
      },
    ]);
    expect(effect([listedRow()], [])).toMatchObject([
      { before: 50_000_000_000n, after: null, unpricedTokensAfter: 20_500_000 },
    ]);
  });
});
