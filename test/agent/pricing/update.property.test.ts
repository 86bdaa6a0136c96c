import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandlessKey, priceKey } from '../../../agent/core/listed-prices.ts';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import type { PriceListing } from '../../../agent/core/price-list.ts';
import { diffPrices } from '../../../agent/pricing/diff.ts';
import { editedRows, editOf } from '../../../agent/pricing/update.ts';
import { listedRow, listingOf } from './price-rows.ts';

/** Few things with few prices on few days, so that lists meet the book and each other. */
const row: fc.Arbitrary<Price> = fc
  .record({
    model: fc.constantFrom('openai/gpt-5.4', 'openai/gpt-5.5'),
    item: fc.constantFrom('input', 'output'),
    region: fc.constantFrom('eastus', 'westus', 'swedencentral'),
    banded: fc.constantFrom<Pick<Price, 'band' | 'thresholdTokens'>>(
      { band: 'any', thresholdTokens: null },
      { band: 'short', thresholdTokens: 272_000 },
      { band: 'long', thresholdTokens: 272_000 },
    ),
    nanoUsd: fc.constantFrom(100n, 110n, 120n, 200n, 900n),
    from: fc.constantFrom(10, 20, 30, 40, 50),
  })
  .map(({ banded, ...rest }) => listedRow({ ...rest, ...banded }));

/** As a list promises: one row for each thing and date, and none for requests of any length beside bands of the same. */
const listing: fc.Arbitrary<PriceListing> = fc
  .record({
    rows: fc.array(row, { maxLength: 12 }),
    fetchedAt: fc.constantFrom(15, 25, 35, 45),
  })
  .map(({ rows, fetchedAt }) => {
    const known = new Map(rows.map((one) => [`${priceKey(one)}@${one.from}`, one]));
    const banded = new Set(rows.filter(({ band }) => band !== 'any').map(bandlessKey));
    const prices = [...known.values()]
      .filter(({ region }) => region !== 'swedencentral')
      .filter((one) => one.band !== 'any' || !banded.has(bandlessKey(one)));
    return listingOf(
      prices.map((one) => ({ ...one, fetchedAt })),
      { fetchedAt },
    );
  });

/** A book that lists made, one after the other. */
const book = fc.array(fc.tuple(listing, fc.boolean()), { maxLength: 4 }).map((lists) =>
  lists.reduce<readonly Price[]>(
    (rows, [list, accepts]) =>
      editedRows(
        rows,
        editOf(diffPrices(rows, list, 0.3), () => accepts),
      ),
    [],
  ),
);

/** Rows of one thing and band, and one for any length with one of a band. */
function mayNotMeet(one: Price, other: Price): boolean {
  if (bandlessKey(one) !== bandlessKey(other)) return false;
  return one.band === other.band || one.band === 'any' || other.band === 'any';
}

const untouched = ({ to: _to, ...rest }: Price) => rest;

describe('an update', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(book, listing, (rows, list) => {
        const once = editedRows(
          rows,
          editOf(diffPrices(rows, list, 0.3), () => true),
        );
        expect(diffPrices(once, list, 0.3).changes).toEqual([]);
      }),
    );
  });

  it('changes nothing the second time where some of it waits', () => {
    fc.assert(
      fc.property(book, listing, (rows, list) => {
        const first = editOf(diffPrices(rows, list, 0.3));
        const once = editedRows(rows, first);
        const second = editOf(diffPrices(once, list, 0.3));
        expect([second.ends, second.begins]).toEqual([[], []]);
        expect(second.waiting).toEqual(first.waiting);
      }),
    );
  });

  it('keeps every row, and touches of it only when it ends', () => {
    fc.assert(
      fc.property(book, listing, (rows, list) => {
        const after = editedRows(
          rows,
          editOf(diffPrices(rows, list, 0.3), () => true),
        );
        expect(after.slice(0, rows.length).map(untouched)).toEqual(rows.map(untouched));
        for (const [index, old] of rows.entries()) {
          const to = after[index]?.to ?? 0;
          expect(to === old.to || (old.to === endOfTime && to >= old.from)).toBe(true);
        }
      }),
    );
  });

  it('never has two rows of one thing hold at once', () => {
    fc.assert(
      fc.property(book, listing, (rows, list) => {
        const after = editedRows(
          rows,
          editOf(diffPrices(rows, list, 0.3), () => true),
        );
        const held = after.filter(({ from, to }) => from < to);
        for (const one of held) {
          const same = held.filter((other) => mayNotMeet(one, other));
          const meeting = same.filter(({ from, to }) => from < one.to && one.from < to);
          expect(meeting).toEqual([one]);
        }
      }),
    );
  });

  it('takes nothing that waits, and everything that does not', () => {
    fc.assert(
      fc.property(book, listing, (rows, list) => {
        const diff = diffPrices(rows, list, 0.3);
        const edit = editOf(diff);
        expect(edit.waiting).toEqual(diff.changes.filter(({ waitsFor }) => waitsFor.length > 0));
        const waiting = new Set(edit.waiting.flatMap(({ before, after }) => [before, after]));
        expect(edit.ends.filter((end) => waiting.has(end.row))).toEqual([]);
        expect(edit.begins.length).toBe(
          diff.changes.filter((c) => c.waitsFor.length === 0 && c.after !== undefined).length,
        );
      }),
    );
  });

  it('asks whenever a price moves by more than the guard or goes', () => {
    fc.assert(
      fc.property(book, listing, (rows, list) => {
        for (const { kind, ratio = 1, waitsFor } of diffPrices(rows, list, 0.3).changes) {
          const isFar = ratio > 1.3 || ratio < 0.7;
          expect(waitsFor.length > 0 || (!isFar && kind !== 'ended')).toBe(true);
        }
      }),
    );
  });
});
