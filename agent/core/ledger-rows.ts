import type { Cloud } from './cloud.ts';
import type { NanoUsd } from './money.ts';
import type { Endpoint } from './reading.ts';
import type { Instant, Window } from './time.ts';
import type { Amounts, Identity } from './usage.ts';

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

/** Who some usage is of, in the words by which it is filtered and grouped. */
export interface NamedTraffic extends Pick<
  Identity,
  'model' | 'modelVersion' | 'vendorModel' | 'deployment' | 'routing' | 'tier' | 'family' | 'tags'
> {
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly endpoint: Endpoint;
}

/** A facet of some traffic over the span in which its names stood for one thing. */
export interface IdentityRow extends Identity, NamedTraffic {
  readonly id: number;
  readonly trafficId: number;
  /** Amounts its meters tell; another one is null however well covered. Empty: it carries latency only, no usage. */
  readonly reports: ReadonlySet<keyof Amounts>;
}
