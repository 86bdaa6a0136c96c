import type { BillReader } from '../core/bill-store.ts';
import type { InvoiceStatus } from '../core/charge.ts';
import type { IdentityRow, NamedTraffic, TrafficCoverage } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { learn } from './coverage.ts';
import { bucketAt } from './plan.ts';
import type { Plan } from './plan.ts';

/** How much of a bucket of an identity is settled, by its id and the bucket; null where nothing of it was looked at. */
export function settlement(
  plan: Plan,
  identities: readonly IdentityRow[],
  byTraffic: ReadonlyMap<number, TrafficCoverage>,
): (identityId: number, bucket: Instant) => number | null {
  const groups = identities.map((one) => ({ columns: {}, identities: [one] }));
  const knowledge = learn({ plan, groups }, [{ window: plan.window, byTraffic }]);
  const groupOf = new Map(identities.map(({ id }, place) => [id, place]));
  return (identityId, bucket) => {
    const group = groupOf.get(identityId);
    const place = bucketAt(plan, bucket);
    if (group === undefined || !knowledge.looked(group, place)) return null;
    return knowledge.settled(group, place);
  };
}

/** What the ledger holds of the bill of an account's day: it is final where every line of it is. */
export async function readInvoices(
  bills: Pick<BillReader, 'bills'>,
  day: Window,
): Promise<(of: Pick<NamedTraffic, 'cloud' | 'account'>) => InvoiceStatus> {
  const statuses = new Map<string, InvoiceStatus>();
  for (const { cloud, account, final } of await bills.bills(day)) {
    const key = keyOf({ cloud, account });
    const isFinal = final && statuses.get(key) !== 'provisional';
    statuses.set(key, isFinal ? 'final' : 'provisional');
  }
  return (of) => statuses.get(keyOf(of)) ?? 'none';
}

function keyOf({ cloud, account }: Pick<NamedTraffic, 'cloud' | 'account'>): string {
  return `${cloud} ${account.toLowerCase()}`;
}
