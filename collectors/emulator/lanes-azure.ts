import type { Lane } from './lane.ts';
import type { AzureAccount, AzureLane } from './scenario-lane.ts';

const east: AzureAccount = {
  subscription: '00000000-0000-0000-0000-000000000001',
  resourceGroup: 'rg-ai',
  name: 'aoai-east',
  location: 'eastus',
  kind: 'OpenAI',
  tags: { env: 'prod' },
};
const sweden: AzureAccount = {
  subscription: '00000000-0000-0000-0000-000000000001',
  resourceGroup: 'rg-ai-eu',
  name: 'foundry-sweden',
  location: 'swedencentral',
  kind: 'AIServices',
  tags: { env: 'prod', team: 'search' },
};
const japan: AzureAccount = {
  subscription: '00000000-0000-0000-0000-000000000002',
  resourceGroup: 'rg-llm',
  name: 'foundry-japan',
  location: 'japaneast',
  kind: 'AIServices',
  tags: {},
};

export const azureAccounts: readonly AzureAccount[] = [east, sweden, japan];

type Model = Pick<AzureLane, 'format' | 'modelName' | 'modelVersion' | 'model' | 'family'>;

function openai(modelName: string, modelVersion: string): Model {
  const model = `openai/${modelName}`;
  return { format: 'OpenAI', modelName, modelVersion, model, family: 'openai' };
}

const gpt56 = openai('gpt-5.6-sol', '2026-07-13');
const gpt4o = openai('gpt-4o', '2024-08-06');
const gpt41mini = openai('gpt-4.1-mini', '2025-04-14');
const sonnet: Model = {
  format: 'Anthropic',
  modelName: 'claude-sonnet-4-6',
  modelVersion: '1',
  model: 'anthropic/claude-sonnet-4-6',
  family: 'anthropic',
};

interface Choices {
  readonly weight: number;
  readonly sku?: AzureLane['sku'];
  readonly capacity?: number;
  readonly tiers?: Lane['tiers'];
  readonly tags?: AzureLane['tags'];
  readonly spillover?: string;
}

function lane(
  account: AzureAccount,
  deployment: string,
  model: Model,
  choices: Choices,
): AzureLane {
  return {
    id: `azure/${account.subscription}/${account.name}/${deployment}`,
    cloud: 'azure',
    account: account.subscription,
    region: account.location,
    resource: account.name,
    endpoint: 'azure',
    vendorModel: '',
    deployment,
    cacheMeters: model.format === 'Anthropic',
    sku: 'GlobalStandard',
    capacity: 450,
    tiers: { standard: 1 },
    tags: {},
    spillover: '',
    ...model,
    ...choices,
  };
}

/** Azure's half of the traffic: names that say the model, names that do not, and every kind of SKU priced apart. */
export const azureLanes: readonly AzureLane[] = [
  lane(east, 'gpt-5.6-sol', gpt56, { weight: 9, tiers: { standard: 0.8, priority: 0.2 } }),
  lane(east, 'gpt-4o', gpt4o, { weight: 4, sku: 'Standard', capacity: 120 }),
  lane(east, 'chat', gpt4o, { weight: 5, tags: { team: 'support' } }),
  lane(east, 'search-gpt-4.1-mini', gpt41mini, { weight: 7, tags: { team: 'search' } }),
  lane(east, 'gpt-4o-ptu', gpt4o, {
    weight: 6,
    sku: 'ProvisionedManaged',
    capacity: 50,
    tiers: { provisioned: 1 },
    spillover: 'gpt-4o-spill',
  }),
  lane(east, 'gpt-4o-spill', gpt4o, { weight: 1, sku: 'Standard', capacity: 60 }),
  lane(east, 'nightly-batch', gpt41mini, { weight: 3, sku: 'GlobalBatch', tiers: { batch: 1 } }),
  lane(sweden, 'chat-eu', gpt56, { weight: 6, sku: 'DataZoneStandard' }),
  lane(sweden, 'chat', gpt41mini, { weight: 4, tags: { team: 'support' } }),
  lane(sweden, 'claude-sonnet-4-6', sonnet, { weight: 6, tags: { team: 'search' } }),
  lane(japan, 'gpt-4o', gpt4o, { weight: 3, sku: 'Standard', capacity: 80 }),
  lane(japan, 'gpt-4.1-mini', gpt41mini, { weight: 3 }),
  lane(japan, 'gpt-5.6-sol', gpt56, { weight: 3 }),
];
