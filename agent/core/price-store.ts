import type { NanoUsd } from './money.ts';
import type { PriceListing } from './price-list.ts';
import type { Price, PriceSource } from './price.ts';
import type { CardSpan, Rater } from './rating.ts';
import type { Instant } from './time.ts';

/** Rows that end and rows that begin; nothing is taken out. */
export interface KeptEdit {
  readonly ends: readonly { readonly row: Price; readonly to: Instant }[];
  readonly begins: readonly Price[];
}

/** The edition of a source that the book holds: a package's version, a list's date. */
export interface PriceEdition {
  readonly source: PriceSource;
  readonly version: string;
  readonly fetchedAt: Instant;
}

export interface PriceBookReader {
  /** Every price of every edition, those that hold no longer too; the user's own file is not among them. */
  prices(): Promise<readonly Price[]>;
  editions(): Promise<readonly PriceEdition[]>;
  /** What a vendor's list last said, taken or not. */
  offers(): Promise<readonly PriceListing[]>;
  /** What the identity's tokens cost, and when; undefined where it was never rated. */
  cardsOf(identityId: number): Promise<readonly CardSpan[] | undefined>;
  /** The same object as long as all cards are. Absent, or undefined: they may be others at any time. */
  cardsMark?(): object | undefined;
}

/** By model, what rating anew did to the costs in the ledger. */
export interface CostChange {
  readonly model: string;
  /** Null: nothing of what was rated anew had a price. */
  readonly before: NanoUsd | null;
  readonly after: NanoUsd | null;
  /** Minutes and hours that were rated anew. */
  readonly rows: number;
}

export interface PriceBookWriter {
  keepPrices(edit: KeptEdit, edition: PriceEdition): void;
  keepOffer(listing: PriceListing): void;
  /**
   * Rates with these prices from now on, and anew what they change: every period whose rate is another. Doing it twice
   * changes nothing the second time.
   */
  rateWith(rater: Rater, at: Instant): readonly CostChange[];
}
