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

/** The profile's ARNs before the id's grammar. */
export function bedrockModel({ modelId, profile }: BedrockModelFacts): Found | undefined {
  return (profile === undefined ? undefined : ofArns(profile.modelArns)) ?? ofId(modelId);
}

export function bedrockRouting({ modelId, profile }: BedrockModelFacts): Routing {
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
export function bedrockNames({ modelId, profile }: BedrockModelFacts): readonly string[] {
  const names = namesOfId(modelId);
  if (profile === undefined) return names;
  return [...names, `aws/${profile.name}`, profile.name, ...profile.modelArns.flatMap(namesOfId)];
}
