import type { Price, PriceSource } from './price.ts';
import type { Instant } from './time.ts';

/** Why a row of a vendor's list is not in the book. */
export type SkipReason =
  /** Images, storage, hosting, throughput: nothing the ledger counts in tokens or capacity units. */
  | 'not_tokens'
  /** Audio, images and video by the token: the meters do not tell them apart from text. */
  | 'other_modality'
  /** Of customised copies, training, reservations and the like: not what on-demand traffic pays. */
  | 'not_on_demand'
  /** A tier that no meter tells, such as latency-optimized. */
  | 'unmetered_tier'
  | 'unknown_unit'
  /** The unit says one thing, the row's own name or description another. */
  | 'unit_disagrees'
  /** A usage type or meter name outside the catalog. */
  | 'unknown_name'
  | 'unknown_model'
  /** A long-context price of a model whose threshold nobody states. */
  | 'unknown_threshold'
  /** A price only beyond some amount of use. */
  | 'volume_tier'
  /** Zero: nobody can say whether it is free or not yet priced. */
  | 'zero'
  /** No exact number of nano-dollars, negative, or not in US dollars. */
  | 'no_amount'
  /** Two rows for one thing at two prices. */
  | 'conflict'
  /** Fields missing or of the wrong type. */
  | 'malformed'
  /** The vendor has no such list, for a region perhaps. */
  | 'no_list';

/** A row of the list that was not taken. */
export interface PriceSkip {
  /** As `Price.reference`: a rate code, a meter id. */
  readonly reference: string;
  /** What the list calls it: a usage type, a meter name. */
  readonly name: string;
  readonly reason: SkipReason;
}

/** A vendor's whole list for some regions, at one moment. */
export interface PriceListing {
  readonly source: PriceSource;
  /** Looked at in full: a price of one of these that is not listed is gone, one of another region is merely not looked at. */
  readonly regions: readonly string[];
  /** One row for each thing and date; every one holds until the next of the same thing, the last until further notice. */
  readonly prices: readonly Price[];
  readonly skipped: readonly PriceSkip[];
  /** The newest version among its parts. */
  readonly version: string;
  readonly fetchedAt: Instant;
  /** HTTP requests made. */
  readonly requests: number;
}

/** A vendor's published prices. */
export interface PriceList {
  readonly name: PriceSource;
  /** The whole list or a throw, never part of it. Throws ExternalError; is not retried here. */
  fetch(signal: AbortSignal): Promise<PriceListing>;
}

/** The canonical model that a vendor's word means, and its version ('' for any); undefined where nobody knows. */
export type CanonicalOf = (
  vendorModel: string,
  version: string,
) => { readonly model: string; readonly modelVersion: string } | undefined;
