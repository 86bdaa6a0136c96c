import type { MeterMeaning } from '../core/bill.ts';
import type { Cloud } from '../core/cloud.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { tolerance } from './tolerance.ts';

/** The prices of a model's item that may hold in a place and on a day. */
export interface FitQuery {
  readonly cloud: Cloud;
  readonly day: Instant;
  readonly region: string;
  readonly account: string;
  readonly meaning: Pick<MeterMeaning, 'model' | 'item' | 'routing' | 'tier'>;
  /** What was billed for a million tokens. */
  readonly nanoUsd: NanoUsd;
}

/**
 * The price that a billed amount would fit: of the same place before others, then of the same item, tier and routing.
 * Undefined: none.
 */
export function priceThatFits(prices: readonly Price[], query: FitQuery): Price | undefined {
  const { cloud, day, meaning, nanoUsd } = query;
  let best: Price | undefined;
  let bestPoints = -1;
  for (const price of prices) {
    if (price.item === 'unit_hour' || (price.cloud !== '' && price.cloud !== cloud)) continue;
    if (!holds(price.model, meaning.model) || price.from > day || price.to <= day) continue;
    if (!holds(price.account, query.account) && price.account !== '') continue;
    if (!isNear(nanoUsd, price.nanoUsd)) continue;
    const points =
      (price.region === '' || holds(price.region, query.region) ? 8 : 0) +
      (price.item === meaning.item ? 4 : 0) +
      (price.tier === meaning.tier ? 2 : 0) +
      (price.routing === meaning.routing ? 1 : 0);
    if (points > bestPoints) [best, bestPoints] = [price, points];
  }
  return best;
}

function isNear(a: NanoUsd, b: NanoUsd): boolean {
  const distance = a > b ? a - b : b - a;
  return distance * 1_000_000n <= (a > b ? a : b) * tolerance.ppm;
}

function holds(pattern: string, word: string): boolean {
  return pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : pattern === word;
}
