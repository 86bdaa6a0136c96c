import type { Discovery, Retention, ScopeFailure, Target } from '../../agent/core/collector.ts';
import type { ExternalError } from '../../agent/core/errors.ts';
import { toExternalError } from '../../agent/core/errors.ts';
import type { InventorySnapshot } from '../../agent/core/inventory.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { runAll } from './collect.ts';
import type { DefinitionCache } from './definitions.ts';
import { unitsOf } from './definitions.ts';
import { badAnswer } from './errors.ts';
import { itemOf, regionOf, resourceGroupOf } from './inventory.ts';
import type { Account } from './inventory.ts';
import {
  definitionsErrand,
  listAccounts,
  listDefinitions,
  listDeployments,
  listingOperations,
} from './listings.ts';
import type { MetricsApi } from './metrics-api.ts';
import { lostOf, scopeOf, subscriptionsOf } from './subscriptions.ts';
import type { SubscriptionPorts } from './subscriptions.ts';

/** Listings beside one another; Resource Manager permits 25 reads a second. */
const listingsAtOnce = 4;
const daySeconds = 86_400;
/** https://learn.microsoft.com/en-us/azure/azure-monitor/metrics/data-platform-metrics#retention-of-metrics */
export const retention: readonly Retention[] = [
  { periodSeconds: 60, ageSeconds: 93 * daySeconds },
  { periodSeconds: 3_600, ageSeconds: 93 * daySeconds },
];

export interface DiscoverPorts extends SubscriptionPorts {
  readonly rows: readonly CatalogRow[];
  readonly metrics: MetricsApi;
  readonly definitions: DefinitionCache;
}

interface Found {
  readonly targets: Target[];
  readonly inventory: InventorySnapshot[];
  readonly failures: ScopeFailure[];
}

/**
 * Subscriptions, their accounts with deployments, and what each account measures. A subscription or account that
 * cannot be looked at is a failure of its own scope; a failed listing of deployments has the scope
 * `<target>/deployments`, which hides no target. Throws when no subscription could be looked at.
 */
export async function discoverAzure(ports: DiscoverPorts, signal: AbortSignal): Promise<Discovery> {
  const subscriptions = await subscriptionsOf(ports, signal);
  const perSubscription = await runAll(subscriptions, listingsAtOnce, signal, (id, both) =>
    lookAtSubscription(ports, id, both),
  );
  signal.throwIfAborted();
  const denied = perSubscription.flatMap(({ refused }) => (refused === undefined ? [] : [refused]));
  const [first] = denied;
  if (first !== undefined && denied.length === subscriptions.length) throw first.error;
  const accounts = perSubscription.flatMap(({ named }) => named);
  const looked = await runAll(accounts, listingsAtOnce, signal, (account, both) =>
    lookAtAccount(ports, account, both),
  );
  signal.throwIfAborted();
  const lost = lostOf(ports, subscriptions);
  const hidden = new Set(denied.map(({ scope }) => scope));
  return {
    scopes: subscriptions.map((id) => scopeOf(ports, id)).filter((scope) => !hidden.has(scope)),
    targets: looked.flatMap(({ targets }) => targets),
    inventory: looked.flatMap(({ inventory }) => inventory),
    failures: [...lost, ...denied, ...looked.flatMap(({ failures }) => failures)],
  };
}

export interface NamedAccount {
  readonly account: Account;
  readonly subscription: string;
  readonly resource: string;
}

export function targetIdOf(
  ports: SubscriptionPorts,
  { account, subscription, resource }: NamedAccount,
): string {
  return `${scopeOf(ports, subscription)}/${regionOf(account.location)}/${resource}`;
}

async function lookAtSubscription(
  ports: DiscoverPorts,
  subscription: string,
  signal: AbortSignal,
): Promise<{ readonly named: readonly NamedAccount[]; readonly refused?: ScopeFailure }> {
  const scope = scopeOf(ports, subscription);
  try {
    const accounts = await listAccounts(ports.arm, subscription, scope, signal);
    return { named: nameAccounts(accounts, subscription) };
  } catch (thrown) {
    return {
      named: [],
      refused: { scope, error: toExternalError(thrown, listingOperations.accounts) },
    };
  }
}

/** Sorts the oldest first, and always the same way. */
function ageOf(account: Account): string {
  return `${account.systemData?.createdAt ?? ''} ${account.id}`;
}

/**
 * An account's name is unique in its resource group only. Of several with one name in a region the oldest has it; the
 * later ones are `name@group`, so that no meter of one is ever taken for the other's.
 */
export function nameAccounts(
  accounts: readonly Account[],
  subscription: string,
): readonly NamedAccount[] {
  const taken = new Set<string>();
  const byAge = accounts.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  return byAge.map((account) => {
    const place = `${regionOf(account.location)}/${account.name.toLowerCase()}`;
    const resource = taken.has(place)
      ? `${account.name}@${resourceGroupOf(account.id)}`
      : account.name;
    taken.add(place);
    return { account, subscription, resource };
  });
}

async function lookAtAccount(
  ports: DiscoverPorts,
  { account, subscription, resource }: NamedAccount,
  signal: AbortSignal,
): Promise<Found> {
  const region = regionOf(account.location);
  const targetId = targetIdOf(ports, { account, subscription, resource });
  const found: Found = { targets: [], inventory: [], failures: [] };
  const fail = (scope: string, error: ExternalError): void => {
    found.failures.push({ scope, error });
  };
  const place = { cloud: 'azure', account: subscription, region, resource } as const;
  const placed = { account, subscription, targetId };
  try {
    const items = await listDeployments(ports.arm, placed, signal);
    found.inventory.push({
      ...place,
      kind: 'deployment',
      items: items.map((item) => itemOf(item, account)),
    });
  } catch (thrown) {
    fail(`${targetId}/deployments`, toExternalError(thrown, listingOperations.deployments));
  }
  try {
    const looked = await ports.definitions.get(account.id, () =>
      listDefinitions(ports.metrics, placed, signal),
    );
    if (looked.staleBecause !== undefined) fail(`${targetId}/metrics`, looked.staleBecause);
    const { units, lacking } = unitsOf(ports.rows, looked.definitions);
    if (lacking.length > 0) {
      fail(
        `${targetId}/metrics`,
        badAnswer(
          `Azure no longer splits as needed: ${lacking.join('; ')}`,
          definitionsErrand(placed),
        ),
      );
    }
    found.targets.push({
      id: targetId,
      source: ports.source,
      ...place,
      labels: { resource_id: account.id, resource_group: resourceGroupOf(account.id) },
      rows: ports.rows,
      units,
      rememberUnits: false,
      retention,
    });
  } catch (thrown) {
    fail(targetId, toExternalError(thrown, listingOperations.definitions));
  }
  return found;
}
