import type { BudgetStatus } from '../../agent/core/budget.ts';

/** A budget of November 2026 in Berlin, to be changed where a test cares. */
export function budgetSample(change: Partial<BudgetStatus> = {}): BudgetStatus {
  return {
    budget: 'search-monthly',
    each: {},
    period: { start: Date.UTC(2026, 9, 31, 23), end: Date.UTC(2026, 10, 30, 23) },
    amount: 500,
    unit: 'usd',
    spent: 455,
    forecast: { mean: 610, low: 560, high: 680 },
    ratio: 0.91,
    basis: 'estimated',
    state: 'forecast_over',
    settled: 0.78,
    coverage: 1,
    dataUntil: Date.UTC(2026, 10, 23, 11, 51),
    notes: [],
    ...change,
  };
}
