import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, propose } from '../../../agent/cli/price-changes.ts';
import {
  bandWords,
  dayOf,
  exactUsd,
  roundedUsd,
  signedUsd,
} from '../../../agent/cli/price-words.ts';
import { endOfTime } from '../../../agent/core/price.ts';
import type { PriceItem } from '../../../agent/core/price.ts';
import { diffPrices } from '../../../agent/pricing/diff.ts';
import { editedRows } from '../../../agent/pricing/update.ts';
import { listedRow, listingOf } from '../pricing/price-rows.ts';

const regions = ['eastus', 'westus'];
const amount = fc.constantFrom(2_000_000_000n, 2_500_000_000n, 9_000_000_000n);
const rows = fc.uniqueArray(
  fc.record({
    region: fc.constantFrom(...regions),
    item: fc.constantFrom<PriceItem>('input', 'output', 'cache_read'),
    nanoUsd: amount,
  }),
  { selector: ({ region, item }) => `${region} ${item}` },
);

describe('lines of a diff', () => {
  it('hold every change once, alike in all but the region', () => {
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const { changes } = diffPrices(before.map(listedRow), listingOf(after.map(listedRow)), 0.3);
        const lines = linesOf(changes);
        expect(new Set(lines.flatMap((line) => line.changes))).toEqual(new Set(changes));
        expect(lines.flatMap((line) => line.changes)).toHaveLength(changes.length);
        for (const { changes: own, before: old, after: fresh } of lines) {
          for (const change of own) {
            expect(change.before?.nanoUsd).toBe(old?.nanoUsd);
            expect(change.after?.nanoUsd).toBe(fresh?.nanoUsd);
          }
        }
        expect(new Set(lines.map(({ shortId }) => shortId)).size).toBe(lines.length);
      }),
    );
  });

  it('are called the same whatever order the list has, and otherwise once it says something else', () => {
    const listing = regions.map((region) => listedRow({ region, nanoUsd: 9_000_000_000n }));
    const book = regions.map((region) => listedRow({ region }));
    const idOf = (prices: typeof listing) =>
      linesOf(diffPrices(book, listingOf(prices), 0.3).changes).map(({ shortId }) => shortId);
    expect(idOf(listing)).toHaveLength(1);
    expect(idOf(listing.toReversed())).toEqual(idOf(listing));
    const [first, second] = listing;
    if (first === undefined || second === undefined) throw new Error('two regions');
    expect(idOf([first, { ...second, nanoUsd: 8_000_000_000n }])).not.toContain(idOf(listing)[0]);
  });
});

describe('what is taken', () => {
  it('is all of it where all is accepted: then nothing is left', () => {
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const book = before.map(listedRow);
        const listing = listingOf(after.map(listedRow));
        const { lists, after: edited } = propose(book, [listing], 0.3, () => true);
        expect(lists[0]?.edit.waiting).toEqual([]);
        expect(lists[0]?.taken).toEqual(lists[0]?.diff.changes);
        expect(diffPrices(edited, listing, 0.3).changes).toEqual([]);
      }),
    );
  });

  it('is nothing else than what is asked for by name', () => {
    fc.assert(
      fc.property(rows, rows, fc.nat(), (before, after, pick) => {
        const book = before.map(listedRow);
        const listing = listingOf(after.map(listedRow));
        const { changes } = diffPrices(book, listing, 0.3);
        const chosen = changes[pick % Math.max(1, changes.length)];
        const { lists, after: edited } = propose(
          book,
          [listing],
          0.3,
          ({ id }) => id === chosen?.id,
        );
        expect(lists[0]?.taken ?? []).toEqual(chosen === undefined ? [] : [chosen]);
        expect(diffPrices(edited, listing, 0.3).changes).toHaveLength(
          Math.max(0, changes.length - 1),
        );
      }),
    );
  });

  it('leaves the book as it is where a list has nothing new', () => {
    const book = [listedRow()];
    const { after, lists } = propose(book, [listingOf(book)], 0.3);
    expect(after).toEqual(editedRows(book, { ends: [], begins: [], waiting: [] }));
    expect(lists[0]?.taken).toEqual([]);
  });
});

describe('words of a price', () => {
  it.each([
    [2_500_000_000n, '2.50'],
    [37_500_000n, '0.0375'],
    [1n, '0.000000001'],
    [0n, '0.00'],
    [-1_234_567_890_000_000n, '-1,234,567.89'],
  ])('%s nano-dollars are %s, exactly', (nano, text) => {
    expect(exactUsd(nano)).toBe(text);
  });

  it('say all of an amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (nano) => {
        const digits = exactUsd(nano).replaceAll(',', '');
        const [whole = '', rest = ''] = digits.replace('-', '').split('.');
        const value = BigInt(whole) * 10n ** 9n + BigInt(rest.padEnd(9, '0'));
        expect(digits.startsWith('-') ? -value : value).toBe(nano);
      }),
    );
  });

  it('say which way money goes', () => {
    expect([5_000_000_000n, -1_000_000n, 0n].map(signedUsd)).toEqual(['+5.00', '-0.0010', '0.00']);
    expect(roundedUsd(1_234_567_000_000n)).toBe('1,234.57');
  });

  it('say days, and minutes only where they matter', () => {
    const day = Date.UTC(2026, 10, 1);
    expect([0, day, day + 3_600_000, endOfTime].map(dayOf)).toEqual([
      'always',
      '2026-11-01',
      '2026-11-01 01:00',
      'further notice',
    ]);
  });

  it('say of which requests', () => {
    expect([
      bandWords('any', null),
      bandWords('short', 272_000),
      bandWords('long', 272_000),
    ]).toEqual(['', ', up to 272,000', ', over 272,000']);
  });
});
