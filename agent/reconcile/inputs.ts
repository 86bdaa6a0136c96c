import type { StoredBillLine } from '../core/bill-store.ts';
import type { Cloud } from '../core/cloud.ts';
import type { Routing, Tier } from '../core/dimension.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import type { RateCard } from '../core/rating.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Amounts, InputKind } from '../core/usage.ts';

/**
 * How an input meter is read, and how sure that is: the vendor documents it, the configuration says it in so many words, or
 * it is a default that nobody confirmed.
 */
export interface InputContract {
  readonly kind: InputKind;
  /** Whether what the cache meters count was taken out of the input meter. */
  readonly cachedTakenOut: boolean;
  readonly basis: 'documented' | 'confirmed' | 'assumed';
}

type Tokens = Pick<Amounts, 'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'unsplitInput'>;

/** What one traffic's meters say of one UTC day. */
export interface MeteredDay extends Tokens {
  readonly day: Instant;
  readonly cloud: Cloud;
  readonly account: string;
  readonly resource: string;
  readonly region: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly routing: Routing;
  readonly tier: Tier;
  readonly contract: InputContract;
  /** All of the day was read, after the last change that the cloud may make. */
  readonly whole: boolean;
  /** What its tokens cost on that day, the first card first; none: it was never rated. */
  readonly cards: readonly RateCard[];
  /** The most that its tokens can have cost, as the ledger holds it; null or absent: unknown, or some have no price. */
  readonly ratedHigh?: NanoUsd | null;
}

/** Days of one account, read or billed. */
interface AccountDays extends Window {
  readonly cloud: Cloud;
  readonly account: string;
}

export interface AccountBill extends AccountDays {
  /** Days that end at or before this are not expected to change. */
  readonly finalUntil: Instant;
}

/** From `from` on one unit of the currency is worth so many nano-dollars. */
export interface CurrencyWorth {
  readonly currency: string;
  readonly nanoUsd: NanoUsd;
  readonly from: Instant;
}

/** Everything the audit is made from. Data: the same input, the same findings. */
export interface ReconcileInput {
  readonly billed: readonly StoredBillLine[];
  readonly metered: readonly MeteredDay[];
  /** Which days of which account a bill was fetched of. */
  readonly bills: readonly AccountBill[];
  /** Which days of which account were read whole. An account that is not here is not collected at all. */
  readonly reads: readonly AccountDays[];
  /** To name the price that a billed amount would fit. */
  readonly prices: readonly Price[];
  readonly currencies: readonly CurrencyWorth[];
}
