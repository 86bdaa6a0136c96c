import type { CostSums, IdentityRow } from './ledger-rows.ts';
import { divideHalfUp, ppmOfWhole } from './money.ts';
import type { NanoUsd } from './money.ts';
import type { Instant, Window } from './time.ts';

/**
 * Capacity of one deployment over a span in which nothing of it changed. The id is negative, so that no identity of usage
 * has it, and stands for what nobody used; model, routing and tags are those the inventory gives.
 */
export interface CapacityIdentity extends IdentityRow {
  readonly sku: string;
  readonly units: number;
}

export interface CapacityQuery {
  /** Of usage and of capacity. */
  readonly identityIds: readonly number[];
  /** In whole minutes. */
  readonly window: Window;
  /** As of an `AmountQuery`, a multiple of a minute. */
  readonly bucketMs: number;
}

/** What an identity bears of capacity in a bucket, at list price; of a capacity's own identity what stood idle. */
export interface CapacityCostRow extends CostSums {
  readonly identityId: number;
  readonly bucket: Instant;
}

/** A capacity as a whole in a bucket, used or not; cost null: no hour of it has a price. */
export interface CapacityUseRow extends CapacityCostRow {
  /** Units times milliseconds. */
  readonly unitMs: number;
  /** Of them, those of hours in which a meter tells the utilization, and those in use by it. */
  readonly meteredUnitMs: number;
  readonly usedUnitMs: number;
}

/**
 * List cost of provisioned capacity, by hour. Within an hour it is spread evenly over the minutes that were charged, so that
 * rows of any step add up to the same nano-dollar.
 */
export interface CapacityReader {
  /** Every capacity that was ever charged, by the span that was. */
  capacities(): Promise<readonly CapacityIdentity[]>;
  capacityCosts(query: CapacityQuery): Promise<readonly CapacityCostRow[]>;
  /** Of the capacities among the identities. */
  capacityUse(query: CapacityQuery): Promise<readonly CapacityUseRow[]>;
}

export interface CapacityWriter {
  /**
   * Charges what is provisioned up to now, used or not, as far as it is not charged yet. Nothing before prices are known.
   * Returns the hours that were written.
   */
  accrueCapacity(now: Instant): number;
}

/** Dollars for a million tokens that capacity came to; null where nothing was served. Rounded half up. */
export function effectivePerMillion(cost: NanoUsd, tokens: number): NanoUsd | null {
  return tokens === 0 ? null : divideHalfUp(cost * BigInt(ppmOfWhole), BigInt(tokens));
}
