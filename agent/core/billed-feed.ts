import type { RecordType } from './bill.ts';
import type { Cloud } from './cloud.ts';
import type { Routing, Tier } from './dimension.ts';
import type { PriceItem } from './price.ts';
import type { Window } from './time.ts';

/** What billed dollars are told by: the lines of a day that agree in all of it are one amount. */
export interface BilledSeries {
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  /** In the vendor's words: `Amazon Bedrock`. */
  readonly service: string;
  readonly recordType: RecordType;
  /** Empty, as are those below, where the meter is none of a model or its name does not say. */
  readonly model: string;
  readonly modelVersion: string;
  readonly item: PriceItem | '';
  readonly routing: Routing | '';
  readonly tier: Tier | '';
}

/** What is billed of one series on one UTC day. */
export interface BilledPoint extends Window {
  /** Stable over restarts; the same for every feed. */
  readonly seriesId: number;
  readonly series: BilledSeries;
  /** US dollars, exact decimal text; negative of credits. Zero also says: what was told of it is on no bill any more. */
  readonly cost: string;
}

/** Billed days that are told together, oldest first. */
export interface BilledPage {
  readonly points: readonly BilledPoint[];
}

/**
 * Tells what each day of the bill costs, and a day's amount again where a later bill changes it. What was told is kept by
 * feed, day and series, so that whatever is down meanwhile, what is told next is what differs; and what was on a page that
 * was not done is told again, for it may have arrived or not.
 */
export interface BilledFeed {
  /**
   * The next page of at most `limit` points, of days whose bill was fetched after they were over; undefined: the other side
   * has the bill as it is. Asked again before it is done, it tells the same, or what the bill says by then.
   */
  next(limit: number): Promise<BilledPage | undefined>;
  /** The other side has it: one transaction. Doing a page twice changes nothing. */
  done(page: BilledPage): void;
  /** Currencies of lines that it passed over because they are no dollars. */
  otherCurrencies(): readonly string[];
}
