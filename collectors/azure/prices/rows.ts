import * as z from 'zod';
import { scaled } from '../../../agent/core/decimal.ts';
import type { ListedPrice } from '../../../agent/core/listed-prices.ts';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Price } from '../../../agent/core/price.ts';
import type { CanonicalOf, PriceSkip, SkipReason } from '../../../agent/core/price-list.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { longContextThreshold, provisionedMeters, provisionedProducts } from './meter-models.ts';
import { readMeterName } from './meter-name.ts';

/** https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices#api-response-examples */
const itemShape = z.object({
  currencyCode: z.string(),
  tierMinimumUnits: z.number(),
  retailPrice: z.number(),
  armRegionName: z.string(),
  effectiveStartDate: z.string(),
  meterId: z.string().min(1),
  meterName: z.string().min(1),
  productName: z.string(),
  unitOfMeasure: z.string(),
  type: z.string(),
  isPrimaryMeterRegion: z.boolean().default(true),
});
type Item = z.output<typeof itemShape>;

/** Where items come from, and what their words mean. */
export interface ItemContext {
  /** As Azure writes it: `eastus`. */
  readonly region: string;
  readonly fetchedAt: Instant;
  readonly version: string;
  readonly canonicalOf: CanonicalOf;
}

export interface ItemPrices {
  readonly listed: readonly ListedPrice[];
  readonly skipped: readonly PriceSkip[];
}

/** Powers of ten from a price to nano-dollars for a million tokens, by the unit's exact words. */
const tokenPowers: ReadonlyMap<string, number> = new Map([
  ['1K', 12],
  ['1M', 9],
]);
const hourUnits: ReadonlySet<string> = new Set(['1/Hour', '1 Hour']);
const nanoPower = 9;

/** Every item as a price of the book, or as skipped with the reason. */
export function pricesOfItems(raw: readonly unknown[], context: ItemContext): ItemPrices {
  const listed: ListedPrice[] = [];
  const skipped: PriceSkip[] = [];
  const items: Item[] = [];
  for (const one of raw) {
    const { data } = itemShape.safeParse(one);
    if (data === undefined) skipped.push({ ...namedBy(one), reason: 'malformed' });
    else items.push(data);
  }
  for (const item of primaryOf(items)) {
    const price = priceOf(item, context);
    if (typeof price !== 'string') listed.push({ price, name: item.meterName });
    else skipped.push({ reference: item.meterId, name: item.meterName, reason: price });
  }
  return { listed, skipped };
}

/** Of items that are alike but for it, those of the primary meter region. */
function primaryOf(items: readonly Item[]): readonly Item[] {
  const keyOf = (item: Item): string =>
    JSON.stringify([
      item.productName,
      item.meterName,
      item.armRegionName,
      item.type,
      item.tierMinimumUnits,
      item.effectiveStartDate,
    ]);
  const primary = new Set(items.filter((item) => item.isPrimaryMeterRegion).map(keyOf));
  return items.filter((item) => item.isPrimaryMeterRegion || !primary.has(keyOf(item)));
}

/** What an item says of a price, the item's own date and place left out. */
type Said = Pick<
  Price,
  'model' | 'modelVersion' | 'routing' | 'tier' | 'item' | 'band' | 'thresholdTokens' | 'nanoUsd'
>;

function priceOf(item: Item, context: ItemContext): Price | SkipReason {
  const from = Date.parse(item.effectiveStartDate);
  if (Number.isNaN(from) || item.armRegionName !== context.region) return 'malformed';
  if (item.type !== 'Consumption') return 'not_on_demand';
  if (item.currencyCode !== 'USD') return 'no_amount';
  if (item.tierMinimumUnits > 0) return 'volume_tier';
  const said = capacityOf(item) ?? tokensOf(item, context.canonicalOf);
  if (typeof said === 'string') return said;
  return {
    cloud: 'azure',
    account: '',
    region: context.region,
    cacheTtl: '',
    ...said,
    from,
    to: endOfTime,
    source: 'azure_retail_prices',
    sourceVersion: context.version,
    reference: item.meterId,
    fetchedAt: context.fetchedAt,
  };
}

/** Undefined for what is no meter of provisioned capacity. */
function capacityOf(item: Item): Said | SkipReason | undefined {
  const routing = provisionedMeters.get(item.meterName);
  if (routing === undefined) return undefined;
  const model = provisionedProducts.get(item.productName);
  if (model === undefined) return 'unknown_model';
  if (!hourUnits.has(item.unitOfMeasure)) return 'unknown_unit';
  const nanoUsd = amountOf(item.retailPrice, nanoPower);
  if (typeof nanoUsd === 'string') return nanoUsd;
  return {
    model,
    modelVersion: '',
    routing,
    tier: 'provisioned',
    item: 'unit_hour',
    band: 'any',
    thresholdTokens: null,
    nanoUsd,
  };
}

function tokensOf(item: Item, canonicalOf: CanonicalOf): Said | SkipReason {
  const name = readMeterName(item.meterName, item.productName);
  if (typeof name === 'string') return name;
  const power = tokenPowers.get(item.unitOfMeasure);
  if (power === undefined) return 'unknown_unit';
  if (name.unit !== undefined && name.unit !== item.unitOfMeasure) return 'unit_disagrees';
  const nanoUsd = amountOf(item.retailPrice, power);
  if (typeof nanoUsd === 'string') return nanoUsd;
  const known = canonicalOf(name.model, name.version);
  if (known === undefined) return 'unknown_model';
  const isBanded = name.band !== 'any';
  if (isBanded && !known.model.startsWith('openai/')) return 'unknown_threshold';
  return {
    ...known,
    routing: name.routing,
    tier: name.tier,
    item: name.item,
    band: name.band,
    thresholdTokens: isBanded ? longContextThreshold : null,
    nanoUsd,
  };
}

/** The shortest decimal that reads back as a number is the one that was sent, up to fifteen digits. */
function amountOf(price: number, power: number): bigint | SkipReason {
  const nanoUsd = scaled(String(price), power);
  if (nanoUsd === undefined || nanoUsd < 0n) return 'no_amount';
  return nanoUsd === 0n ? 'zero' : nanoUsd;
}

const namesShape = z.object({ meterId: z.string().optional(), meterName: z.string().optional() });

function namedBy(raw: unknown): { readonly reference: string; readonly name: string } {
  const { meterId = '', meterName = '' } = namesShape.safeParse(raw).data ?? {};
  return { reference: meterId, name: meterName };
}
