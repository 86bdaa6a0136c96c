import type { NanoUsd } from '../../agent/core/money.ts';
import type { Instant } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { cardAt } from './cards.ts';
import type { Cards } from './cards.ts';
import type { Db } from './database.ts';
import { largestAt } from './held.ts';
import type { HeldSums } from './held.ts';
import type { KnownIdentity } from './identities.ts';
import { mostInput } from './most-input.ts';
import type { Largest } from './most-input.ts';
import type { KnownTraffic } from './registry.ts';

/** As the usage tables keep money: whole nano-dollars, a bigint only where a number would lose some. */
export type CostValue = number | bigint | null;

/** In the order of the cost columns: cost, low, high, tokens without a price. All null: not rated. */
export type CostValues = readonly [CostValue, CostValue, CostValue, number | null];

const unrated: CostValues = [null, null, null, null];

export interface RatedPeriod {
  readonly start: Instant;
  readonly periodSeconds: number;
  readonly amounts: Amounts;
  /** Tokens of the busiest minute, where the period is longer: no request had more. */
  readonly peakTokens?: number | null;
  /** Readings of such periods that need not be read for it. */
  readonly held?: HeldSums;
}

/** What the amounts of one identity in one period cost by the card that holds then. */
export interface Rating {
  of(traffic: KnownTraffic, identity: KnownIdentity, period: RatedPeriod): CostValues;
}

export function openRating(db: Db, cards: Cards): Rating {
  const largest = db.prepare<[number, number, number], Largest>(
    'SELECT sum, max FROM reading WHERE series_id = ? AND period_seconds = ? AND minute = ?',
  );

  /** The most input tokens that a request of the period can have had; null where a meter does not tell its largest. */
  function mostInputOf({ series }: KnownTraffic, period: RatedPeriod): number | null {
    const { start, periodSeconds, peakTokens, held } = period;
    if (peakTokens !== undefined && peakTokens !== null) return peakTokens;
    return mostInput(series, (id) => {
      const own = held?.get(id);
      if (own?.columns !== undefined) return largestAt(own, start);
      return largest.get(id, periodSeconds, start / minuteMs);
    });
  }

  let askedTraffic: KnownTraffic | undefined;
  let askedPeriod: RatedPeriod | undefined;
  /** One for all periods, of the one that is being rated: most are rated without it, and there are many. */
  const evidence = {
    get mostInputTokens() {
      if (askedTraffic === undefined || askedPeriod === undefined) return null;
      return mostInputOf(askedTraffic, askedPeriod);
    },
  };

  return {
    of(traffic, identity, period) {
      const rater = cards.rater();
      if (rater === undefined) {
        cards.forget(identity.id);
        return unrated;
      }
      const card = cardAt(cards.of(traffic, identity), period.start);
      if (card === undefined) return unrated;
      askedTraffic = traffic;
      askedPeriod = period;
      const { cost, low, high, unpricedTokens } = rater.rate(card, period.amounts, evidence);
      const best = stored(cost);
      return [
        best,
        low === cost ? best : stored(low),
        high === cost ? best : stored(high),
        unpricedTokens,
      ];
    },
  };
}

function stored(cost: NanoUsd | null): CostValue {
  if (cost === null) return null;
  const number = Number(cost);
  return Number.isSafeInteger(number) ? number : cost;
}
