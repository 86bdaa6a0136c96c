import type { Discount, Price } from '../core/price.ts';
import type { BoundReason, RateCard, RateRange, RatingSubject } from '../core/rating.ts';
import type { OrderWord } from '../pricing/book.ts';
import type { Attempt, Candidate, ExplainedItem, ExplainedOffer } from '../pricing/explain.ts';
import { wordsOf } from '../pricing/scope.ts';
import type { ScopeField } from '../pricing/scope.ts';
import { plainText } from './format.ts';
import { grouped } from './grouped.ts';
import { wrapIndented } from './indented.ts';
import { bandWords, dayOf, exactUsd, itemName, sourceName } from './price-words.ts';
import type { Explained } from './prices-show-json.ts';

export interface ShowSetting {
  readonly width: number;
  /** Whether prices of other traffic are listed one by one, not only counted. */
  readonly all: boolean;
}

/** What an item costs, and every look-up that led there. */
export function itemText(
  { card, subject }: Explained,
  { item, offers, quote }: ExplainedItem,
  setting: ShowSetting,
): string {
  const lines = [`${itemName(item)} → ${answerWords(card, item, quote)}`];
  for (const offer of offers) {
    if (offers.length === 1) lines.push(...offerLines(offer, subject, setting));
    else lines.push(...possibleLines(offer, subject, setting));
  }
  return lines.map((line) => wrapIndented(plainText(line), setting.width)).join('\n');
}

function answerWords(
  card: RateCard,
  item: ExplainedItem['item'],
  quote: ExplainedItem['quote'],
): string {
  if (quote === undefined) {
    const isTaken = item === 'cache_write' && card.short.cache_write !== undefined;
    return isTaken ? 'no price of its own: writes cost what input costs' : 'no price';
  }
  const { short, long, thresholdTokens, reasons: whys } = quote;
  const over = thresholdTokens === null ? '' : bandWords('long', thresholdTokens).slice(2);
  const longer = over === '' ? '' : `; requests ${over} input tokens: ${rangeWords(long)}`;
  const why = whys.length === 0 ? '' : `: ${whys.map(reasonWords).join('; ')}`;
  return `${rangeWords(short)}${longer}${why}`;
}

/** What the traffic may have been, one of several. */
function possibleLines(
  offer: ExplainedOffer,
  subject: RatingSubject,
  setting: ShowSetting,
): readonly string[] {
  const head = `  had it been ${offer.routing}, ${offer.tier}:`;
  const isPriced = offer.attempts.some(({ variants }) => variants.length > 0);
  if (isPriced || setting.all) {
    return [head, ...offerLines(offer, subject, setting).map((line) => `  ${line}`)];
  }
  const asked = offer.attempts.map(({ routing, tier }) => `${routing}, ${tier}`);
  return [`${head} it has no price of its own and is left aside (asked for ${asked.join('; ')})`];
}

function offerLines(
  { attempts, discount }: ExplainedOffer,
  subject: RatingSubject,
  setting: ShowSetting,
): readonly string[] {
  const lines = attempts.flatMap((attempt, index) => {
    const asked = `  ${index === 0 ? 'asked for' : 'instead'} ${attempt.routing}, ${attempt.tier}${factorWords(attempt)}`;
    const found = candidateLines(attempt, subject, setting);
    const [only, ...more] = found;
    return attempt.variants.length === 0 && more.length === 0
      ? [`${asked}: ${only?.trim() ?? 'no source has a price of this for the model'}`]
      : [asked, ...found];
  });
  const isUsed = attempts.some(({ variants }) =>
    variants.some(({ short }) => short.source !== 'file'),
  );
  if (discount !== undefined && isUsed) lines.push(`  ${discountWords(discount)}`);
  return lines;
}

function factorWords({ routingFactor, tierFactor }: Attempt): string {
  const words = [routingFactor, tierFactor]
    .filter(({ low, best, high }) => low !== 1e6 || best !== 1e6 || high !== 1e6)
    .map(({ low, best, high }) => {
      const range = low === high ? '' : ` (${low / 1e6} to ${high / 1e6})`;
      return ` × ${best / 1e6}${range}`;
    });
  return words.join('');
}

/** What won first, then what fell out at the end, then what was never meant. */
const outcomeOrder = [
  'used',
  'outranked',
  'long_alone',
  'not_yet',
  'ended',
  'other_traffic',
] as const satisfies readonly Candidate['outcome']['kind'][];

function candidateLines(
  { candidates }: Attempt,
  subject: RatingSubject,
  { all }: ShowSetting,
): readonly string[] {
  const placed = candidates.toSorted(
    (a, b) =>
      outcomeOrder.indexOf(a.outcome.kind) - outcomeOrder.indexOf(b.outcome.kind) ||
      bandOrder.indexOf(a.price.band) - bandOrder.indexOf(b.price.band),
  );
  const near = placed.filter(({ outcome }) => all || outcome.kind !== 'other_traffic');
  const lines = near.map((candidate) => `    ${candidateWords(candidate, subject, all)}`);
  if (all) return lines;
  const others = grouped(
    placed.flatMap(({ price, outcome }) =>
      outcome.kind === 'other_traffic' ? [{ price, field: fieldOf(price, subject, outcome) }] : [],
    ),
    ({ field }) => field,
  );
  if (others.size === 0) return lines;
  const counts = Array.from(others, ([, group]) => {
    const values = [...new Set(group.map(({ price, field }) => price[field]))].toSorted();
    const named =
      values.length <= 3 ? values : [...values.slice(0, 2), `${values.length - 2} more`];
    return `${group.length} of another ${fieldWords[group[0].field]} (${named.join(', ')})`;
  });
  return [...lines, `    not for it: ${counts.join('; ')}`];
}

/** Of another cloud before all else: its regions and routings are other ones anyway. */
function fieldOf(
  { cloud }: Price,
  subject: RatingSubject,
  { field }: { readonly field: ScopeField },
): ScopeField {
  return cloud === '' || cloud === subject.cloud ? field : 'cloud';
}

const bandOrder = ['any', 'short', 'long'] as const satisfies readonly Price['band'][];

const fieldWords: Readonly<Record<ScopeField, string>> = {
  model: 'model',
  modelVersion: 'version',
  account: 'account',
  region: 'region',
  routing: 'routing',
  tier: 'tier',
  cloud: 'cloud',
};

function candidateWords(
  { price, outcome }: Candidate,
  subject: RatingSubject,
  all: boolean,
): string {
  const origin = originWords(price, subject);
  const amount = priceWords(price);
  const text = all ? `${amount}: ${origin}` : `${amount}: ${sourceName(price.source)}`;
  switch (outcome.kind) {
    case 'used':
      return `used: ${amount}: ${origin}`;
    case 'other_traffic':
      return `not for it: ${text}, of another ${fieldWords[fieldOf(price, subject, outcome)]}`;
    case 'not_yet':
      return `not yet: ${text}, begins ${dayOf(price.from)}`;
    case 'ended':
      return `ended: ${text}, held until ${dayOf(price.to)}`;
    case 'long_alone':
      return `left out: ${text}, nothing has a price for shorter requests beside it`;
    case 'outranked':
      return `below: ${text}, ${rankWords(outcome.by)} ${outcome.winner.reference}`;
    default:
      return outcome satisfies never;
  }
}

/** Before the reference of the price that won. */
function rankWords(by: OrderWord | undefined): string {
  if (by === undefined) return 'which says the same as';
  if (by === 'layer') return 'a source that stands below that of';
  if (by === 'from') return 'which begins earlier than';
  if (by === 'band') return 'which is for requests of any length, unlike';
  if (by === 'cacheTtl') return 'which is for any cache, unlike';
  return `which says less of the ${fieldWords[by]} than`;
}

function priceWords(price: Price): string {
  const kept = price.cacheTtl === '' ? '' : `, kept ${price.cacheTtl}`;
  return `${exactUsd(price.nanoUsd)}${kept}${bandWords(price.band, price.thresholdTokens)}`;
}

/** Where a price stands and what it is for, the model aside where it is the very one. */
function originWords(price: Price, { model }: RatingSubject): string {
  const { source, sourceVersion, reference, from } = price;
  const scope = price.model === model ? { ...price, model: '' } : price;
  const since = from === 0 ? '' : `, since ${dayOf(from)}`;
  return `${sourceName(source)} ${sourceVersion}, ${reference}, for ${wordsOf(scope)}${since}`;
}

function discountWords({ offPpm, reference }: Discount): string {
  return `less ${offPpm / 1e4} %: ${reference}`;
}

function rangeWords({ low, best, high }: RateRange): string {
  if (low === high) return exactUsd(best);
  return `${exactUsd(best)}, between ${exactUsd(low)} and ${exactUsd(high)}`;
}

const reasons: Readonly<Record<BoundReason, string>> = {
  unsplit_input: 'no meter tells cached input apart',
  long_context: 'long requests cost more',
  cache_ttl: 'no meter tells how long a cache write is kept',
  tier_unknown: 'no meter tells the tier',
  tier_price_unknown: 'the tier has no price of its own',
  routing_unknown: 'nothing tells the routing',
  routing_price_unknown: 'the routing has no price of its own',
};

function reasonWords(reason: BoundReason): string {
  return reasons[reason];
}
