import type { ChargedAmount } from '../core/charge.ts';
import type { ExplainCost } from '../core/evidence.ts';
import { divideHalfUp, ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { TokenItem } from '../core/price.ts';
import type { CardSpan, RateCard, RateRange } from '../core/rating.ts';
import { ceilTo, minuteMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { derivationOf } from './explain-cards.ts';

/** Nano-dollars for a million tokens: between what it may lie, and what it is before any discount. */
export interface ChargeRate extends RateRange {
  readonly list: NanoUsd;
}

/** Absent: the amount has no price. */
export type ChargeRates = Readonly<Partial<Record<ChargedAmount, ChargeRate>>>;

/** So many tokens that no request is known to stay below a threshold: the widest range a card can give. */
const many = 1e12;
const allAmounts = {
  input: many,
  cacheRead: many,
  cacheWrite: many,
  output: many,
  unsplitInput: many,
  requests: null,
  errors: null,
  throttles: null,
};

/** A card's rates by amount. What is taken to hold is the same in both bands, so one rate does for all of a day's minutes. */
export function createChargeRates(explainCost: ExplainCost): (card: RateCard) => ChargeRates {
  const known = new WeakMap<RateCard, ChargeRates>();
  return (card) => {
    let rates = known.get(card);
    if (rates === undefined) {
      const { lines } = explainCost(card, allAmounts, { mostInputTokens: null });
      rates = Object.fromEntries(
        lines.flatMap(({ amount, item, rate }) =>
          rate === undefined ? [] : [[amount, { ...rate, list: listOf(card, item, rate.best) }]],
        ),
      );
      known.set(card, rates);
    }
    return rates;
  };
}

/** Of the price behind a rate; a price of the user's own file knows no other. */
function listOf(card: RateCard, item: TokenItem, best: NanoUsd): NanoUsd {
  if (!card.perToken) return best;
  const band = card.long === undefined ? 'any' : 'short';
  const [price] = derivationOf(card.origins[item] ?? [], band, best)?.rows ?? [];
  if (price === undefined || price.nanoUsd === null) return best;
  return divideHalfUp(price.nanoUsd * BigInt(Math.round(price.factorPpm)), BigInt(ppmOfWhole));
}

export function cardAt(spans: readonly CardSpan[], at: Instant): RateCard | undefined {
  return spans.findLast(({ from }) => from <= at)?.card;
}

/** Where another rate begins within a step, in whole minutes, for a minute is rated by the card that holds at its start. */
export function cutsWithin(
  spans: readonly CardSpan[],
  window: Window,
  stepMs: number,
): readonly Instant[] {
  return spans.flatMap(({ from, card }, place) => {
    const at = ceilTo(from, minuteMs);
    if (at <= window.start || at >= window.end || at % stepMs === 0) return [];
    return spans[place - 1]?.card.rateKey === card.rateKey ? [] : [at];
  });
}
