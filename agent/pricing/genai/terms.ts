import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import { endOfTime, startOfTime } from '../../core/price.ts';
import type { CacheTtl, Price, TokenItem } from '../../core/price.ts';
import type { Instant } from '../../core/time.ts';
import { nanoOfDecimal } from './decimal.ts';

/** What an entry says that one item costs over a span, wherever it holds. */
export interface Term extends Pick<
  Price,
  'band' | 'thresholdTokens' | 'cacheTtl' | 'nanoUsd' | 'from' | 'to'
> {
  readonly item: TokenItem;
}

export type TermsFault =
  | 'mixed_modalities'
  | 'no_token_price'
  | 'several_thresholds'
  | 'time_of_day'
  | 'undated_change';

const priceKeys = [
  ['input_mtok', 'input', ''],
  ['cache_read_mtok', 'cache_read', ''],
  ['cache_write_mtok', 'cache_write', ''],
  ['cache_write_1h_mtok', 'cache_write', '1h'],
  ['output_mtok', 'output', ''],
] as const satisfies readonly (readonly [string, TokenItem, CacheTtl])[];

/** Tokens of another medium at a price of their own. The meters count all of a request's tokens in one number. */
const mediumKey = /^(?:input|output|cache)_(?:audio|image|video)_/;

/** An entry's prices as dated terms, or why it has none that hold for a count of tokens. */
export function termsOf(
  { prices }: Pick<ModelInfo, 'prices'>,
  shortestTtl: CacheTtl,
): readonly Term[] | TermsFault {
  const spans = Array.isArray(prices) ? spansOf(prices) : [spanOf(prices)];
  if (typeof spans === 'string') return spans;
  const keys = spans.flatMap((span) => Object.keys(span.prices));
  if (keys.some((key) => mediumKey.test(key))) return 'mixed_modalities';
  const terms: Term[] = [];
  for (const span of spans) {
    for (const [key, item, ttl] of priceKeys) {
      const price = span.prices[key];
      if (price === undefined) continue;
      const { from, to } = span;
      const cacheTtl = item === 'cache_write' && ttl === '' ? shortestTtl : ttl;
      const term = { item, cacheTtl, from, to };
      if (typeof price === 'number') {
        const nanoUsd = nanoOfDecimal(String(price));
        terms.push({ ...term, band: 'any', thresholdTokens: null, nanoUsd });
        continue;
      }
      const [tier, ...more] = price.tiers;
      if (tier === undefined || more.length > 0) return 'several_thresholds';
      // A tier holds for requests of more input tokens than its start; 271,999 therefore means from 272,000 on.
      const at = { ...term, thresholdTokens: tier.start };
      terms.push({ ...at, band: 'short', nanoUsd: nanoOfDecimal(String(price.base)) });
      terms.push({ ...at, band: 'long', nanoUsd: nanoOfDecimal(String(tier.price)) });
    }
  }
  return terms.length === 0 ? 'no_token_price' : terms;
}

interface PriceSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly prices: ModelPrice;
}

function spanOf(prices: ModelPrice): PriceSpan {
  return { from: startOfTime, to: endOfTime, prices };
}

/** The package takes the last price whose day has come. */
function spansOf(list: readonly ConditionalPrice[]): readonly PriceSpan[] | TermsFault {
  const dated: { readonly from: Instant; readonly prices: ModelPrice }[] = [];
  for (const { constraint, prices } of list) {
    if (constraint?.type === 'time_of_date') return 'time_of_day';
    const from = constraint === undefined ? startOfTime : Date.parse(constraint.start_date);
    if (Number.isNaN(from) || (dated.at(-1)?.from ?? -1) >= from) return 'undated_change';
    dated.push({ from, prices });
  }
  return dated.map((span, index) => ({ ...span, to: dated[index + 1]?.from ?? endOfTime }));
}
