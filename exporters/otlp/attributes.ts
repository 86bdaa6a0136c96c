import type { ToldName } from '../../agent/core/exporter.ts';
import type { PointAttributes, PointName } from './point.ts';

/** Who a name's usage is charged to, by the rules of the configuration. */
export type TeamOf = (name: ToldName) => string;

/** What every point of an account in a region has in common. */
export function resourceAttributes({ cloud, account, region }: PointName): PointAttributes {
  return present({
    'cloud.provider': cloud,
    'cloud.account.id': account,
    'cloud.region': region,
  });
}

/** The parts of a name that a point of it says: two different names never say the same. */
export function nameAttributes(name: ToldName, teamOf?: TeamOf): PointAttributes {
  const tags = Object.entries(name.tags).map(([key, value]) => [`crossbill.tag.${key}`, value]);
  return present({
    'gen_ai.operation.name': operationOf(name),
    'gen_ai.provider.name': name.cloud === 'aws' ? 'aws.bedrock' : 'azure.ai.openai',
    'gen_ai.request.model': requestModel(name),
    'gen_ai.response.model': responseModel(name),
    'crossbill.metered_model': name.meteredModel,
    'crossbill.model': name.model,
    'crossbill.model.version': name.modelVersion,
    'crossbill.model.family': name.family,
    'crossbill.vendor_model': name.vendorModel,
    'crossbill.deployment': name.deployment,
    'crossbill.resource': name.resource,
    'crossbill.endpoint': name.endpoint,
    'crossbill.routing': name.routing,
    'crossbill.tier': name.tier,
    'crossbill.team': teamOf?.(name) ?? '',
    ...Object.fromEntries(tags),
  });
}

/**
 * The clouds' meters do not say what was asked of a model, and the attribute is required: what turns text into vectors is
 * known by its name, and anything else is taken to chat.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-token-metrics.md
 */
function operationOf({ model, vendorModel }: ToldName): string {
  return /(^|[^a-z])embed/i.test(`${model} ${vendorModel}`) ? 'embeddings' : 'chat';
}

/** On Azure a request names the deployment, on Bedrock the model or profile, as it is metered. */
function requestModel({ cloud, deployment, meteredModel }: ToldName): string {
  return cloud === 'azure' && deployment !== '' ? deployment : meteredModel;
}

/** `gpt-4o-2024-08-06` on Azure; Bedrock's ids hold their version. */
function responseModel({ cloud, vendorModel, modelVersion }: ToldName): string {
  const isSaid = cloud === 'aws' || modelVersion === '' || vendorModel.endsWith(modelVersion);
  return isSaid ? vendorModel : `${vendorModel}-${modelVersion}`;
}

/** An attribute without a value is left out: for a backend, an empty one is another series. */
export function present(attributes: PointAttributes): PointAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}
