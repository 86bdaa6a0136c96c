import type { Routing, Tier } from '../core/dimension.ts';
import { parseBedrockId, regionOfArn } from './bedrock-id.ts';

/** Where a Bedrock id lets a request run, by its scope. */
export function routingOfScope(scope: string): Routing {
  if (scope === '') return 'in_region';
  return scope === 'global' ? 'global' : 'geo';
}

/**
 * Where an application inference profile lets a request run, by the ARNs it was copied from: ids with a scope say it
 * themselves; else an ARN without region beside others is a global copy, several regions are a geographic one.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileSummary.html
 */
export function routingOfArns(arns: readonly string[]): Routing {
  const scope = arns.map((arn) => parseBedrockId(arn)?.scope ?? '').find((word) => word !== '');
  if (scope !== undefined) return routingOfScope(scope);
  const regions = new Set(arns.map(regionOfArn).filter((region) => region !== undefined));
  if (regions.has('')) return regions.size > 1 ? 'global' : 'unknown';
  if (regions.size === 0) return 'unknown';
  return regions.size === 1 ? 'in_region' : 'geo';
}

const skuPattern = /^(global|datazone|)(standard|batch|provisioned(?:managed)?)$/;

/**
 * What an Azure deployment's `sku.name` says of routing and tier. Developer deployments of fine-tuned models have no
 * data residency and are billed by the token.
 * https://learn.microsoft.com/azure/ai-services/openai/how-to/deployment-types
 */
export function tierOfSku(skuName: string): { readonly routing: Routing; readonly tier: Tier } {
  const name = skuName.trim().toLowerCase();
  if (name === 'developertier') return { routing: 'global', tier: 'standard' };
  const [, reach, plan] = skuPattern.exec(name) ?? [];
  if (reach === undefined || plan === undefined) return { routing: 'unknown', tier: 'unknown' };
  return {
    routing: reach === 'global' ? 'global' : reach === 'datazone' ? 'data_zone' : 'in_region',
    tier: plan === 'standard' || plan === 'batch' ? plan : 'provisioned',
  };
}
