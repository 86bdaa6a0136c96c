import type { Confidence, Routing } from '../core/dimension.ts';
import { azureModel } from './azure-model.ts';
import type { AzureModelFacts } from './azure-model.ts';
import { bareId } from './bedrock-id.ts';
import { bedrockModel, bedrockNames, bedrockRouting } from './bedrock-model.ts';
import type { BedrockModelFacts } from './bedrock-model.ts';
import { isCanonical } from './canonical.ts';
import type { Found } from './canonical.ts';
import { familyOf } from './developers.ts';
import { tierOfSku } from './routing.ts';

export { tierOfSku } from './routing.ts';
export type { AzureModelFacts } from './azure-model.ts';
export type { BedrockModelFacts } from './bedrock-model.ts';

/** Which model a cloud's words mean, in words that are the same on every cloud. */
export interface ModelIdentity {
  /**
   * `openai/gpt-5.6-sol`; a customised copy ends in `:ft`. Where nothing is known, `<cloud>/<the cloud's word,
   * lower-case>` (of an ARN, what follows the last slash).
   */
  readonly model: string;
  /** `2024-08-06`, `20250929`, `0613`; empty when unknown. */
  readonly modelVersion: string;
  /** As the cloud says it. */
  readonly vendorModel: string;
  /** `openai`; empty when unknown. */
  readonly developer: string;
  /** Which token contract holds: the developer, or `amazon-nova`, `amazon-titan`; `unknown` when unknown. */
  readonly family: string;
  readonly routing: Routing;
  readonly confidence: Confidence;
}

/** What users say: `azure/<deployment or model>`, `aws/<vendor model>` or a canonical id → canonical id. */
export type AliasMap = ReadonlyMap<string, string>;

/** The first name that an alias knows wins, whatever its case; only a canonical id can be an alias's answer. */
function aliasOf(namesOf: () => readonly string[], aliases: AliasMap): string | undefined {
  if (aliases.size === 0) return undefined;
  const wanted = namesOf().map((name) => name.toLowerCase());
  let best: { readonly rank: number; readonly model: string } | undefined;
  for (const [key, value] of aliases) {
    const rank = wanted.indexOf(key.trim().toLowerCase());
    const model = value.trim().toLowerCase();
    if (rank < 0 || !isCanonical(model)) continue;
    if (best === undefined || rank < best.rank) best = { rank, model };
  }
  return best?.model;
}

/** Puts the user's word above the rules' and fills in what follows from the model. */
function settle(
  rule: Found,
  alias: string | undefined,
  vendorModel: string,
  routing: Routing,
): ModelIdentity {
  const model = alias ?? rule.model;
  const confidence = alias === undefined ? rule.confidence : 'alias';
  const unknown = confidence === 'none';
  return {
    model,
    modelVersion: rule.version,
    vendorModel,
    developer: unknown ? '' : model.slice(0, model.indexOf('/')),
    family: unknown ? 'unknown' : familyOf(model),
    routing,
    confidence,
  };
}

/**
 * Which model a Bedrock meter counts: the user's alias, else the application profile's ARNs, else the id's grammar,
 * with the bundled map over both. Never throws.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html
 */
export function identifyBedrock(facts: BedrockModelFacts, aliases: AliasMap): ModelIdentity {
  const rule = bedrockModel(facts) ?? {
    model: `aws/${bareId(facts.modelId)}`,
    version: '',
    confidence: 'none',
  };
  const alias = aliasOf(() => [...bedrockNames(facts), rule.model], aliases);
  return settle(rule, alias, facts.modelId, bedrockRouting(facts));
}

/**
 * Which model an Azure meter counts: the user's alias, else the deployment's inventory, else the metric's own model
 * name, else a deployment name that is a model's name, with the bundled map over all. Never throws.
 * https://learn.microsoft.com/en-us/azure/foundry/openai/monitor-openai-reference
 */
export function identifyAzure(facts: AzureModelFacts, aliases: AliasMap): ModelIdentity {
  const { deployment, inventory, modelName, modelVersion = '' } = facts;
  const words = [inventory?.name, modelName, deployment].filter((word) => word !== undefined);
  const fallback = words.find((word) => word !== '') ?? '';
  const rule = azureModel(facts) ?? {
    model: `azure/${fallback.toLowerCase()}`,
    version: modelVersion.trim().toLowerCase(),
    confidence: 'none',
    said: fallback,
  };
  const alias = aliasOf(() => [`azure/${deployment}`, `azure/${rule.said}`, rule.model], aliases);
  const routing = inventory === undefined ? 'unknown' : tierOfSku(inventory.skuName).routing;
  return settle(rule, alias, rule.said, routing);
}
