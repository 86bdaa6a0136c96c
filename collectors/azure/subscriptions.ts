import type { ScopeFailure } from '../../agent/core/collector.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import { listShaped } from './arm.ts';
import type { ArmApi } from './arm.ts';
import type { Attempt } from './errors.ts';
import type { Errand } from './transport.ts';
import { subscriptionShape } from './inventory.ts';

export interface SubscriptionPorts {
  readonly source: string;
  /** None: all that the credential sees. */
  readonly subscriptions: readonly string[] | undefined;
  /** Every subscription listed since the start; added to. */
  readonly seenSubscriptions: Set<string>;
  readonly arm: ArmApi;
}

const subscriptionsVersion = '2022-12-01';

/** Begins the id of every target of the subscription. */
export function scopeOf(ports: SubscriptionPorts, subscription: string): string {
  return `${ports.source}/${subscription}`;
}

const subscriptionsAttempt = (source: string): Errand => ({
  operation: 'Microsoft.Resources/subscriptions/read',
  subject: `all subscriptions of ${source}`,
  role: 'Reader on each subscription to be looked at',
  scope: source,
  subscription: '',
});

/** Ids in lower case, each once. Throws ExternalError; an empty listing is one too. */
export async function subscriptionsOf(
  ports: SubscriptionPorts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (ports.subscriptions !== undefined && ports.subscriptions.length > 0) {
    return [...new Set(ports.subscriptions.map((id) => id.toLowerCase()))];
  }
  const attempt = subscriptionsAttempt(ports.source);
  const path = `/subscriptions?api-version=${subscriptionsVersion}`;
  const items = await listShaped(ports.arm, path, subscriptionShape, attempt, signal);
  // A credential without any role is not refused: it is shown an empty list.
  if (items.length === 0) throw unseen('the credential sees none', attempt);
  return [...new Set(items.map((item) => item.subscriptionId.toLowerCase()))];
}

/** Those seen before and listed no more: to Azure a role that was taken away looks like a subscription that is gone. */
export function lostOf(
  ports: SubscriptionPorts,
  listed: readonly string[],
): readonly ScopeFailure[] {
  const gone = [...ports.seenSubscriptions].filter((id) => !listed.includes(id));
  for (const id of listed) ports.seenSubscriptions.add(id);
  return gone.map((id) => ({
    scope: scopeOf(ports, id),
    error: unseen(`${id} is no longer among them`, subscriptionsAttempt(ports.source)),
  }));
}

function unseen(what: string, { operation, subject, role }: Attempt): ExternalError {
  return new ExternalError(`${operation} of ${subject}: ${what}`, {
    reason: 'denied',
    operation,
    hint: `Grant ${role}; where it was deleted, restart the agent.`,
  });
}
