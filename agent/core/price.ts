import type { Cloud } from './cloud.ts';
import type { Routing, Tier } from './dimension.ts';
import type { NanoUsd } from './money.ts';
import type { Instant } from './time.ts';

/** What one price is for. `unit_hour`: one unit of provisioned capacity (a PTU, a model unit) for an hour, used or not. */
export type PriceItem = 'input' | 'cache_read' | 'cache_write' | 'output' | 'unit_hour';
export const tokenItems = ['input', 'cache_read', 'cache_write', 'output'] as const;
export type TokenItem = (typeof tokenItems)[number];

/** Some vendors charge a whole request more once its input passes a threshold: `short` up to it, `long` above it. */
export type ContextBand = 'any' | 'short' | 'long';

/** How long a cache write is kept; empty where the price does not depend on it. */
export type CacheTtl = '' | '5m' | '30m' | '1h';

/** Layers of the price book, highest first: a price of a higher layer wins wherever it holds. */
export const priceSources = [
  'file',
  'aws_price_list',
  'azure_retail_prices',
  'genai_prices',
] as const;
export type PriceSource = (typeof priceSources)[number];

/** Where a price holds. An empty word holds everywhere; `*` at the end of model, account or region stands for the rest. */
export interface PriceScope {
  readonly cloud: Cloud | '';
  /** Canonical: `openai/gpt-5.4`. */
  readonly model: string;
  readonly modelVersion: string;
  readonly account: string;
  readonly region: string;
  readonly routing: Routing | '';
  readonly tier: Tier | '';
}

/** One row of the price book. */
export interface Price extends PriceScope {
  readonly item: PriceItem;
  readonly band: ContextBand;
  /** Input tokens of one request, cached ones included, above which `long` holds; null where the band is `any`. */
  readonly thresholdTokens: number | null;
  readonly cacheTtl: CacheTtl;
  /** For a million tokens, or for a unit-hour. Never negative. */
  readonly nanoUsd: NanoUsd;
  /** Holds from here on; the dawn of time where the source does not date it. */
  readonly from: Instant;
  /** Up to here; `endOfTime` while it holds. */
  readonly to: Instant;
  readonly source: PriceSource;
  /** The package's or list's own version, or the file's checksum. */
  readonly sourceVersion: string;
  /** Where it stands there: a model id, a rate code, a meter id, `prices.yaml:12`. */
  readonly reference: string;
  readonly fetchedAt: Instant;
}

/** Something off the list: a negotiated percentage. Applies to every price of its scope that is not of the user's own file. */
export interface Discount extends PriceScope {
  /** Millionths of the price that are taken off: 150,000 is 15 %. */
  readonly offPpm: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly reference: string;
}

export const startOfTime: Instant = 0;
/** 9999-12-31T00:00:00Z */
export const endOfTime: Instant = 253_402_214_400_000;
