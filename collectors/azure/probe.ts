import type { Collector, CollectRequest } from '../../agent/core/collector.ts';
import type { ExternalError } from '../../agent/core/errors.ts';
import { tryRight, untried } from '../../agent/core/permission.ts';
import type { Feature, Grant, Permission } from '../../agent/core/permission.ts';
import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { runAll } from './collect.ts';
import { unitsOf } from './definitions.ts';
import { nameAccounts, retention, targetIdOf } from './discover.ts';
import type { DiscoverPorts, NamedAccount } from './discover.ts';
import { regionOf, resourceGroupOf } from './inventory.ts';
import { listAccounts, listDefinitions, listDeployments, listingOperations } from './listings.ts';
import type { MetricDefinition } from './metrics-api.ts';
import { scopeOf, subscriptionsOf } from './subscriptions.ts';

const triedAtOnce = 4;
const signInOperation = 'Microsoft.Resources/subscriptions/read';

const operations = {
  accounts: listingOperations.accounts,
  deployments: listingOperations.deployments,
  'list meters': listingOperations.definitions,
  'read meters': 'Microsoft.Insights/metrics/read',
} as const satisfies Partial<Record<Feature, string>>;

/**
 * Every right on every subscription and account: subscriptions and accounts listed, then of each account its deployments,
 * its metric definitions and one minute of one metric. Free, but for the one metric where it is read in batches.
 */
export async function probeAzure(
  ports: DiscoverPorts,
  batch: boolean,
  collector: Pick<Collector, 'collect'>,
  now: () => Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const own = { account: '', place: '', feature: 'sign in', operation: signInOperation } as const;
  const entry = await tryRight(
    { ...own, grantFor: (refusal) => grantOf(refusal, 'Reader', '/subscriptions/<subscription>') },
    () => subscriptionsOf(ports, signal),
    signal,
  );
  // Subscriptions that are configured are not listed; who signs in is then told by the first call to each.
  const configured = (ports.subscriptions ?? []).length > 0;
  const never = new AbortController().signal;
  const perSubscription = await runAll(entry.value ?? [], triedAtOnce, never, (id) =>
    probeSubscription(ports, id, configured, signal),
  );
  const named = perSubscription.flatMap(({ accounts }) => accounts);
  const perAccount = await runAll(named, triedAtOnce, never, (account) =>
    probeAccount(ports, account, batch, collector, now(), signal),
  );
  return [
    ...(configured && entry.value !== undefined ? [] : [entry.permission]),
    ...perSubscription.flatMap(({ permissions }) => permissions),
    ...perAccount.flat(),
  ];
}

async function probeSubscription(
  ports: DiscoverPorts,
  subscription: string,
  configured: boolean,
  signal: AbortSignal,
): Promise<{
  readonly permissions: readonly Permission[];
  readonly accounts: readonly NamedAccount[];
}> {
  const on = { account: subscription, place: '' } as const;
  const listed = await tryRight(
    {
      ...on,
      feature: 'accounts',
      operation: operations.accounts,
      grantFor: (refusal) => grantOf(refusal, 'Reader', `/subscriptions/${subscription}`),
    },
    () => listAccounts(ports.arm, subscription, scopeOf(ports, subscription), signal),
    signal,
  );
  const accounts = nameAccounts(listed.value ?? [], subscription);
  const { permission } = listed;
  if (!configured) return { permissions: [permission], accounts };
  const signIn = { ...on, feature: 'sign in', operation: 'sign in' } as const;
  if (/: (?:no token|401)\b/.test(permission.message ?? '')) {
    return {
      permissions: [{ ...permission, ...signIn }, untried(permission, 'blocked')],
      accounts,
    };
  }
  const answered = permission.state === 'ok' || permission.state === 'denied';
  const signedIn: Permission = answered ? { ...signIn, state: 'ok' } : untried(signIn, 'blocked');
  return { permissions: [signedIn, permission], accounts };
}

async function probeAccount(
  ports: DiscoverPorts,
  named: NamedAccount,
  batch: boolean,
  collector: Pick<Collector, 'collect'>,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const { account, subscription, resource } = named;
  const placed = { account, subscription, targetId: targetIdOf(ports, named) };
  const attempt = <Value>(
    feature: keyof typeof operations,
    role: string,
    on: string,
    call: () => Promise<Value>,
  ) =>
    tryRight(
      {
        account: subscription,
        place: resource,
        feature,
        operation: operations[feature],
        grantFor: (refusal) => grantOf(refusal, role, on),
      },
      call,
      signal,
    );
  const deployments = await attempt('deployments', 'Reader', account.id, () =>
    listDeployments(ports.arm, placed, signal),
  );
  const defined = await attempt('list meters', 'Monitoring Reader', account.id, () =>
    listDefinitions(ports.metrics, placed, signal),
  );
  const request = minuteOf(ports, named, defined.value ?? [], now);
  const reading = {
    ...defined.permission,
    feature: 'read meters',
    operation: operations['read meters'],
  } as const;
  const on = batch ? `/subscriptions/${subscription}` : account.id;
  const read =
    request === undefined
      ? untried(reading, defined.value === undefined ? 'blocked' : 'nothing_there')
      : (
          await attempt('read meters', 'Monitoring Reader', on, () =>
            collector.collect(request, signal),
          )
        ).permission;
  return [deployments.permission, defined.permission, read];
}

/** One statistic of the first meter the account defines, over one minute; undefined where it defines none. */
function minuteOf(
  ports: DiscoverPorts,
  named: NamedAccount,
  definitions: readonly MetricDefinition[],
  now: Instant,
): CollectRequest | undefined {
  const { account, subscription, resource } = named;
  const [unit] = unitsOf(ports.rows, definitions).units;
  if (unit === undefined) return undefined;
  const start = floorTo(now - hourMs, minuteMs);
  return {
    target: {
      id: targetIdOf(ports, named),
      source: ports.source,
      cloud: 'azure',
      account: subscription,
      region: regionOf(account.location),
      resource,
      labels: { resource_id: account.id, resource_group: resourceGroupOf(account.id) },
      rows: ports.rows.map((row) => ({ ...row, statistics: row.statistics.slice(0, 1) })),
      units: [unit],
      rememberUnits: false,
      retention,
    },
    units: [unit],
    window: { start, end: start + minuteMs },
    periodSeconds: 60,
  };
}

/** A role mends what was refused for want of one; not an expired secret, nor a provider that is not registered. */
export function grantOf(
  { message, hint }: ExternalError,
  right: string,
  on: string,
): Grant | undefined {
  if (!hint.startsWith('Grant ')) return undefined;
  const to = /\bobject id '([\da-f-]{36})'/i.exec(message)?.[1] ?? '';
  return { right, to, on };
}
