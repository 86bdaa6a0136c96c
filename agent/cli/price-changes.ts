import { createHash } from 'node:crypto';
import type { Calibration } from '../core/calibration.ts';
import { bandlessKey } from '../core/listed-prices.ts';
import type { PriceListing } from '../core/price-list.ts';
import type { CostChange, PriceBookReader, PriceBookWriter } from '../core/price-store.ts';
import type { Discount, Price } from '../core/price.ts';
import type { Rater } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import { diffPrices } from '../pricing/diff.ts';
import type { PriceChange, PriceDiff } from '../pricing/diff.ts';
import { createRater } from '../pricing/rater.ts';
import { editedRows, editOf, moneyEffect } from '../pricing/update.ts';
import type { MoneyEffect, PriceEdit } from '../pricing/update.ts';
import { grouped } from './grouped.ts';
import { addAmounts } from '../query/by-amount.ts';
import { subjectOf } from './price-usage.ts';
import type { IdentityUse } from './price-usage.ts';

/** What a list says that the book does not, and what would become of the book. */
export interface Proposal {
  readonly listing: PriceListing;
  readonly diff: PriceDiff;
  readonly edit: PriceEdit;
  /** The changes that the edit makes. */
  readonly taken: readonly PriceChange[];
}

export interface Proposals {
  readonly lists: readonly Proposal[];
  /** The book's rows before and after, the user's file aside. */
  readonly before: readonly Price[];
  readonly after: readonly Price[];
}

/**
 * @param rows of the ledger's book
 * @param isAccepted what a person asks for by name: then that alone is taken, whether it waits or not. Absent: what waits for
 *   nobody
 */
export function propose(
  rows: readonly Price[],
  listings: readonly PriceListing[],
  confirmAbove: number,
  isAccepted?: (change: PriceChange) => boolean,
): Proposals {
  let after = rows;
  const lists = listings.map((listing) => {
    const diff = diffPrices(after, listing, confirmAbove);
    const asked = isAccepted === undefined ? diff : withoutUnasked(diff, isAccepted);
    const edit = editOf(asked, isAccepted);
    after = editedRows(after, edit);
    const waiting = new Set(edit.waiting);
    return { listing, diff, edit, taken: asked.changes.filter((change) => !waiting.has(change)) };
  });
  return { lists, before: rows, after };
}

/** What waits stays, for the edit to leave it waiting; what waits for nobody goes unless it is asked for. */
function withoutUnasked(diff: PriceDiff, isAccepted: (change: PriceChange) => boolean): PriceDiff {
  const asked = new Set(diff.changes.filter(isAccepted).map(thingOf));
  const changes = diff.changes.filter(
    (change) => change.waitsFor.length > 0 || asked.has(thingOf(change)),
  );
  return { ...diff, changes };
}

function thingOf(change: PriceChange): string {
  return bandlessKey(priceOf(change));
}

/** The price that begins, or the one that ends. */
export function priceOf({ before, after }: PriceChange): Price {
  const price = after ?? before;
  if (price === undefined) throw new Error('a change has a price');
  return price;
}

/** Changes of one thing alike in all but their regions. */
export interface ChangeLine extends PriceChange {
  /** By which a person accepts all of them; another one as soon as any of them is another change. */
  readonly shortId: string;
  readonly regions: readonly string[];
  readonly changes: readonly PriceChange[];
}

/** By model, what it is of, and place. */
export function linesOf(changes: readonly PriceChange[]): readonly ChangeLine[] {
  const groups = grouped(changes, (change) => {
    const { item, model, modelVersion, cloud, account, routing, tier, band, cacheTtl } =
      priceOf(change);
    const scope = [model, modelVersion, cloud, account, routing, tier, item, cacheTtl, band];
    const { kind, before, after, at, waitsFor, disputedBy } = change;
    const amounts = [before, after, disputedBy].map((price) => String(price?.nanoUsd));
    return JSON.stringify([scope, kind, amounts, disputedBy?.source, at, waitsFor]);
  });
  return Array.from(groups, ([key, group]) => {
    const [first] = group;
    return {
      key,
      line: {
        ...first,
        shortId: shortIdOf(group.map(({ id }) => id).toSorted()),
        regions: [...new Set(group.map((change) => priceOf(change).region))].toSorted(),
        changes: group,
      },
    };
  })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ line }) => line);
}

/** Eight hexadecimal digits. */
export function shortIdOf(ids: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 8);
}

/** How many lines wait for a person. */
export function summariseWaiting(
  rows: readonly Price[],
  offers: readonly PriceListing[],
  confirmAbove: number,
): number {
  const { lists } = propose(rows, offers, confirmAbove);
  return lists.reduce((sum, { edit }) => sum + linesOf(edit.waiting).length, 0);
}

/** The user's own file, over whatever the ledger holds. */
export interface OwnPrices {
  readonly prices: readonly Price[];
  readonly discounts: readonly Discount[];
}

/**
 * Throws a PriceTieError where the rows contradict each other or the file.
 *
 * @param calibrations all that the ledger holds, where the ledger is to rate with it
 */
export function raterWith(
  rows: readonly Price[],
  own: OwnPrices,
  calibrations: readonly Calibration[],
): Rater {
  return createRater([...rows, ...own.prices], own.discounts, calibrations);
}

/** What recent use would cost by the book after, and costs by the book before, when all that is proposed holds. */
export function effectOf(
  { before, after, lists }: Proposals,
  own: OwnPrices,
  used: readonly IdentityUse[],
  now: Instant,
): readonly MoneyEffect[] {
  const begins = lists.flatMap(({ edit }) => [
    ...edit.begins.map(({ from }) => from),
    ...edit.ends.map(({ to }) => to),
  ]);
  const at = begins.reduce((latest, from) => Math.max(latest, from), now);
  const usage = used.map(({ identity, rows }) => ({
    subject: subjectOf(identity),
    amounts: addAmounts(rows),
  }));
  return moneyEffect(raterWith(before, own, []), raterWith(after, own, []), usage, at);
}

/** How many prices begin or end. */
export function countOf({ lists }: Proposals): number {
  return lists.reduce((sum, { taken }) => sum + taken.length, 0);
}

/** Puts what is proposed into the book, and rates with it. Throws a PriceTieError before anything is kept. */
export function take(
  ledger: PriceBookWriter,
  proposals: Proposals,
  own: OwnPrices,
  calibrations: readonly Calibration[],
  now: Instant,
): readonly CostChange[] {
  const rater = raterWith(proposals.after, own, calibrations);
  for (const { listing, edit } of proposals.lists) {
    const { source, version, fetchedAt } = listing;
    ledger.keepPrices(edit, { source, version, fetchedAt });
  }
  return ledger.rateWith(rater, now);
}

/** What the lists last said, those of one source where it is named. */
export async function keptOffers(
  book: Pick<PriceBookReader, 'offers'>,
  source?: PriceListing['source'],
): Promise<readonly PriceListing[]> {
  const offers = await book.offers();
  return source === undefined ? offers : offers.filter((one) => one.source === source);
}
