import type { Cloud } from '../core/cloud.ts';
import { priceSources } from '../core/price.ts';
import type { CacheTtl, ContextBand, PriceItem } from '../core/price.ts';
import type { Filters } from '../query/dimensions.ts';
import { priceScopeColumns, queryPrices } from '../query/prices.ts';
import type { PriceFilters } from '../query/prices.ts';
import * as z from 'zod';
import { patterns } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';

const clouds: readonly Cloud[] = ['aws', 'azure'];
const items: readonly PriceItem[] = ['input', 'cache_read', 'cache_write', 'output', 'unit_hour'];
const bands: readonly ContextBand[] = ['any', 'short', 'long'];
const ttls: readonly CacheTtl[] = ['', '5m', '30m', '1h'];

const everywhere = 'empty: everywhere';
const word = (description: string) => z.string().meta({ description });
const usd = (description: string) => z.number().nonnegative().nullable().meta({ description });
const moment = (description: string) => z.iso.datetime().nullable().meta({ description });

const row = z.object({
  model: word(`Canonical model, or the start of one and *; ${everywhere}`),
  cloud: word(`aws or azure; ${everywhere}`),
  region: word(`Region, or the start of one and *; ${everywhere}`),
  routing: word(`Where requests may be served; ${everywhere}`),
  tier: word(`The tier that served; ${everywhere}`),
  token_type: z.enum(items).meta({
    description: 'What it is of; unit_hour: one unit of provisioned capacity for an hour',
  }),
  context_band: z.enum(bands).meta({
    description: 'Of requests up to threshold_tokens of input (short), above (long), or of any',
  }),
  cache_ttl: z.enum(ttls).meta({
    description: 'How long a cache write is kept; empty where the price does not depend on it',
  }),
  usd_per_million: usd('For a million tokens; null of unit_hour'),
  source: z.enum(priceSources).meta({
    description: 'Where it is from, the layers of the book: a price of an earlier one wins',
  }),
  source_version: word("The package's or list's own version, or the file's checksum"),
  effective_from: moment('Holds from here on; null where the source does not date it'),
  effective_to: moment('Up to here, exclusive; null while it holds'),
  usd_per_unit_hour: usd('For one unit of capacity for an hour, used or not; null of tokens'),
  model_version: word(`Version of the model; ${everywhere}`),
  account: word(`AWS account or Azure subscription, or the start of one and *; ${everywhere}`),
  threshold_tokens: z.int().nullable().meta({
    description: 'Input tokens of one request, cached ones included, above which long holds',
  }),
});

export const pricesRoute = defineRoute({
  path: '/api/v1/prices',
  summary: 'The price book',
  description:
    'Every price with its source and the span in which it holds, history included. A filter by where a price holds ' +
    '(model, cloud, region …) lets through what may hold there: a price without a region holds in every one. ' +
    'Discounts are not prices and not in it.',
  scope: 'read',
  params: z.object({
    model: patterns('Model').optional(),
    model_version: patterns('Version of the model').optional(),
    cloud: patterns('Cloud', clouds).optional(),
    account: patterns('Account or subscription').optional(),
    region: patterns('Region').optional(),
    routing: patterns('Routing', ['in_region', 'geo', 'global', 'data_zone']).optional(),
    tier: patterns('Tier', ['standard', 'batch', 'flex', 'priority', 'provisioned']).optional(),
    token_type: patterns('What it is of', items).optional(),
    context_band: patterns('Band of the context', bands).optional(),
    cache_ttl: patterns('How long a cache write is kept', ttls.slice(1)).optional(),
    source: patterns('Source', priceSources).optional(),
  }),
  row,
  rowName: 'PriceRow',
  headers: {},
  async answer(given, access, { book, filePrices }) {
    const query = { filters: given, scope: seen(access.scope) };
    return { rows: await queryPrices(book, filePrices, query) };
  },
});

/**
 * What a token's match leaves of the book: the prices that may concern what its bearer sees. One that names what no price
 * tells shows none of them, for the file's prices are between the user and a vendor.
 */
function seen(scope: Filters): PriceFilters {
  const told: readonly string[] = priceScopeColumns;
  const untold = [...scope.keys()].filter((dimension) => !told.includes(dimension));
  if (untold.length > 0) {
    throw new ProblemError(
      'forbidden',
      `the token is limited by ${untold.join(', ')}, which no price tells; use a token limited by ` +
        `${priceScopeColumns.join(', ')}, or by nothing`,
    );
  }
  return Object.fromEntries(scope);
}
