import { baseOf, found } from './canonical.ts';
import type { Found } from './canonical.ts';
import { developerOfFormat, developerOfName, isModelName } from './developers.ts';
import { canonicalName } from './model-name.ts';
import type { ModelName } from './model-name.ts';

export interface AzureModelFacts {
  readonly deployment: string;
  /** Value of the dimension `ModelName` or `FeatureName`. */
  readonly modelName?: string;
  /** Value of the dimension `ModelVersion`. */
  readonly modelVersion?: string;
  /** What the account's list of deployments says of this one. */
  readonly inventory?: {
    readonly format: string;
    readonly name: string;
    readonly version: string;
    readonly skuName: string;
  };
}

/** A model, and the word of Azure's that led to it. */
export interface AzureModel extends Found {
  readonly said: string;
}

/**
 * The version that holds: what the cloud reports, unless that is only the catalog's running number (`1`, `9`) and the
 * name carries a date.
 */
function versionOf(reported: string, carried: string): string {
  const version = reported.trim().toLowerCase();
  const runningNumber = /^\d{1,2}$/.test(version);
  return carried !== '' && (version === '' || runningNumber) ? carried : version;
}

/**
 * Name and version of a model as Azure states them. GPT-4 Turbo is `gpt-4` there, told apart by versions such as
 * `turbo-2024-04-09` and `1106-Preview`, in the name or beside it.
 * https://learn.microsoft.com/azure/ai-services/openai/concepts/models
 */
function azureModelName(developer: string, rawName: string, reported: string): ModelName {
  const { name, version: carried } = canonicalName(developer, rawName);
  const version = versionOf(reported, carried);
  if (developer !== 'openai' || name !== 'gpt-4') return { name, version };
  if (version.startsWith('turbo-')) return { name: 'gpt-4-turbo', version: version.slice(6) };
  return { name: version.endsWith('preview') ? 'gpt-4-turbo' : name, version };
}

function ofName(developer: string | undefined, said: string, version: string) {
  if (developer === undefined) return undefined;
  const { name, version: settled } = azureModelName(developer, said, version);
  const model = found(developer, name, settled);
  return model === undefined ? undefined : { ...model, said };
}

function wordOf(said: string): string {
  return said.trim().toLowerCase();
}

/**
 * The inventory before the metric's name before the deployment's. The inventory tells more (developer, fine-tuning),
 * but a deployment that was made anew under its old name served another model before: where the metric names a model
 * other than the inventory's, the metric is right.
 */
export function azureModel(facts: AzureModelFacts): AzureModel | undefined {
  const { deployment, modelName = '', modelVersion = '', inventory } = facts;
  const developer = developerOfName(wordOf(modelName));
  if (inventory !== undefined && inventory.name !== '') {
    const version = modelVersion.trim() === '' ? inventory.version : modelVersion;
    const maker = developerOfFormat(inventory.format, wordOf(inventory.name));
    const listed = ofName(maker, inventory.name, version);
    const metered = ofName(developer, modelName, version)?.model ?? listed?.model ?? '';
    if (listed !== undefined && baseOf(metered) === baseOf(listed.model)) {
      return { ...listed, confidence: 'inventory' };
    }
  }
  if (modelName !== '') return ofName(developer, modelName, modelVersion);
  const word = wordOf(deployment);
  return isModelName(word) ? ofName(developerOfName(word), deployment, modelVersion) : undefined;
}
