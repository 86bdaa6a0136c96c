import type { Discount, Price } from '../core/price.ts';
import { endOfTime, startOfTime, tokenItems } from '../core/price.ts';
import type { PriceOrigin, RateCard, RateRange, RatingSubject } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc } from '../core/time.ts';
import type { Candidate, ExplainedItem, ExplainedOffer, Outcome } from '../pricing/explain.ts';
import { usdOf } from '../query/costs.ts';

/** What was found of one kind of traffic. */
export interface Explained {
  readonly subject: RatingSubject;
  readonly card: RateCard;
  readonly items: readonly ExplainedItem[];
}

export interface ShownPrices {
  /** As it was typed. */
  readonly word: string;
  readonly model: string;
  readonly at: Instant;
  readonly from: 'ledger' | 'asked';
  /** The most used traffic first; at least one. */
  readonly explained: readonly Explained[];
}

/** Every step for programs. */
export function showJson({ word, model, at, from, explained }: ShownPrices) {
  return {
    asked: word,
    model,
    at: isoUtc(at),
    traffic_from: from,
    traffic: explained.map(({ subject, card, items }) => ({
      ...subjectJson(subject),
      rates: cardJson(card),
      steps: items.map((item) => ({
        token_type: item.item,
        possible: item.offers.map(offerJson),
        priced: item.quote !== undefined,
      })),
    })),
  };
}

function subjectJson({ model: _model, modelVersion, ...rest }: RatingSubject) {
  return { ...rest, model_version: modelVersion };
}

/** In dollars for a million tokens. */
function cardJson(card: RateCard) {
  const rates = tokenItems.map((item) => {
    const [short, long] = [card.short[item], card.long?.[item]];
    return [
      item,
      short === undefined
        ? null
        : {
            ...rangeJson(short),
            ...(long === undefined ? {} : { long: rangeJson(long) }),
            reasons: card.reasons[item] ?? [],
          },
    ];
  });
  return {
    per_token: card.perToken,
    usd_per_million: card.perToken ? Object.fromEntries(rates) : null,
    threshold_tokens: card.thresholdTokens,
    unpriced: card.unpriced ?? null,
    origins: Object.fromEntries(
      Object.entries(card.origins).map(([item, origins]) => [item, origins.map(originJson)]),
    ),
  };
}

function rangeJson({ low, best, high }: RateRange) {
  return { low: usdOf(low), best: usdOf(best), high: usdOf(high) };
}

function originJson({ nanoUsd, from, factorPpm, ...rest }: PriceOrigin) {
  return { ...rest, usd: usdOf(nanoUsd), from: dateOf(from), factor: factorPpm / 1e6 };
}

function offerJson({ routing, tier, attempts, discount }: ExplainedOffer) {
  return {
    routing,
    tier,
    look_ups: attempts.map((attempt) => ({
      routing: attempt.routing,
      tier: attempt.tier,
      routing_factor: scaled(attempt.routingFactor),
      tier_factor: scaled(attempt.tierFactor),
      candidates: attempt.candidates.map(candidateJson),
    })),
    discount: discount === undefined ? null : discountJson(discount),
  };
}

function scaled(factor: { readonly low: number; readonly best: number; readonly high: number }) {
  return { low: factor.low / 1e6, best: factor.best / 1e6, high: factor.high / 1e6 };
}

function candidateJson({ price, outcome }: Candidate) {
  return { ...priceJson(price), outcome: outcomeJson(outcome) };
}

function outcomeJson(outcome: Outcome) {
  if (outcome.kind !== 'outranked') return outcome;
  const { winner, by } = outcome;
  return { kind: outcome.kind, by: by ?? null, winner: winner.reference };
}

function priceJson({ nanoUsd, from, to, fetchedAt, ...price }: Price) {
  return {
    ...price,
    usd: usdOf(nanoUsd),
    from: dateOf(from),
    to: dateOf(to),
    fetched_at: isoUtc(fetchedAt),
  };
}

function discountJson({ offPpm, from, to, ...discount }: Discount) {
  return { ...discount, off: offPpm / 1e6, from: dateOf(from), to: dateOf(to) };
}

function dateOf(instant: Instant): string | null {
  return instant === startOfTime || instant >= endOfTime ? null : isoUtc(instant);
}
