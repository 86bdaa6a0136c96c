import type { Instant } from '../core/time.ts';
import { dayMs } from '../core/time.ts';
import type { BilledMeter } from './billed-meters.ts';
import type { MeteredDay, ReconcileInput } from './inputs.ts';

/** Which days of which account are billed and read. */
export interface Knowledge {
  isBilled(cloud: string, account: string, day: Instant): boolean;
  /** Undefined: the account is not collected. */
  isRead(cloud: string, account: string, day: Instant): boolean | undefined;
}

export function knowledgeOf({ bills, reads }: ReconcileInput): Knowledge {
  const billsOf = byAccount(bills);
  const readsOf = byAccount(reads);
  return {
    isBilled: (cloud, account, day) =>
      (billsOf.get(`${cloud}|${account}`) ?? []).some(
        ({ start, end, finalUntil }) => start <= day && day < end && finalUntil >= day + dayMs,
      ),
    isRead: (cloud, account, day) =>
      readsOf
        .get(`${cloud}|${account}`)
        ?.some(({ start, end }) => start <= day && day + dayMs <= end),
  };
}

/** Whether both sides of a model-day will stay what they are. */
export function isComparable(
  known: Knowledge,
  meters: readonly BilledMeter[],
  metered: readonly MeteredDay[],
): boolean {
  if (!meters.every(({ final }) => final) || !metered.every(({ whole }) => whole)) return false;
  const [meter] = meters;
  const [one] = metered;
  if (meter === undefined && one !== undefined)
    return known.isBilled(one.cloud, one.account, one.day);
  if (one === undefined && meter !== undefined) {
    return known.isRead(meter.cloud, meter.account, meter.day) !== false;
  }
  return true;
}

function byAccount<Days extends { readonly cloud: string; readonly account: string }>(
  days: readonly Days[],
): ReadonlyMap<string, readonly Days[]> {
  const accounts = new Map<string, Days[]>();
  for (const one of days) {
    const key = `${one.cloud}|${one.account}`;
    const own = accounts.get(key);
    if (own === undefined) accounts.set(key, [one]);
    else own.push(one);
  }
  return accounts;
}
