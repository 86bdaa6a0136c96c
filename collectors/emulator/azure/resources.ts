import type { Labels } from '../../../agent/core/collector.ts';
import { azureAccounts } from '../lanes-azure.ts';
import type { AzureAccount, AzureLane } from '../scenario-lane.ts';

const provider = 'providers/Microsoft.CognitiveServices/accounts';

const regionNames: Readonly<Record<string, string>> = {
  eastus: 'East US',
  swedencentral: 'Sweden Central',
  japaneast: 'Japan East',
};

/** `East US`, as request metrics spell it where token metrics have `eastus`. */
export function displayRegion(region: string): string {
  return regionNames[region] ?? region;
}

/** The accounts that the deployments are in: the scenario's, and a plain one for a deployment of any other. */
export function accountsOf(lanes: readonly AzureLane[]): readonly AzureAccount[] {
  const accounts = new Map<string, AzureAccount>();
  for (const lane of lanes) {
    const key = `${lane.account}/${lane.resource}`;
    const known = azureAccounts.find(
      ({ subscription, name }) => subscription === lane.account && name === lane.resource,
    );
    const plain: AzureAccount = {
      subscription: lane.account,
      resourceGroup: 'rg-ai',
      name: lane.resource,
      location: lane.region,
      kind: 'AIServices',
      tags: {},
    };
    accounts.set(key, known ?? plain);
  }
  return [...accounts.values()];
}

export function accountId(account: AzureAccount): string {
  return `/subscriptions/${account.subscription}/resourceGroups/${account.resourceGroup}/${provider}/${account.name}`;
}

export function isOf(account: AzureAccount, lane: AzureLane): boolean {
  return lane.account === account.subscription && lane.resource === account.name;
}

export function subscriptionItem(subscription: string) {
  return {
    id: `/subscriptions/${subscription}`,
    subscriptionId: subscription,
    displayName: `Subscription ${subscription.slice(-2)}`,
    state: 'Enabled',
  };
}

export function accountItem(account: AzureAccount) {
  return {
    id: accountId(account),
    name: account.name,
    type: 'Microsoft.CognitiveServices/accounts',
    kind: account.kind as string,
    location: account.location,
    sku: { name: 'S0' },
    tags: account.tags as Labels | null,
    properties: { provisioningState: 'Succeeded' },
    systemData: { createdAt: '2026-01-05T09:00:00Z' },
  };
}

/** A neighbour that runs no models, as most subscriptions have some. */
export function speechItem(subscription: string): ReturnType<typeof accountItem> {
  const account: AzureAccount = {
    subscription,
    resourceGroup: 'rg-voice',
    name: 'speech',
    location: 'westeurope',
    kind: 'AIServices',
    tags: {},
  };
  return { ...accountItem(account), kind: 'SpeechServices', tags: null };
}

/** Capacity is thousands of tokens a minute, of provisioned deployments units, which have no token limit. */
export function deploymentItem(account: AzureAccount, lane: AzureLane) {
  const provisioned = lane.sku.includes('Provisioned');
  return {
    id: `${accountId(account)}/deployments/${lane.deployment}`,
    name: lane.deployment,
    type: 'Microsoft.CognitiveServices/accounts/deployments',
    sku: { name: lane.sku, capacity: lane.capacity },
    tags: lane.tags,
    properties: {
      model: { format: lane.format, name: lane.modelName, version: lane.modelVersion },
      versionUpgradeOption: 'OnceNewDefaultVersionAvailable',
      currentCapacity: lane.capacity,
      ...(lane.spillover === '' ? {} : { spilloverDeploymentName: lane.spillover }),
      ...(provisioned
        ? {}
        : {
            rateLimits: [
              { key: 'request', renewalPeriod: 10, count: lane.capacity },
              { key: 'token', renewalPeriod: 60, count: lane.capacity * 1_000 },
            ],
          }),
      provisioningState: 'Succeeded',
    },
  };
}
