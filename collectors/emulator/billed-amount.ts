import type { TokenItem } from '../../agent/core/price.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Lane, Request } from './lane.ts';

/**
 * What one item of a lane's tier is charged for one UTC day, before a price is put to it. A cloud that has no price for
 * an item of a lane charges it with the input (`foldedInto`).
 */
export interface BilledAmount {
  readonly lane: Lane;
  readonly day: Instant;
  readonly tier: Request['tier'];
  readonly item: TokenItem;
  readonly record: 'usage' | 'credit' | 'refund';
  /** Tokens that are charged. Credits and refunds repeat those of the usage they are given for. */
  readonly tokens: number;
  /** Millionths of the list price that are charged; negative of credits and refunds. */
  readonly ratePpm: number;
}
