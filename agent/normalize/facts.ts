import type { Labels, Target } from '../core/collector.ts';
import type { CatalogRow, Measure } from '../core/meter.ts';
import type { FacetKey, TrafficKey } from '../core/reading.ts';
import type { Tier } from '../core/dimension.ts';

/** What a series' vendor dimensions say, in our words. The only place that knows the vendors' names. */
export interface SeriesFacts {
  readonly traffic: TrafficKey;
  readonly facet: FacetKey;
  readonly measure: Measure;
}

/** `undefined` where a dimension that names the traffic is missing. */
export function factsOf(
  target: Target,
  row: CatalogRow,
  dimensions: Labels,
): SeriesFacts | undefined {
  if (row.namespace === 'AWS/Bedrock') {
    const vendorModel = dimensions['ModelId'];
    if (vendorModel === undefined) return undefined;
    return {
      traffic: trafficKey(target, 'runtime', vendorModel, ''),
      facet: facet(dimensions['ResolvedServiceTier']),
      measure: row.measure,
    };
  }
  if (row.namespace === 'AWS/BedrockMantle') {
    const vendorModel = dimensions['Model'];
    const deployment = dimensions['Project'];
    if (vendorModel === undefined || deployment === undefined) return undefined;
    return {
      traffic: trafficKey(target, 'mantle', vendorModel, deployment),
      facet: facet(undefined),
      measure: row.measure,
    };
  }
  const deployment = dimensions['ModelDeploymentName'];
  if (deployment === undefined) return undefined;
  return {
    traffic: trafficKey(target, 'azure', '', deployment),
    facet: facet(
      dimensions['ServiceTierResponse'],
      dimensions['ModelName'] ?? dimensions['FeatureName'],
      dimensions['ModelVersion'],
    ),
    measure: outcomeOf(row.measure, dimensions['StatusCode']),
  };
}

function trafficKey(
  { cloud, account, region, resource }: Target,
  endpoint: TrafficKey['endpoint'],
  vendorModel: string,
  deployment: string,
): TrafficKey {
  return { cloud, account, region, resource, endpoint, vendorModel, deployment };
}

function facet(tier: string | undefined, modelName?: string, modelVersion?: string): FacetKey {
  return {
    tier: tier === undefined ? '' : tierWord(tier),
    modelName: (modelName ?? '').toLowerCase(),
    modelVersion: modelVersion ?? '',
  };
}

/**
 * The tier that served, in our words; an answer we do not know is `unknown`, never a guess. An empty answer says
 * the same as no answer.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html
 */
export function tierWord(vendorTier: string): Tier | '' {
  switch (vendorTier.trim().toLowerCase()) {
    case '':
      return '';
    case 'default':
    case 'standard':
    case 'on-demand':
      return 'standard';
    case 'priority':
      return 'priority';
    case 'flex':
      return 'flex';
    case 'batch':
      return 'batch';
    case 'reserved':
    case 'provisioned':
      return 'provisioned';
    default:
      return 'unknown';
  }
}

/** Azure counts requests by HTTP status; one that says nothing of it counts as accepted. */
function outcomeOf(measure: Measure, statusCode: string | undefined): Measure {
  if (measure.kind !== 'requests' || measure.outcome !== 'by_status') return measure;
  const status = Number(statusCode ?? '200');
  if (status === 429) return { kind: 'requests', outcome: 'throttled' };
  if (status >= 500) return { kind: 'requests', outcome: 'server_error' };
  if (status >= 400) return { kind: 'requests', outcome: 'client_error' };
  return { kind: 'requests', outcome: 'accepted' };
}
