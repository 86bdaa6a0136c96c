import type { BudgetState, BudgetStatus, BudgetUnit, Expected } from '../../core/budget.ts';
import type { Instant } from '../../core/time.ts';
import { filtersOf } from '../../query/dimensions.ts';
import type { Sight } from './blind.ts';
import type { InstanceBill } from './billed.ts';
import type { Budget } from './budget.ts';
import { forecastRest } from './forecast.ts';
import type { SpendHistory } from './forecast.ts';
import type { Instance } from './instances.ts';
import type { Measure } from './spans.ts';
import type { Spending } from './spending.ts';

/** A traffic of which more of the period is missing makes the budget's history incomplete. */
const mostMissing = 0.01;

/** What is known of a budget's spending, whatever it is told by. Amounts in the ledger's units. */
interface Told {
  readonly spent: number | null;
  readonly settled: number | null;
  readonly coverage: number;
  readonly until: Instant | null;
  readonly isIncomplete: boolean;
  readonly isBlind: boolean;
  readonly history: SpendHistory;
  readonly notes: readonly string[];
}

/** A status, and whether some source has been blind for so long that more may be spent than is known. */
export interface Stand {
  readonly status: BudgetStatus;
  readonly isBlind: boolean;
}

export async function statusOf(
  instance: Instance,
  spending: Spending,
  sight: Sight,
  bill: InstanceBill | undefined,
): Promise<Stand> {
  const { budget, name, each, period } = instance;
  const told =
    bill === undefined
      ? await toldByLedger(instance, spending, sight)
      : toldByBill(bill, instance, spending);
  const divisor = divisorOf(budget);
  const amount = amountOf(budget);
  const spent = told.spent === null ? null : told.spent / divisor;
  const forecast = told.isIncomplete ? null : forecastOf(told, instance, divisor);
  const ratio = spent === null ? null : spent / amount;
  const status: BudgetStatus = {
    budget: name,
    each,
    period,
    amount,
    unit: unitOf(budget),
    spent,
    forecast,
    ratio,
    basis: budget.basis,
    state: stateOf(told.isIncomplete, ratio, forecast, amount),
    settled: told.settled,
    coverage: told.coverage,
    dataUntil: told.until,
    notes: told.notes,
  };
  return { status, isBlind: told.isBlind };
}

export function measureOf({ amount, estimate }: Budget): Measure {
  return amount.unit === 'tokens' ? 'tokens' : estimate;
}

function unitOf({ amount }: Budget): BudgetUnit {
  return amount.unit === 'tokens' ? 'tokens' : 'usd';
}

/** In dollars or tokens. */
export function amountOf({ amount }: Budget): number {
  return amount.unit === 'tokens' ? amount.tokens : Number(amount.nanoUsd) / 1e9;
}

/** What the ledger's unit is of the budget's. */
export function divisorOf({ amount }: Budget): number {
  return amount.unit === 'tokens' ? 1 : 1e9;
}

async function toldByLedger(
  { budget, classes, period }: Instance,
  spending: Spending,
  sight: Sight,
): Promise<Told> {
  const measure = measureOf(budget);
  const past = { start: period.start, end: spending.now };
  const found = await spending.over(classes, measure, past);
  const blind = sight.blindFor(filtersOf(budget.match));
  // Money of which nothing has a price is not nothing.
  const isUnpriced = measure !== 'tokens' && found.tokens > 0 && found.unpriced >= found.tokens;
  const isUnknown = found.until === null || (isUnpriced && found.amount === 0);
  const isIncomplete =
    isUnknown || found.isBlind || blind.length > 0 || 1 - found.least > mostMissing;
  const unpriced = found.tokens === 0 ? 0 : found.unpriced / found.tokens;
  return {
    spent: isUnknown ? null : found.amount,
    settled: found.settled,
    coverage: found.coverage,
    until: found.until,
    isIncomplete,
    isBlind: found.isBlind || blind.length > 0,
    history: spending.history(classes, measure),
    notes: [
      ...(blind.length > 0 ? [`cannot see ${blind.slice(0, 3).join(', ')}`] : []),
      ...(measure !== 'tokens' && unpriced >= 0.005
        ? [`${Math.round(unpriced * 100)}% of tokens without a price`]
        : []),
    ],
  };
}

function toldByBill(bill: InstanceBill, { classes }: Instance, spending: Spending): Told {
  const { hours, firstDay } = spending.history(classes, 'tokens');
  return { ...bill, history: { firstDay, days: bill.days, hours } };
}

function forecastOf(told: Told, { period }: Instance, divisor: number): Expected | null {
  if (told.spent === null || told.until === null) return null;
  const start = Math.max(told.until, period.start);
  const rest = forecastRest(told.history, { start: Math.min(start, period.end), end: period.end });
  if (rest === null) return null;
  return {
    mean: (told.spent + rest.mean) / divisor,
    low: (told.spent + rest.low) / divisor,
    high: (told.spent + rest.high) / divisor,
  };
}

function stateOf(
  isIncomplete: boolean,
  ratio: number | null,
  forecast: Expected | null,
  amount: number,
): BudgetState {
  if (isIncomplete || ratio === null) return 'incomplete';
  if (ratio >= 1) return 'over';
  return forecast !== null && forecast.mean >= amount ? 'forecast_over' : 'ok';
}
