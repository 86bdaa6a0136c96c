import { settleListed } from '../../../agent/core/listed-prices.ts';
import type { ListedPrice } from '../../../agent/core/listed-prices.ts';
import type {
  CanonicalOf,
  PriceList,
  PriceListing,
  PriceSkip,
} from '../../../agent/core/price-list.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import type { Clock } from '../../../agent/core/time.ts';
import { listOrigin } from '../../../agent/core/web-answer.ts';
import { apiVersion, readPages, unread } from './pages.ts';
import type { PageReader } from './pages.ts';
import { pricesOfItems } from './rows.ts';

export interface AzurePriceListConfig {
  /** `eastus` …; none: nothing is asked. */
  readonly regions: readonly string[];
  /** Where the list is; https, or http on loopback. */
  readonly endpoint?: string;
  /** For one page; 60,000 unless given. */
  readonly timeoutMs?: number;
  /** Of one page, unpacked; 16 MiB unless given. */
  readonly maxBytes?: number;
}

export interface PriceListDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** Knows a model as Azure's deployments name it, and its version. */
  readonly canonicalOf: CanonicalOf;
}

/** Models moved to the first name; the second holds older meters, and many that are no models'. */
const services = ['Foundry Models', 'Cognitive Services'] as const;

const publicEndpoint = 'https://prices.azure.com';
const defaultMaxBytes = 16 * 1024 * 1024;

/**
 * The Azure Retail Prices API, without credentials: a few requests a region. It lists today's prices and those that are
 * announced. Throws an Error for an endpoint that is none.
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */
export function createAzurePriceList(
  config: AzurePriceListConfig,
  { clock, canonicalOf }: PriceListDeps,
): PriceList {
  const reader: PageReader = {
    origin: listOrigin(config.endpoint ?? publicEndpoint),
    timeoutMs: config.timeoutMs ?? minuteMs,
    maxBytes: config.maxBytes ?? defaultMaxBytes,
    now: () => clock.now(),
  };
  const regions = [...new Set(config.regions)];
  const wrong = regions.find((region) => !/^[a-z0-9]+$/.test(region));
  if (wrong !== undefined) throw new Error(`"${wrong}" is no Azure region; write eastus`);
  return {
    name: 'azure_retail_prices',
    fetch: (signal) => fetchAll(reader, regions, canonicalOf, signal),
  };
}

async function fetchAll(
  reader: PageReader,
  regions: readonly string[],
  canonicalOf: CanonicalOf,
  signal: AbortSignal,
): Promise<PriceListing> {
  const fetchedAt = reader.now();
  const byRegion = new Map<string, unknown[]>();
  let requests = 0;
  for (const region of regions) {
    const found: unknown[] = [];
    for (const service of services) {
      const pages = await readPages(reader, filterOf(service, region), signal);
      requests += pages.requests;
      found.push(...pages.items);
    }
    byRegion.set(region, found);
  }
  const version = versionOf([...byRegion.values()].flat());
  const listed: ListedPrice[] = [];
  const skipped: PriceSkip[] = [];
  for (const [region, items] of byRegion) {
    const found = pricesOfItems(items, { region, fetchedAt, version, canonicalOf });
    listed.push(...found.listed);
    skipped.push(...found.skipped);
    if (items.length > 0) continue;
    skipped.push({ reference: region, name: services.join(', '), reason: 'no_list' });
  }
  if (regions.length > 0 && listed.length === 0) {
    throw unread('retailprices:GET', 'not one price of a model in all regions');
  }
  const settled = settleListed(listed);
  return {
    source: 'azure_retail_prices',
    regions,
    prices: settled.prices,
    skipped: [...skipped, ...settled.skipped],
    version,
    fetchedAt,
    requests,
  };
}

function filterOf(service: string, region: string): string {
  return `serviceName eq '${service}' and armRegionName eq '${region}' and priceType eq 'Consumption'`;
}

/** The list has no version of its own: the day of its newest price stands for one. */
function versionOf(items: readonly unknown[]): string {
  const days = items.map((item) =>
    typeof item === 'object' && item !== null && 'effectiveStartDate' in item
      ? String(item.effectiveStartDate).slice(0, 10)
      : '',
  );
  return `${apiVersion}/${days.toSorted().at(-1) ?? ''}`;
}
