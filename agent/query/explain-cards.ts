import { divideHalfUp, ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import { endOfTime, startOfTime, tokenItems } from '../core/price.ts';
import type { TokenItem } from '../core/price.ts';
import type { CardSpan, PriceOrigin, RateCard, RateRange } from '../core/rating.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { factorText, rateText } from './exact.ts';
import type { ExplainedCard, ExplainedPrice, ExplainedRate } from './explanation.ts';
import { unpricedSaid } from './explain-words.ts';

export function cardSaid(id: string, { from, to, card }: CardSpan): ExplainedCard {
  const rates = tokenItems.flatMap((item) => ratesSaid(card, item));
  const items = [...tokenItems, 'unit_hour'] as const;
  return {
    id,
    from: startSaid(from),
    to: endSaid(to),
    threshold_tokens: card.thresholdTokens,
    prices: items.flatMap((item) => pricesSaid(card, item, to)),
    rates,
    unpriced: card.unpriced === undefined ? null : unpricedSaid(card.unpriced),
  };
}

function startSaid(from: Instant): string | null {
  return from <= startOfTime ? null : isoUtc(from);
}

function endSaid(to: Instant): string | null {
  return to >= endOfTime ? null : isoUtc(to);
}

function ratesSaid(card: RateCard, item: TokenItem): readonly ExplainedRate[] {
  const short = card.short[item];
  if (short === undefined || !card.perToken) return [];
  const long = card.long?.[item];
  const origins = card.origins[item] ?? [];
  const said = (band: ExplainedRate['context_band'], range: RateRange): ExplainedRate => ({
    token_type: item,
    context_band: band,
    low_usd_per_million: rateText(range.low),
    usd_per_million: rateText(range.best),
    high_usd_per_million: rateText(range.high),
    text: derivationOf(origins, band, range.best)?.text ?? null,
  });
  return long === undefined ? [said('any', short)] : [said('short', short), said('long', long)];
}

/** The rows that give the best rate: a price and perhaps a discount. */
export interface Derivation {
  readonly rows: readonly PriceOrigin[];
  readonly text: string;
}

/** The first price of the band, times its factor and at most one discount, that gives the rate. */
export function derivationOf(
  origins: readonly PriceOrigin[],
  band: ExplainedRate['context_band'],
  best: NanoUsd,
): Derivation | undefined {
  const discounts = origins.filter(({ nanoUsd }) => nanoUsd === null);
  for (const price of origins) {
    if (price.nanoUsd === null || !isOfBand(price, band)) continue;
    for (const discount of [undefined, ...(price.source === 'file' ? [] : discounts)]) {
      const rows = discount === undefined ? [price] : [price, discount];
      const factors = rows.map(({ factorPpm }) => Math.round(factorPpm));
      const product = factors.reduce((all, ppm) => all * BigInt(ppm), price.nanoUsd);
      const whole = BigInt(ppmOfWhole) ** BigInt(factors.length);
      if (divideHalfUp(product, whole) !== best) continue;
      const told = factors.filter((ppm) => ppm !== ppmOfWhole).map(factorText);
      const equals = product % whole === 0n ? '=' : 'rounds to';
      const text = [rateText(price.nanoUsd), ...told].join(' x ');
      return { rows, text: told.length === 0 ? text : `${text} ${equals} ${rateText(best)}` };
    }
  }
  return undefined;
}

function isOfBand({ band }: PriceOrigin, wanted: ExplainedRate['context_band']): boolean {
  if (wanted === 'any') return band !== 'long';
  return band === wanted || band === 'any';
}

function pricesSaid(
  card: RateCard,
  item: TokenItem | 'unit_hour',
  to: Instant,
): readonly ExplainedPrice[] {
  const origins = card.origins[item] ?? [];
  const best = new Set<PriceOrigin>();
  if (item === 'unit_hour') {
    const [first] = origins;
    if (first !== undefined) best.add(first);
  } else {
    const short = card.short[item];
    const long = card.long?.[item];
    const band = card.long === undefined ? 'any' : 'short';
    const used = [
      short && derivationOf(origins, band, short.best),
      long && derivationOf(origins, 'long', long.best),
    ];
    for (const row of used.flatMap((one) => one?.rows ?? [])) best.add(row);
  }
  return origins.map((origin) => priceSaid(item, origin, best.has(origin), to));
}

function priceSaid(
  item: TokenItem | 'unit_hour',
  origin: PriceOrigin,
  best: boolean,
  to: Instant,
): ExplainedPrice {
  const { cloud, model, modelVersion, account, region, routing, tier } = origin;
  const scope = { cloud, model, model_version: modelVersion, account, region, routing, tier };
  return {
    token_type: item,
    best,
    source: origin.source,
    source_version: origin.sourceVersion,
    reference: origin.reference,
    effective_from: startSaid(origin.from),
    effective_to: endSaid(to),
    price_of: origin.item,
    context_band: origin.band,
    cache_ttl: origin.cacheTtl,
    scope: Object.fromEntries(Object.entries(scope).filter(([, word]) => word !== '')),
    usd: origin.nanoUsd === null ? null : rateText(origin.nanoUsd),
    per: item === 'unit_hour' ? 'unit_hour' : 'million_tokens',
    factor: factorText(origin.factorPpm),
  };
}
