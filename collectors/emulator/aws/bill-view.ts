import type { Window } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import type { Billing } from '../billed.ts';
import { awsAccounts } from '../scenario.ts';
import { chargesOf } from './charges.ts';
import type { Charge } from './charges.ts';

/** What a call about bills sees: the same for all pages of one answer. */
export interface BillView {
  readonly billing: Billing;
  readonly asOf: Instant;
}

/** The one that pays for both, and sees both. */
export const payer = awsAccounts.own;

/** A payer sees its linked accounts, a linked account itself. */
export function chargesSeenBy(account: string, days: Window, view: BillView): readonly Charge[] {
  const all = chargesOf(view.billing, days, view.asOf);
  return account === payer ? all : all.filter((charge) => charge.account === account);
}

/** A sum of `10 ** -places` as decimal text. */
export function decimalText(value: bigint, places: number): string {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
