import { minuteMs, floorTo, secondMs } from '../../core/time.ts';
import type { Window } from '../../core/time.ts';
import type { BudgetAlert } from './budget.ts';
import type { Instance } from './instances.ts';
import type { Spending } from './spending.ts';
import { amountOf, divisorOf, measureOf } from './status.ts';

export type BurnAlert = Extract<BudgetAlert, { readonly kind: 'burn_rate' }>;

/** How fast the amount goes, in times of the rate that spends it exactly by the period's end. */
export interface Burn {
  readonly short: number;
  readonly long: number;
}

/**
 * Over both windows, which end where all of the budget's data is read and not now, since what is not there yet is not zero.
 * They may begin before the period does. Rates are of what the meters tell, also of a budget that is held against the bill:
 * a bill is told by the day. Undefined where nothing was read.
 */
export async function burnOf(
  { budget, classes, period }: Instance,
  { overSeconds }: BurnAlert,
  spending: Spending,
): Promise<(Burn & { readonly until: number }) | undefined> {
  const measure = measureOf(budget);
  const past = { start: period.start, end: spending.now };
  const { until, isBlind } = await spending.over(classes, measure, past);
  if (until === null || isBlind) return undefined;
  const end = floorTo(Math.min(until, spending.now), minuteMs);
  const allowed = amountOf(budget) / (period.end - period.start);
  const rateOver = async (seconds: number) => {
    const window: Window = { start: end - seconds * secondMs, end };
    const spent = (await spending.amount(classes, measure, window)) / divisorOf(budget);
    return spent / (seconds * secondMs) / allowed;
  };
  const [short, long] = await Promise.all([rateOver(overSeconds[0]), rateOver(overSeconds[1])]);
  return { short, long, until: end };
}
