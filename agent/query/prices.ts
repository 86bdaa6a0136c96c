import type { PriceBookReader } from '../core/price-store.ts';
import { endOfTime, priceSources, startOfTime } from '../core/price.ts';
import type { CacheTtl, ContextBand, Price, PriceItem } from '../core/price.ts';
import { isoUtc } from '../core/time.ts';
import { usdOf } from './costs.ts';
import { matchesAny } from './dimensions.ts';
import { mostRows, TooManyRowsError } from './too-many-rows.ts';

/** One price of the book, with the span in which it holds. An empty word holds everywhere, one that ends in `*` for the rest. */
export interface PriceRow {
  readonly model: string;
  readonly cloud: string;
  readonly region: string;
  readonly routing: string;
  readonly tier: string;
  readonly token_type: PriceItem;
  readonly context_band: ContextBand;
  readonly cache_ttl: CacheTtl;
  /** Null of capacity, which is paid by the hour. */
  readonly usd_per_million: number | null;
  readonly source: string;
  readonly source_version: string;
  /** Null where the source does not date it. */
  readonly effective_from: string | null;
  /** Exclusive; null while it holds. */
  readonly effective_to: string | null;
  /** Of one unit of capacity, used or not; null of tokens. */
  readonly usd_per_unit_hour: number | null;
  readonly model_version: string;
  readonly account: string;
  /** Input tokens of one request above which `long` holds; null where the price does not depend on them. */
  readonly threshold_tokens: number | null;
}

/** Where a price holds: a filter by one of these lets through every price that may hold there. */
export const priceScopeColumns = [
  'model',
  'model_version',
  'cloud',
  'account',
  'region',
  'routing',
  'tier',
] as const;

/** What a price is of: a filter by one of these is for the very word. */
export const priceWordColumns = ['token_type', 'context_band', 'cache_ttl', 'source'] as const;

export type PriceColumn = (typeof priceScopeColumns | typeof priceWordColumns)[number];
/** A trailing `*` stands for any rest; without patterns a column lets everything through. */
export type PriceFilters = Readonly<Partial<Record<PriceColumn, readonly string[] | undefined>>>;

export interface PriceQuery {
  readonly filters: PriceFilters;
  /** What the asker may see at all: it must hold beside the filters. */
  readonly scope?: PriceFilters;
  readonly maxRows?: number;
}

/**
 * The prices of the ledger's book, those that hold no longer too, and those of the user's own file, which is not in it. Rows
 * that never held are left out. Throws a TooManyRowsError.
 */
export async function queryPrices(
  book: Pick<PriceBookReader, 'prices'>,
  filePrices: readonly Price[],
  { filters, scope = {}, maxRows = mostRows }: PriceQuery,
): Promise<readonly PriceRow[]> {
  const found = [...(await book.prices()), ...filePrices].filter(
    (price) => price.from < price.to && lets(price, filters) && lets(price, scope),
  );
  if (found.length > maxRows) {
    const [rows, most] = [found.length, maxRows].map((count) => count.toLocaleString('en-US'));
    throw new TooManyRowsError(
      `${rows} prices, the most is ${most}: filter by model, cloud, region or source`,
      found.length,
      maxRows,
    );
  }
  return found.toSorted(byPlace).map(rowOf);
}

function lets(price: Price, filters: PriceFilters): boolean {
  const row = rowOf(price);
  const fits = (column: PriceColumn, fitsOne: (pattern: string) => boolean) => {
    const patterns = filters[column] ?? [];
    return patterns.length === 0 || patterns.some(fitsOne);
  };
  return (
    priceScopeColumns.every((column) => fits(column, (one) => mayHold(row[column], one))) &&
    priceWordColumns.every((column) => fits(column, (one) => matchesAny(row[column], [one])))
  );
}

/** Whether there is a value for which both the price's word and the pattern hold. */
function mayHold(word: string, pattern: string): boolean {
  const [own, wanted] = [word.toLowerCase(), pattern.toLowerCase()] as const;
  if (own === '') return true;
  const [ownStart, wantedStart] = [own.replace(/\*$/, ''), wanted.replace(/\*$/, '')] as const;
  const isInOwn = own.endsWith('*') ? wantedStart.startsWith(ownStart) : wantedStart === own;
  const isInWanted = wanted.endsWith('*') && ownStart.startsWith(wantedStart);
  return isInOwn || isInWanted;
}

function rowOf(price: Price): PriceRow {
  const usd = usdOf(price.nanoUsd);
  const isHourly = price.item === 'unit_hour';
  return {
    model: price.model,
    cloud: price.cloud,
    region: price.region,
    routing: price.routing,
    tier: price.tier,
    token_type: price.item,
    context_band: price.band,
    cache_ttl: price.cacheTtl,
    usd_per_million: isHourly ? null : usd,
    source: price.source,
    source_version: price.sourceVersion,
    effective_from: price.from === startOfTime ? null : isoUtc(price.from),
    effective_to: price.to === endOfTime ? null : isoUtc(price.to),
    usd_per_unit_hour: isHourly ? usd : null,
    model_version: price.modelVersion,
    account: price.account,
    threshold_tokens: price.thresholdTokens,
  };
}

const itemOrder: readonly PriceItem[] = [
  'input',
  'cache_read',
  'cache_write',
  'output',
  'unit_hour',
];

/** By where they hold and what they are of, the higher layer first, oldest first. */
function byPlace(a: Price, b: Price): number {
  return (
    words(a.model, b.model) ||
    words(a.modelVersion, b.modelVersion) ||
    words(a.cloud, b.cloud) ||
    words(a.account, b.account) ||
    words(a.region, b.region) ||
    words(a.routing, b.routing) ||
    words(a.tier, b.tier) ||
    itemOrder.indexOf(a.item) - itemOrder.indexOf(b.item) ||
    words(b.band, a.band) ||
    words(a.cacheTtl, b.cacheTtl) ||
    priceSources.indexOf(a.source) - priceSources.indexOf(b.source) ||
    a.from - b.from ||
    words(a.reference, b.reference)
  );
}

function words(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
