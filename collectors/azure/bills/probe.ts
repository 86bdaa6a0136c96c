import { tryRight, untried } from '../../../agent/core/permission.ts';
import type { Permission } from '../../../agent/core/permission.ts';
import { dayMs, floorTo } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { grantOf } from '../probe.ts';
import { scopeOf, subscriptionsOf } from '../subscriptions.ts';
import type { SubscriptionPorts } from '../subscriptions.ts';
import type { CostApi } from './cost-api.ts';
import { costErrand, costOperation, costRole } from './errand.ts';
import { partsQuestion } from './parts.ts';

const right = { place: '', feature: 'bills', operation: costOperation } as const;

/** One question about one day of each subscription. Which there are is the meters' probe to try; here it only blocks. */
export async function probeBills(
  ports: SubscriptionPorts & { readonly costs: CostApi },
  now: () => Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const listing = { ...right, account: '', grantFor: () => undefined };
  const listed = await tryRight(listing, () => subscriptionsOf(ports, signal), signal);
  if (listed.value === undefined) return [untried(listing, 'blocked')];
  const end = floorTo(now(), dayMs);
  const question = partsQuestion('ActualCost', { start: end - dayMs, end });
  const permissions: Permission[] = [];
  for (const account of listed.value) {
    const errand = costErrand(scopeOf(ports, account), account);
    const { permission } = await tryRight(
      {
        ...right,
        account,
        grantFor: (refusal) => grantOf(refusal, costRole, `/subscriptions/${account}`),
      },
      () => ports.costs.ask(question, errand, signal),
      signal,
    );
    permissions.push(permission);
  }
  return permissions;
}
