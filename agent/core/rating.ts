import type { LearntShares } from './calibration.ts';
import type { Cloud } from './cloud.ts';
import type { NanoUsd } from './money.ts';
import type { CacheTtl, ContextBand, PriceItem, PriceScope, TokenItem } from './price.ts';
import type { Instant, Window } from './time.ts';
import type { Amounts, Identity } from './usage.ts';

/** Why a cost is a range: what its price depends on and the meter does not show. */
export type BoundReason =
  | 'unsplit_input'
  | 'long_context'
  | 'cache_ttl'
  | 'tier_unknown'
  | 'tier_price_unknown'
  | 'routing_unknown'
  | 'routing_price_unknown';

/**
 * Why tokens have no price. `unknown_model`: the book names the model nowhere. `no_price`: it does, but for other traffic
 * or other times. `before_first_price`: it will, later. `no_item_price`: other items of the same traffic have one.
 */
export type UnpricedReason = 'unknown_model' | 'no_price' | 'no_item_price' | 'before_first_price';

/** Whose traffic is rated. */
export interface RatingSubject extends Pick<
  Identity,
  'model' | 'modelVersion' | 'routing' | 'tier' | 'family'
> {
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  /**
   * True of provisioned traffic whose capacity no inventory lists, so that no hour of it is charged and nothing says that its
   * tokens are paid for: Bedrock's reserved tier.
   */
  readonly unlisted?: boolean;
}

/** Nano-dollars for a million tokens: what is taken to hold, and between what it may lie. `low <= best <= high`. */
export interface RateRange {
  readonly low: NanoUsd;
  readonly best: NanoUsd;
  readonly high: NanoUsd;
}

/** What tokens of one subject cost over a span of time. Data: same prices, same card. */
export interface RateCard {
  /** Of everything the card says: two cards with one key rate alike and come from the same prices. */
  readonly key: string;
  /** Of what decides a cost alone: two cards with one rate key rate alike, wherever their prices come from. */
  readonly rateKey: string;
  /** Absent: that item has no price. */
  readonly short: Readonly<Partial<Record<TokenItem, RateRange>>>;
  /** Of requests whose input passes the threshold; absent where there is no such band. */
  readonly long?: Readonly<Partial<Record<TokenItem, RateRange>>>;
  readonly thresholdTokens: number | null;
  /** Why an item's own rate is a range; absent where it is none. */
  readonly reasons: Readonly<Partial<Record<TokenItem, readonly BoundReason[]>>>;
  /** False of provisioned capacity, whose tokens cost nothing by themselves. */
  readonly perToken: boolean;
  /**
   * Why the items that are absent have no price; absent where all four have one. Of provisioned capacity: why its hours
   * have none, and then its tokens count as unpriced, for nothing else says that they are paid for.
   */
  readonly unpriced?: UnpricedReason;
  /**
   * What bills taught of what the meters do not show: it moves what is taken to hold, between the same bounds. Absent where
   * nothing was learnt, or nothing of it concerns these rates. The rates above are without it.
   */
  readonly calibration?: CardCalibration;
  /** The prices and discounts used, those of the best rate first, by item. */
  readonly origins: Readonly<Partial<Record<TokenItem | 'unit_hour', readonly PriceOrigin[]>>>;
}

export interface CardCalibration extends LearntShares {
  /** The `rateKey` of the card without it. */
  readonly listRateKey: string;
}

/** A price as it stands in its source, or a discount. */
export interface PriceOrigin extends PriceScope {
  /** A `PriceSource`, or `discount`. */
  readonly source: string;
  readonly sourceVersion: string;
  readonly reference: string;
  readonly from: Instant;
  /** Not the item it is used for where cache writes cost what input costs; null of a discount. */
  readonly item: PriceItem | null;
  readonly band: ContextBand;
  readonly cacheTtl: CacheTtl;
  /** For a million tokens, or for a unit-hour, before any factor; null of a discount. */
  readonly nanoUsd: NanoUsd | null;
  /**
   * Millionths of it that the best rate takes. Not the whole where the price stands in for that of another tier or routing;
   * of a discount, what is left to pay. A rate is the price times all of them, rounded once, half up.
   */
  readonly factorPpm: number;
}

/** Over `[from, to)` the card holds. */
export interface CardSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly card: RateCard;
}

/** What is known of the requests behind a period's amounts. Read only where it decides: it may have to be looked for. */
export interface RatingEvidence {
  /** No request of the period had more input tokens, cached ones included; null where no meter tells. */
  readonly mostInputTokens: number | null;
}

/** Null where nothing of the row has a price: unpriced is not free. */
export interface Rated {
  readonly cost: NanoUsd | null;
  readonly low: NanoUsd | null;
  readonly high: NanoUsd | null;
  readonly unpricedTokens: number;
}

/** Provisioned capacity as the inventory knew it over `[from, to)`. */
export interface CapacitySpan {
  readonly deployment: string;
  readonly sku: string;
  /** PTUs or model units, a whole number. */
  readonly units: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** One deployment in one hour, used or not. */
export interface CapacityHour {
  readonly deployment: string;
  readonly sku: string;
  readonly start: Instant;
  /** Units times milliseconds, of the hour's part that is in the window. */
  readonly unitMs: number;
  /** List price; null where any part of the hour has no price. */
  readonly cost: RateRange | null;
}

/** Who used a capacity. */
export interface Consumer {
  readonly name: string;
  /** A whole number. */
  readonly tokens: number;
}

/** A part of a capacity's cost; `name` null is what stood idle. */
export interface CostShare {
  readonly name: string | null;
  readonly cost: NanoUsd;
}

/** The pure arithmetic of money that the ledger calls inside its transaction. Same arguments, same answer. */
export interface Rater {
  /** Changes when any price, discount or the arithmetic changes: the ledger then looks for cards that differ. */
  readonly version: string;
  /** Spans that together cover all time, oldest first. */
  cardsOf(subject: RatingSubject): readonly CardSpan[];
  rate(card: RateCard, amounts: Amounts, evidence: RatingEvidence): Rated;
  /** Capacity times hours times rate, used or not, oldest hour first; of a subject whose tier is provisioned. */
  capacityHoursOf(
    subject: RatingSubject,
    capacity: readonly CapacitySpan[],
    window: Window,
  ): readonly CapacityHour[];
  /** A capacity's cost over its users by tokens, what stood idle last; the lines add up to it. `utilization` is 0 to 1. */
  sharesOf(
    cost: NanoUsd,
    consumers: readonly Consumer[],
    utilization: number | null,
  ): readonly CostShare[];
}
