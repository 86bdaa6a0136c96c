import type { NanoUsd } from './money.ts';
import type { Instant, Window } from './time.ts';

/** A place in the ledger's revision log; grows with every commit that changed something. */
export type Sequence = number;

/** One span of one traffic whose usage changed. */
export interface Revision {
  readonly sequence: Sequence;
  readonly trafficId: number;
  readonly window: Window;
  readonly at: Instant;
}

export type Grain = 'minute' | 'hour' | 'day';

/** Exact money of what has a price; null where nothing has one. `costLow <= cost <= costHigh`. */
export interface CostSums {
  readonly cost: NanoUsd | null;
  readonly costLow: NanoUsd | null;
  readonly costHigh: NanoUsd | null;
  readonly unpricedTokens: number;
}
