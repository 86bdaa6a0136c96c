import { budgetBases, budgetStates } from '../core/budget.ts';
import type { BudgetStatus } from '../core/budget.ts';
import { isoUtc } from '../core/time.ts';
import { matchesAny } from '../query/dimensions.ts';
import * as z from 'zod';
import { patterns } from './params.ts';
import { defineRoute } from './route.ts';
import { known } from './rows.ts';

const row = z.object({
  budget: z.string().meta({
    description: 'Its name; with for_each one row for every value that used anything in the period',
  }),
  period_start: z.iso.datetime().meta({ description: "Local midnight of the budget's time zone" }),
  period_end: z.iso.datetime().meta({ description: 'Exclusive' }),
  amount: z.number().meta({ description: 'In `unit`s' }),
  unit: z.enum(['usd', 'tokens']),
  spent: known(
    'In the period so far; null where nothing of it was ever read, and of money where nothing has a price',
  ),
  forecast: known(
    'Expected at the end of the period; null while fewer than three settled days are known, and of state incomplete',
  ),
  forecast_low: known('Together with forecast_high the span that holds it four times in five'),
  forecast_high: known('As forecast_low'),
  ratio: known('Spent of the amount; a floor of state incomplete'),
  basis: z.enum(budgetBases).meta({
    description:
      'estimated: tokens times price; billed: what the cloud charges; amortized: that, commitments spread over their time',
  }),
  state: z.enum(budgetStates).meta({
    description:
      'ok; forecast_over: the forecast reaches the amount; over: what is spent does; incomplete: the history does not ' +
      'cover the period, a source is blind, or a currency has no rate, whatever the ratio is',
  }),
  settled: z.number().min(0).max(1).nullable().meta({
    description: 'Share of what is spent that the cloud does not change any more',
  }),
  coverage: z.number().min(0).max(1).meta({
    description: "Share of the period's past that was read",
  }),
});

export const budgetsRoute = defineRoute({
  path: '/api/v1/budgets',
  summary: 'How budgets stand in their present period',
  description:
    'Computed from the ledger at each request, so a figure that the cloud restates is right the next time. A token that is ' +
    'limited by a match sees the budgets that hold nothing else.',
  scope: 'read',
  sharing: 'exactly',
  params: z.object({
    budget: patterns('Budget').optional(),
    state: patterns('State', budgetStates).optional(),
  }),
  row,
  rowName: 'BudgetRow',
  headers: {},
  async answer({ budget = [], state = [] }, access, { budgets }) {
    const statuses = (await budgets?.(access.scope)) ?? [];
    return {
      rows: statuses
        .filter((one) => isAmong(one.budget, budget) && isAmong(one.state, state))
        .map(rowOf),
    };
  },
});

function rowOf(status: BudgetStatus): z.output<typeof row> {
  const { forecast, period } = status;
  return {
    budget: status.budget,
    period_start: isoUtc(period.start),
    period_end: isoUtc(period.end),
    amount: status.amount,
    unit: status.unit,
    spent: nano(status.spent),
    forecast: nano(forecast?.mean),
    forecast_low: nano(forecast?.low),
    forecast_high: nano(forecast?.high),
    ratio: status.ratio,
    basis: status.basis,
    state: status.state,
    settled: status.settled,
    coverage: status.coverage,
  };
}

function isAmong(value: string, wanted: readonly string[]): boolean {
  return wanted.length === 0 || matchesAny(value, wanted);
}

/** With nine decimals at most. */
function nano(amount: number | null | undefined): number | null {
  return amount === null || amount === undefined ? null : Number(amount.toFixed(9));
}
