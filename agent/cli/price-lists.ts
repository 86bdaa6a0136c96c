import type { Config } from '../config/schema.ts';
import type { Cloud } from '../core/cloud.ts';
import type { Target } from '../core/collector.ts';
import type { CanonicalOf } from '../core/price-list.ts';
import { identifyAzure, identifyBedrock } from '../normalize/identity.ts';
import { sourceName } from './price-words.ts';

/** The lists that can be fetched. */
export type ListedSource = 'aws_price_list' | 'azure_retail_prices';

export const listOf: Readonly<Record<Cloud, ListedSource>> = {
  aws: 'aws_price_list',
  azure: 'azure_retail_prices',
};

/** What a price list is made from. */
export interface ListSetting {
  readonly regions: readonly string[];
  readonly endpoint?: string;
}

export interface WantedList extends ListSetting {
  readonly name: ListedSource;
  readonly cloud: Cloud;
}

export interface WantedLists {
  readonly lists: readonly WantedList[];
  /** Why a cloud's list cannot be asked for, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * The list of every cloud that has a source, or of the one that is asked for: for the regions in which anything is read,
 * else those that the sources name. Where all sources of a cloud name an endpoint, its list is asked for there too.
 */
export function wantedLists(
  { sources }: Pick<Config, 'sources'>,
  targets: readonly Pick<Target, 'cloud' | 'region'>[],
  only?: Cloud,
): WantedLists {
  const lists: WantedList[] = [];
  const problems: string[] = [];
  for (const cloud of only === undefined ? (['aws', 'azure'] as const) : [only]) {
    const own = sources.filter(({ type }) => type === cloud);
    if (own.length === 0 && only === undefined) continue;
    const read = targets.filter((target) => target.cloud === cloud).map(({ region }) => region);
    const named = own.flatMap((source) =>
      source.type === 'aws' && source.regions !== 'auto' ? source.regions : [],
    );
    const found = read.length > 0 ? read : named;
    const regions = [...new Set(found)].filter((region) => region !== '').toSorted();
    const name = listOf[cloud];
    if (regions.length === 0) {
      problems.push(
        `${sourceName(name)}: nothing is known of the regions to ask for; a source of type ${cloud} tells them once \`crossbill run\` has listed it`,
      );
      continue;
    }
    const endpoints = own.map(({ endpoint }) => endpoint);
    const [endpoint] = endpoints.includes(undefined) ? [] : endpoints;
    lists.push({ name, cloud, regions, ...(endpoint === undefined ? {} : { endpoint }) });
  }
  return { lists, problems };
}

/** Who a list's words for a model are, by the rules that name the ledger's traffic; aliases are the user's, not the vendor's. */
export const canonicalNames: Readonly<Record<ListedSource, CanonicalOf>> = {
  aws_price_list: (modelId) =>
    knownOf(identifyBedrock({ modelId, endpoint: 'runtime' }, new Map())),
  azure_retail_prices: (modelName, modelVersion) =>
    knownOf(identifyAzure({ deployment: '', modelName, modelVersion }, new Map())),
};

function knownOf({ model, modelVersion, confidence }: ReturnType<typeof identifyBedrock>) {
  return confidence === 'none' ? undefined : { model, modelVersion };
}
