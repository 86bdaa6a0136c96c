import type { InventorySpan } from '../core/inventory.ts';
import type { FacetKey, TrafficKey } from '../core/reading.ts';
import type { Amounts, Identity, Interpretation, LedgerSeries } from '../core/usage.ts';
import type { Tier } from '../core/dimension.ts';
import { cacheMetersOf, derive } from './derive.ts';
import { inputKind } from './contract.ts';
import type { Throughput } from './bedrock-model.ts';
import type { ContractSwitches } from './contract.ts';
import { identifyAzure, identifyBedrock, tierOfSku } from './identity.ts';
import type { AliasMap, AzureModelFacts, ModelIdentity } from './identity.ts';
import { trace } from './trace.ts';

/** Raise with every change of the identity rules: ledgers made before identify their traffic anew. */
const identityRules = 1;
/** Raise with every change of derive or contract: ledgers made before derive their usage anew. */
const contractRules = 1;

/** All of the normalizer's judgement as one value, for the ledger to call inside its transactions. */
export function createInterpretation(
  aliases: AliasMap,
  switches: ContractSwitches,
): Interpretation {
  const seen = new Map<string, ModelIdentity>();
  const sortedAliases = [...aliases].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    identityVersion: JSON.stringify([identityRules, sortedAliases]),
    contractVersion: JSON.stringify([contractRules, switches]),
    identify: (traffic, facet, inventory) => identify(aliases, traffic, facet, inventory, seen),
    derive: (series, grid, columnOf, familyOf) =>
      derive(switches, series, grid, columnOf, familyOf),
    trace: (series, valueOf, familyOf) => trace(switches, series, valueOf, familyOf),
    reports: (series, endpoint, family) => reports(switches, series, endpoint, family),
  };
}

/**
 * One identity for each span of the inventory that knows the traffic; one for all time where none does.
 * @param seen models by the words they have without an inventory, for most accounts use the same ones
 */
export function identify(
  aliases: AliasMap,
  traffic: TrafficKey,
  facet: FacetKey,
  inventory: readonly InventorySpan[],
  seen = new Map<string, ModelIdentity>(),
): readonly Identity[] {
  const always = { from: 0, to: Number.MAX_SAFE_INTEGER, assumed: false };
  const spans = inventory.length === 0 ? [{ ...always, item: undefined }] : spansOf(inventory);
  return spans.map(({ from, to, assumed, item }) => {
    const model = modelOf(aliases, traffic, facet, item, seen);
    const sku = item?.attributes['sku'];
    const skuTier = item?.kind === 'provisioned_throughput' ? 'provisioned' : tierOfWord(sku);
    return {
      from,
      to,
      assumed,
      model: model.model,
      modelVersion: model.modelVersion,
      vendorModel: model.vendorModel,
      family: model.family,
      routing: model.routing,
      confidence: model.confidence,
      deployment: nameOf(item) ?? traffic.deployment,
      tier: tierOf(facet.tier, skuTier),
      tags: item?.tags ?? {},
    };
  });
}

function tierOfWord(sku: string | undefined): Tier {
  return sku === undefined ? 'unknown' : tierOfSku(sku).tier;
}

/** What a person called it, where its meter says an id. */
function nameOf(item: InventorySpan | undefined): string | undefined {
  if (item?.kind === 'provisioned_throughput') return throughputOf(item).name;
  return item?.attributes['profile_name'];
}

function spansOf(inventory: readonly InventorySpan[]): readonly {
  readonly from: number;
  readonly to: number;
  readonly assumed: boolean;
  readonly item: InventorySpan;
}[] {
  return inventory
    .toSorted((a, b) => a.from - b.from)
    .map((item, index, all) => ({
      from: index === 0 ? 0 : item.from,
      to: all[index + 1]?.from ?? Number.MAX_SAFE_INTEGER,
      assumed: item.assumed,
      item,
    }));
}

/** A copy of a model may have a name of its own, which says nothing; the model below it always speaks. */
function throughputOf({ name, attributes }: InventorySpan): Throughput {
  return {
    name: attributes['throughput_name'] || name,
    modelArn: attributes['model_arn'] ?? '',
    foundationModelArn: attributes['foundation_model_arn'] ?? '',
  };
}

function modelOf(
  aliases: AliasMap,
  traffic: TrafficKey,
  facet: FacetKey,
  item: InventorySpan | undefined,
  seen: Map<string, ModelIdentity>,
): ModelIdentity {
  if (traffic.endpoint !== 'azure') {
    const { vendorModel: modelId, endpoint } = traffic;
    if (item?.kind === 'provisioned_throughput') {
      return identifyBedrock({ modelId, endpoint, throughput: throughputOf(item) }, aliases);
    }
    const arns = item?.attributes['model_arns'];
    if (item !== undefined && arns !== undefined) {
      const name = item.attributes['profile_name'] ?? item.name;
      const profile = { name, modelArns: arns.split(' ') };
      return identifyBedrock({ modelId, endpoint, profile }, aliases);
    }
    const known = seen.get(modelId) ?? identifyBedrock({ modelId, endpoint }, aliases);
    seen.set(modelId, known);
    return known;
  }
  if (item === undefined) {
    const words = ['azure', traffic.deployment, facet.modelName, facet.modelVersion].join('\n');
    const known = seen.get(words) ?? deployedModel(aliases, traffic, facet, {});
    seen.set(words, known);
    return known;
  }
  const { format = '', model: name = '', version = '', sku: skuName = '' } = item.attributes;
  return deployedModel(aliases, traffic, facet, { inventory: { format, name, version, skuName } });
}

function deployedModel(
  aliases: AliasMap,
  traffic: TrafficKey,
  facet: FacetKey,
  inventory: Pick<AzureModelFacts, 'inventory'>,
): ModelIdentity {
  return identifyAzure(
    {
      deployment: traffic.deployment,
      ...(facet.modelName === '' ? {} : { modelName: facet.modelName }),
      ...(facet.modelVersion === '' ? {} : { modelVersion: facet.modelVersion }),
      ...inventory,
    },
    aliases,
  );
}

/** Capacity that is paid by the hour serves in its own tier whatever the meter says of the request. */
function tierOf(metered: Tier | '', ofSku: Tier): Tier {
  if (ofSku === 'provisioned' || ofSku === 'batch') return ofSku;
  return metered === '' ? 'unknown' : metered;
}

/** Which amounts the traffic's meters tell at all. */
function reports(
  switches: ContractSwitches,
  series: readonly LedgerSeries[],
  endpoint: TrafficKey['endpoint'],
  family: string,
): ReadonlySet<keyof Amounts> {
  const told = new Set<keyof Amounts>();
  const has = (kind: 'tokens' | 'requests') => series.some((one) => one.measure.kind === kind);
  if (has('tokens')) {
    const cache = cacheMetersOf(series);
    const input = series.find(
      (one) => one.measure.kind === 'tokens' && one.measure.meter === 'input',
    );
    const kind = inputKind(switches, input?.contract, cache.read, family);
    told.add(kind === 'unsplit' ? 'unsplitInput' : 'input').add('output');
    if (cache.read) told.add('cacheRead');
    if (cache.write) told.add('cacheWrite');
  }
  if (has('requests')) {
    told.add('requests').add('errors');
    if (endpoint !== 'mantle') told.add('throttles');
  }
  return told;
}
