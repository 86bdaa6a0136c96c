import type { Routing } from '../../../agent/core/dimension.ts';
import type { ListedPrice } from '../../../agent/core/listed-prices.ts';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import type { CanonicalOf, PriceSkip, SkipReason } from '../../../agent/core/price-list.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { bedrockIdOf, longContextThresholds } from './models.ts';
import type { Offer, OfferRow } from './offer.ts';
import { nanoPerMillion } from './units.ts';
import { parseUsageType } from './usage-type.ts';
import type { UsageType } from './usage-type.ts';

/** Where an offer file comes from, and what its words mean. */
export interface OfferContext {
  readonly serviceCode: string;
  readonly region: string;
  readonly fetchedAt: Instant;
  readonly canonicalOf: CanonicalOf;
}

export interface OfferPrices {
  readonly listed: readonly ListedPrice[];
  readonly skipped: readonly PriceSkip[];
}

/** Where the region's own rate holds: geographic profiles are billed at the rate of the region that was called. */
const regional: readonly Routing[] = ['in_region', 'geo'];
const edition = /\s*\(Amazon Bedrock Edition\)\s*$/;

/** Every row of a file as prices of the book, or as skipped with the reason. */
export function pricesOfOffer(offer: Offer, context: OfferContext): OfferPrices {
  const idsOfNames = idsByName(offer.rows);
  const listed: ListedPrice[] = [];
  const skipped: PriceSkip[] = [...offer.skipped];
  for (const row of offer.rows) {
    const name = row.attributes['usagetype'] ?? '';
    const prices = pricesOfRow(row, name, idsOfNames, offer.version, context);
    if (typeof prices === 'string') {
      skipped.push({ reference: row.rateCode, name, reason: prices });
    } else {
      listed.push(...prices.map((price) => ({ price, name })));
    }
  }
  return { listed: withDefaultTtl(listed), skipped };
}

function pricesOfRow(
  row: OfferRow,
  name: string,
  idsOfNames: ReadonlyMap<string, string>,
  version: string,
  { serviceCode, region, fetchedAt, canonicalOf }: OfferContext,
): readonly Price[] | SkipReason {
  const usage = parseUsageType(name);
  if (typeof usage === 'string') return usage;
  if (/customi[sz]ation|provisioned|reserved|training/i.test(row.attributes['feature'] ?? '')) {
    return 'not_on_demand';
  }
  if ((row.attributes['regionCode'] ?? region) !== region) return 'malformed';
  if (row.beginRange !== '0') return 'volume_tier';
  if (row.usd === undefined) return 'no_amount';
  const nanoUsd = nanoPerMillion(row.unit, row.description, row.usd);
  if (typeof nanoUsd === 'string') return nanoUsd;
  const id = idOf(row, usage, idsOfNames);
  const known = id === undefined ? undefined : canonicalOf(id, '');
  if (id === undefined || known === undefined) return 'unknown_model';
  const threshold = longContextThresholds.get(id.slice(0, id.indexOf('.'))) ?? null;
  if (usage.band === 'long' && threshold === null) return 'unknown_threshold';
  const routings: readonly Routing[] = usage.reach === 'global' ? ['global'] : regional;
  return routings.map((routing) => ({
    cloud: 'aws',
    ...known,
    account: '',
    region,
    routing,
    tier: usage.tier,
    item: usage.item,
    band: usage.band,
    thresholdTokens: usage.band === 'long' ? threshold : null,
    cacheTtl: usage.cacheTtl,
    nanoUsd,
    from: row.effective,
    to: endOfTime,
    source: 'aws_price_list',
    sourceVersion: `${serviceCode}/${version}`,
    reference: row.rateCode,
    fetchedAt,
  }));
}

/** By the id in the usage type, else by what the row's attributes call the model. */
function idOf(
  { attributes }: OfferRow,
  usage: UsageType,
  idsOfNames: ReadonlyMap<string, string>,
): string | undefined {
  const display = displayName(attributes);
  const words = [usage.model, display].filter((word) => word !== '');
  return words.map(bedrockIdOf).find((id) => id !== undefined) ?? idsOfNames.get(display);
}

/** The marketplace's rows name the model as their service; the others' service is Bedrock itself. */
function displayName(attributes: Readonly<Record<string, string>>): string {
  const { servicename = '', model = '', titanModel = '' } = attributes;
  return edition.test(servicename) ? servicename.replace(edition, '') : model || titanModel;
}

/** What the file calls by a display name in one row and by its id in another. A name with two ids stands for none. */
function idsByName(rows: readonly OfferRow[]): ReadonlyMap<string, string> {
  const ids = new Map<string, Set<string>>();
  for (const { attributes } of rows) {
    const usage = parseUsageType(attributes['usagetype'] ?? '');
    const display = displayName(attributes);
    if (typeof usage === 'string' || display === '' || usage.model === '') continue;
    if (bedrockIdOf(usage.model) !== usage.model) continue;
    ids.set(display, (ids.get(display) ?? new Set()).add(usage.model));
  }
  return new Map(
    [...ids].flatMap(([name, found]) =>
      found.size === 1 ? [...found].map((id) => [name, id]) : [],
    ),
  );
}

/**
 * A cache write without a time beside one of an hour is the default one, of five minutes.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
function withDefaultTtl(listed: readonly ListedPrice[]): readonly ListedPrice[] {
  const hourly = new Set(
    listed.filter(({ price }) => price.cacheTtl === '1h').map(({ price }) => scopeOf(price)),
  );
  return listed.map((one) => {
    const { price } = one;
    const isDefault = price.item === 'cache_write' && price.cacheTtl === '';
    return isDefault && hourly.has(scopeOf(price))
      ? { ...one, price: { ...price, cacheTtl: '5m' } }
      : one;
  });
}

function scopeOf({ model, modelVersion, region, routing, tier }: Price): string {
  return [model, modelVersion, region, routing, tier].join('|');
}
