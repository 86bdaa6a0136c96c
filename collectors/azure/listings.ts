import { listShaped } from './arm.ts';
import type { ArmApi } from './arm.ts';
import { metricNamespace } from './catalog.ts';
import { badAnswer } from './errors.ts';
import { accountShape, deploymentShape, hasDeployments } from './inventory.ts';
import type { Account, Deployment } from './inventory.ts';
import type { MetricDefinition, MetricsApi } from './metrics-api.ts';
import type { Errand } from './transport.ts';

/** The three listings that discovery is made of. Each is whole or throws ExternalError. */

const accountsVersion = '2025-09-01';

export const listingOperations = {
  accounts: 'Microsoft.CognitiveServices/accounts/read',
  deployments: 'Microsoft.CognitiveServices/accounts/deployments/read',
  definitions: 'Microsoft.Insights/metricDefinitions/read',
} as const;

/** An account and on whose bill asking for it is. */
export interface PlacedAccount {
  readonly account: Account;
  readonly subscription: string;
  readonly targetId: string;
}

/** The subscription's accounts that run models by deployment. */
export async function listAccounts(
  arm: ArmApi,
  subscription: string,
  scope: string,
  signal: AbortSignal,
): Promise<readonly Account[]> {
  const errand: Errand = {
    operation: listingOperations.accounts,
    subject: `subscription ${subscription}`,
    role: `Reader on subscription ${subscription}`,
    scope,
    subscription,
  };
  const path = `/subscriptions/${subscription}/providers/Microsoft.CognitiveServices/accounts?api-version=${accountsVersion}`;
  const accounts = await listShaped(arm, path, accountShape, errand, signal);
  return accounts.filter(hasDeployments);
}

export function listDeployments(
  arm: ArmApi,
  placed: PlacedAccount,
  signal: AbortSignal,
): Promise<readonly Deployment[]> {
  const errand = errandOn(placed, listingOperations.deployments, 'Reader');
  const id = placed.account.id.replace(/^\/+/, '');
  const path = `/${id}/deployments?api-version=${accountsVersion}`;
  return listShaped(arm, path, deploymentShape, errand, signal);
}

/** An account that defines none is a bad answer. */
export async function listDefinitions(
  metrics: MetricsApi,
  placed: PlacedAccount,
  signal: AbortSignal,
): Promise<readonly MetricDefinition[]> {
  const errand = definitionsErrand(placed);
  const all = await metrics.listDefinitions(placed.account.id, metricNamespace, errand, signal);
  if (all.length === 0) throw badAnswer('no metric is defined', errand);
  return all;
}

export function definitionsErrand(placed: PlacedAccount): Errand {
  return errandOn(placed, listingOperations.definitions, 'Monitoring Reader');
}

function errandOn(
  { account, subscription, targetId }: PlacedAccount,
  operation: string,
  role: string,
): Errand {
  return {
    operation,
    subject: `account ${account.name}`,
    role: `${role} on account ${account.name} or on subscription ${subscription}`,
    scope: targetId,
    subscription,
  };
}
