import { billSources } from './bill.ts';
import type { BillSource } from './bill.ts';
import type { Cloud } from './cloud.ts';
import { monthStart } from './month.ts';
import type { Instant, Window } from './time.ts';

/** A scope of a bill's source, with the spans of days that it told. */
export interface TellingScope {
  readonly id: number;
  readonly source: BillSource;
  readonly cloud: Cloud;
  readonly scope: string;
  /** Disjoint. */
  readonly spans: readonly (Window & { readonly fetchedAt: Instant })[];
}

/** A day on which a scope has lines of an account. */
export interface AccountDay {
  readonly scopeId: number;
  readonly account: string;
  /** Its start. */
  readonly day: Instant;
}

/**
 * Which scope's lines are the bill of an account's day; undefined where none tells it. Lines of the others are another
 * view of the same money and are never added to them.
 *
 * A scope tells an account's day when it told that day and has lines of the account in the same calendar month: what a
 * payer's bill says of the month is all there is, so that a day on which it has none of the account cost nothing, and no
 * coarser source is asked. An account of which it has nothing all month may not be its own, so it says nothing of it.
 *
 * Among those that tell it the first of `billSources` is the bill. Two scopes of one source may tell the same account, a
 * payer's and its own: the one with lines on that very day goes first (an account that moved has two payers in a
 * month), then the one that was fetched last, then the first by name.
 *
 * @param accountDays of all months that the days asked for lie in, whole months
 */
export function chooseBill(
  scopes: readonly TellingScope[],
  accountDays: readonly AccountDay[],
): (cloud: Cloud, account: string, day: Instant) => number | undefined {
  const inMonth = new Set<string>();
  const onDay = new Set<string>();
  for (const { scopeId, account, day } of accountDays) {
    inMonth.add(keyOf(scopeId, account, monthStart(day)));
    onDay.add(keyOf(scopeId, account, day));
  }
  const known = new Map<string, number | undefined>();

  function choose(cloud: Cloud, account: string, day: Instant): number | undefined {
    const month = monthStart(day);
    const tellers = scopes.flatMap((one) => {
      if (one.cloud !== cloud || !inMonth.has(keyOf(one.id, account, month))) return [];
      const span = one.spans.find(({ start, end }) => start <= day && day < end);
      if (span === undefined) return [];
      const { fetchedAt } = span;
      return [{ ...one, fetchedAt, hasLines: onDay.has(keyOf(one.id, account, day)) }];
    });
    return tellers.toSorted(
      (a, b) =>
        billSources.indexOf(a.source) - billSources.indexOf(b.source) ||
        Number(b.hasLines) - Number(a.hasLines) ||
        b.fetchedAt - a.fetchedAt ||
        (a.scope < b.scope ? -1 : 1),
    )[0]?.id;
  }

  return (cloud, account, day) => {
    const key = `${cloud} ${day} ${account}`;
    if (!known.has(key)) known.set(key, choose(cloud, account, day));
    return known.get(key);
  };
}

function keyOf(scopeId: number, account: string, at: Instant): string {
  return `${scopeId} ${at} ${account}`;
}
