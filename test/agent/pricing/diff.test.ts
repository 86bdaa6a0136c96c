import { describe, expect, it } from 'vitest';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import { diffPrices } from '../../../agent/pricing/diff.ts';
import { listedRow, listingOf, seen } from './price-rows.ts';

const october = Date.UTC(2026, 9, 1);
const december = Date.UTC(2026, 11, 1);

/** Kind, reasons to wait, and the day of each change. */
function summary(rows: readonly Price[], listed: readonly Price[], confirmAbove = 0.3) {
  const { changes, unchanged } = diffPrices(rows, listingOf(listed), confirmAbove);
  return {
    unchanged,
    changes: changes.map(({ kind, waitsFor, at }) => [kind, waitsFor.join(), at] as const),
  };
}

const cheaper = (from: number) => listedRow({ nanoUsd: 2_000_000_000n, from });

describe('a listing against the book', () => {
  it('says nothing new by a newer date, version or reference', () => {
    const again = listedRow({ from: october, sourceVersion: 'v2', reference: 'meter-9' });
    expect(summary([listedRow()], [again])).toEqual({ unchanged: 1, changes: [] });
  });

  it('adds what the book does not have, from its own date', () => {
    expect(summary([], [listedRow()])).toEqual({
      unchanged: 0,
      changes: [['added', '', listedRow().from]],
    });
  });

  it('changes a price from the new date on', () => {
    expect(summary([listedRow()], [cheaper(october)]).changes).toEqual([['changed', '', october]]);
  });

  it('takes a change that is dated before what it contradicts from when it was seen', () => {
    const book = [listedRow({ from: october })];
    expect(summary(book, [cheaper(Date.UTC(2026, 2, 1))]).changes).toEqual([['changed', '', seen]]);
    expect(summary(book, [cheaper(october)]).changes).toEqual([['changed', '', seen]]);
  });

  it('takes an announced price with its day, beside the one that holds', () => {
    const listed = [listedRow(), cheaper(december)];
    expect(summary([listedRow()], listed).changes).toEqual([['changed', '', december]]);
    expect(summary([], listed).changes).toEqual([
      ['added', '', listedRow().from],
      ['changed', '', december],
    ]);
  });

  it('replaces an announced price that is withdrawn before it held', () => {
    const book = [listedRow({ to: december }), cheaper(december)];
    expect(summary(book, [listedRow()]).changes).toEqual([['changed', '', december]]);
  });

  it('ends a price that is gone, and only after a person said so', () => {
    expect(summary([listedRow()], []).changes).toEqual([['ended', 'vanished', seen]]);
  });

  it.each<readonly [string, Partial<Price>]>([
    ['of a region that was not asked for', { region: 'swedencentral' }],
    ['of another source', { source: 'genai_prices' }],
    ['that ended before', { to: october }],
  ])('leaves a price %s alone', (_, more) => {
    expect(summary([listedRow(more)], []).changes).toEqual([]);
  });

  it('lists a price again that was gone, from where it ended', () => {
    const gone = listedRow({ to: october });
    expect(summary([gone], [listedRow()]).changes).toEqual([['added', '', october]]);
  });
});

describe('the guard', () => {
  it.each([
    ['up by exactly the share', 3_250_000_000n, ''],
    ['up by a nano-dollar more', 3_250_000_001n, 'moved'],
    ['down by exactly the share', 1_750_000_000n, ''],
    ['down by a nano-dollar more', 1_749_999_999n, 'moved'],
  ])('%s', (_, nanoUsd, waitsFor) => {
    const { changes } = summary([listedRow()], [listedRow({ nanoUsd, from: october })]);
    expect(changes).toEqual([['changed', waitsFor, october]]);
  });

  it('is as wide as it is configured', () => {
    const change = [listedRow({ nanoUsd: 3_000_000_000n, from: october })];
    expect(summary([listedRow()], change, 0.1).changes[0]?.[1]).toBe('moved');
    expect(summary([listedRow()], change, 5).changes[0]?.[1]).toBe('');
  });

  it('says the new price over the old one', () => {
    const diff = diffPrices([listedRow()], listingOf([cheaper(october)]), 0.3);
    expect(diff.changes[0]?.ratio).toBe(0.8);
  });

  const elsewhere = (more: Partial<Price>) =>
    listedRow({ source: 'genai_prices', region: '', from: 0, reference: 'azure:gpt-5.4', ...more });

  it.each<readonly [string, Partial<Price>, string]>([
    ['another source far away disputes it', { nanoUsd: 5_000_000_000n }, 'disputed'],
    ['another source near it does not', { nanoUsd: 2_600_000_000n }, ''],
    ['of another routing neither', { nanoUsd: 5_000_000_000n, routing: 'data_zone' }, ''],
    ['nor of another item', { nanoUsd: 5_000_000_000n, item: 'output' }, ''],
    ["nor one that had ended by the price's day", { nanoUsd: 5_000_000_000n, to: 1 }, ''],
    ["nor the user's own file", { nanoUsd: 5_000_000_000n, source: 'file' }, ''],
  ])('%s', (_, more, waitsFor) => {
    const diff = diffPrices([elsewhere(more)], listingOf([listedRow()]), 0.3);
    expect(diff.changes.map((change) => change.waitsFor.join())).toEqual([waitsFor]);
    expect(diff.changes[0]?.disputedBy?.reference).toBe(
      waitsFor === '' ? undefined : 'azure:gpt-5.4',
    );
  });
});

describe('bands of one price', () => {
  const short = listedRow({ band: 'short', thresholdTokens: 272_000, from: october });
  const long = { ...short, band: 'long' as const, nanoUsd: 5_000_000_000n };

  it('take over from the price for any length, on one day', () => {
    expect(summary([listedRow()], [short, long]).changes).toEqual([
      ['changed', '', october],
      ['added', '', october],
    ]);
  });

  it('do so from when they were seen where they are dated before it', () => {
    const early = { from: 5 };
    const listed = [
      { ...short, ...early },
      { ...long, ...early },
    ];
    expect(summary([listedRow()], listed).changes.map(([, , at]) => at)).toEqual([seen, seen]);
  });

  it('wait for each other', () => {
    const dear = { ...short, nanoUsd: 9_000_000_000n };
    expect(summary([listedRow()], [dear, long]).changes.map(([, why]) => why)).toEqual([
      'moved',
      'moved',
    ]);
  });

  it('give way to a price for any length together', () => {
    const any = listedRow({ from: Date.UTC(2026, 9, 15) });
    expect(summary([short, long], [any]).changes).toEqual([
      ['changed', 'vanished', any.from],
      ['ended', 'vanished', any.from],
    ]);
  });

  it('change with their threshold', () => {
    const moved = { ...short, thresholdTokens: 200_000, from: december };
    expect(summary([short], [moved]).changes).toEqual([['changed', '', december]]);
  });

  it('hold until further notice once they begin', () => {
    const diff = diffPrices([listedRow()], listingOf([short, long]), 0.3);
    expect(diff.changes.map(({ after }) => after?.to)).toEqual([endOfTime, endOfTime]);
  });
});
