import type { Routing } from '../core/dimension.ts';
import { bareId, parseBedrockId } from './bedrock-id.ts';
import { found } from './canonical.ts';
import type { Found } from './canonical.ts';
import { developerOfVendor } from './developers.ts';
import { canonicalName } from './model-name.ts';
import { routingOfArns, routingOfScope } from './routing.ts';

export interface BedrockModelFacts {
  /** Value of the dimension `ModelId` or `Model`. */
  readonly modelId: string;
  /** The id's grammar is one for both; a bare id means the region's own capacity on either. */
  readonly endpoint: 'runtime' | 'mantle';
  /** The application inference profile that `modelId` stands for, where the inventory knows it. */
  readonly profile?: { readonly name: string; readonly modelArns: readonly string[] };
  /** The provisioned throughput that `modelId` stands for, where the inventory knows it. */
  readonly throughput?: Throughput;
}

/** Model units that serve one model; `name` as a person gave it. */
export interface Throughput {
  readonly name: string;
  readonly modelArn: string;
  /** What `modelArn` is a copy of, or the same. */
  readonly foundationModelArn: string;
}

function ofId(id: string): Found | undefined {
  const parts = parseBedrockId(id);
  if (parts === undefined) return undefined;
  const developer = developerOfVendor(parts.vendor) ?? parts.vendor;
  const { name, version } = canonicalName(developer, parts.name);
  return found(developer, name, version, `aws:${parts.key}`);
}

/** What all ARNs of a profile agree on; undefined where one is opaque or two name different models. */
function ofArns(arns: readonly string[]): Found | undefined {
  const [first, ...others] = arns.map(ofId);
  if (first === undefined || others.some((other) => other?.model !== first.model)) return undefined;
  return { ...first, confidence: 'inventory' };
}

/** The model that the units serve: a copy, whose ARN need not name what it was copied from, is one of the model below it. */
function ofThroughput({ modelArn, foundationModelArn }: Throughput): Found | undefined {
  const served = ofArns([modelArn]);
  if (served !== undefined || foundationModelArn === modelArn) return served;
  const base = ofArns([foundationModelArn]);
  return base && { ...base, model: `${base.model}:ft` };
}

/** The inventory before the id's grammar. */
export function bedrockModel({
  modelId,
  profile,
  throughput,
}: BedrockModelFacts): Found | undefined {
  if (throughput !== undefined) return ofThroughput(throughput) ?? ofId(modelId);
  return (profile === undefined ? undefined : ofArns(profile.modelArns)) ?? ofId(modelId);
}

/** Model units are of the region they were bought in. */
export function bedrockRouting({ modelId, profile, throughput }: BedrockModelFacts): Routing {
  if (throughput !== undefined) return 'in_region';
  const parts = parseBedrockId(modelId);
  if (parts !== undefined) return routingOfScope(parts.scope);
  return profile === undefined ? 'unknown' : routingOfArns(profile.modelArns);
}

/** `us.amazon.nova-pro-v1:0` whole, and as `amazon.nova-pro-v1:0`. */
function namesOfId(id: string): readonly string[] {
  const bare = bareId(id);
  const scope = parseBedrockId(id)?.scope ?? '';
  const unscoped = scope === '' ? bare : bare.slice(scope.length + 1);
  return [id, bare, unscoped].map((name) => `aws/${name}`);
}

/** What an alias may call this traffic, most telling first. */
export function bedrockNames({
  modelId,
  profile,
  throughput,
}: BedrockModelFacts): readonly string[] {
  const names = namesOfId(modelId);
  if (throughput !== undefined) {
    const { name, modelArn } = throughput;
    return [...names, `aws/${name}`, name, ...namesOfId(modelArn)];
  }
  if (profile === undefined) return names;
  return [...names, `aws/${profile.name}`, profile.name, ...profile.modelArns.flatMap(namesOfId)];
}
