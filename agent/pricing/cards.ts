import { endOfTime, startOfTime, tokenItems } from '../core/price.ts';
import type { TokenItem } from '../core/price.ts';
import type {
  CardSpan,
  PriceOrigin,
  RateCard,
  RateRange,
  RatingSubject,
  UnpricedReason,
} from '../core/rating.ts';
import type { BoundReason } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import type { PriceBook } from './book.ts';
import type { Concern } from './concern.ts';
import { fingerprint } from './fingerprint.ts';
import { quoteOf } from './quote.ts';
import type { Quote } from './quote.ts';
import { mayHold } from './scope.ts';

/**
 * What the subject's tokens cost over all time: cut wherever a price or discount that may concern it begins or ends, spans
 * with one card joined.
 */
export function cardSpansOf(
  { book, isNamed }: Concern,
  subject: RatingSubject,
): readonly CardSpan[] {
  const cuts = cutsOf(book, subject);
  const drafts = cuts.map((from) => draftOf(book, subject, from));
  const firstPriced = drafts.findIndex(({ isPriced }) => isPriced);
  const spans: CardSpan[] = [];
  for (const [index, draft] of drafts.entries()) {
    const isBefore = index < firstPriced;
    const reason = isBefore ? 'before_first_price' : reasonOf(draft, isNamed);
    const card = cardOf(draft, reason);
    const from = cuts[index] ?? startOfTime;
    const to = cuts[index + 1] ?? endOfTime;
    const last = spans.at(-1);
    if (last?.card.key === card.key) spans[spans.length - 1] = { from: last.from, to, card };
    else spans.push({ from, to, card });
  }
  return spans;
}

/** Times at which something may change, the start of time first. */
export function cutsOf(book: PriceBook, subject: RatingSubject): readonly Instant[] {
  const entries = [...book.pricesOf(subject.model), ...book.discountsOf(subject.model)];
  const concerning = entries.filter((entry) => mayHold(entry, subject));
  const times = concerning.flatMap(({ from, to }) => [from, to]);
  const within = times.filter((at) => at > startOfTime && at < endOfTime);
  return [startOfTime, ...new Set(within.toSorted((a, b) => a - b))];
}

type Quotes = Readonly<Partial<Record<TokenItem | 'unit_hour', Quote>>>;

interface Draft {
  readonly quotes: Quotes;
  readonly perToken: boolean;
  readonly isPriced: boolean;
  readonly isWhole: boolean;
}

function draftOf(book: PriceBook, subject: RatingSubject, at: Instant): Draft {
  const perToken = subject.tier !== 'provisioned';
  const quotes = perToken ? tokenQuotes(book, subject, at) : unitQuote(book, subject, at);
  const priced = Object.keys(quotes).length;
  return {
    quotes,
    perToken,
    isPriced: priced > 0,
    isWhole: priced === (perToken ? tokenItems.length : 1),
  };
}

/** Capacity pays for its tokens where it is charged, which is where the inventory knows it; else nothing does. */
function unitQuote(book: PriceBook, subject: RatingSubject, at: Instant): Quotes {
  if (subject.unlisted === true) return {};
  const quote = quoteOf(book, 'unit_hour', subject, at);
  return quote === undefined ? {} : { unit_hour: quote };
}

/**
 * Families whose cache writes cost what input costs unless the book names a price: OpenAI's models before 5.6 cache by
 * themselves and charge nothing for it beside the input, and Amazon's list has no line for Nova's. Others charge more for a
 * write than for input, so theirs stay unpriced without a price; nobody's are free.
 * https://developers.openai.com/api/docs/guides/prompt-caching
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
const writesAtInputPrice: ReadonlySet<string> = new Set(['openai', 'amazon-nova']);

function tokenQuotes(book: PriceBook, subject: RatingSubject, at: Instant): Quotes {
  const quotes: Partial<Record<TokenItem, Quote>> = {};
  for (const item of tokenItems) {
    const quote = quoteOf(book, item, subject, at);
    if (quote !== undefined) quotes[item] = quote;
  }
  const { input } = quotes;
  if (input !== undefined && writesAtInputPrice.has(subject.family)) quotes.cache_write ??= input;
  return quotes;
}

function reasonOf({ isPriced, isWhole }: Draft, isNamed: boolean): UnpricedReason | undefined {
  if (isWhole) return undefined;
  if (isPriced) return 'no_item_price';
  return isNamed ? 'no_price' : 'unknown_model';
}

function cardOf(draft: Draft, unpriced: UnpricedReason | undefined): RateCard {
  const short: Partial<Record<TokenItem, RateRange>> = {};
  const long: Partial<Record<TokenItem, RateRange>> = {};
  const reasons: Partial<Record<TokenItem, readonly BoundReason[]>> = {};
  const origins: Partial<Record<TokenItem | 'unit_hour', readonly PriceOrigin[]>> = {};
  const thresholds: number[] = [];
  if (draft.quotes.unit_hour !== undefined) origins.unit_hour = draft.quotes.unit_hour.origins;
  for (const item of tokenItems) {
    const quote = draft.quotes[item];
    if (quote === undefined) continue;
    short[item] = quote.short;
    long[item] = quote.long;
    origins[item] = quote.origins;
    if (quote.reasons.length > 0) reasons[item] = quote.reasons;
    if (quote.thresholdTokens !== null) thresholds.push(quote.thresholdTokens);
  }
  const isBanded = thresholds.length > 0;
  const rates = {
    short,
    ...(isBanded ? { long } : {}),
    thresholdTokens: isBanded ? Math.min(...thresholds) : null,
    reasons,
    perToken: draft.perToken,
    ...(unpriced === undefined ? {} : { unpriced }),
  };
  return {
    key: fingerprint([rates, origins]),
    rateKey: fingerprint(rates),
    ...rates,
    origins,
  };
}
