import type { Labels } from './cloud.ts';
import type { Instant, Window } from './time.ts';

/**
 * `over`: what is spent reached the amount. `forecast_over`: what is expected at the end does. `incomplete`: the history does
 * not cover the period, so what is spent is a floor and nothing is forecast, whatever the ratio is.
 */
export const budgetStates = ['ok', 'forecast_over', 'over', 'incomplete'] as const;
export type BudgetState = (typeof budgetStates)[number];

/** `estimated`: tokens times price. `billed`: what the cloud charges. `amortized`: that, commitments spread over their time. */
export const budgetBases = ['estimated', 'billed', 'amortized'] as const;
export type BudgetBasis = (typeof budgetBases)[number];

export type BudgetUnit = 'usd' | 'tokens';

/** What is expected at a period's end, and the span that holds it four times in five. */
export interface Expected {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** One budget in the period that holds now. Amounts are in `unit`. */
export interface BudgetStatus {
  /** Its name, with the value of `for_each` filled in. */
  readonly budget: string;
  /** The value of `for_each` by its column: `{ team: 'search' }`; empty without. */
  readonly each: Labels;
  /** From local midnight to local midnight of the budget's time zone. */
  readonly period: Window;
  readonly amount: number;
  readonly unit: BudgetUnit;
  /** Null where nothing of it was ever read, and of money where nothing of it has a price. */
  readonly spent: number | null;
  /** Null while there is too little settled history, and where the history does not cover the period. */
  readonly forecast: Expected | null;
  /** Spent of the amount; null where `spent` is. */
  readonly ratio: number | null;
  readonly basis: BudgetBasis;
  readonly state: BudgetState;
  /** Share of what is spent that the cloud does not change any more, 0 to 1; null where nothing was read. */
  readonly settled: number | null;
  /** Share of the period's past that was read, 0 to 1. */
  readonly coverage: number;
  /** Up to here everything of it is read; null where nothing was. */
  readonly dataUntil: Instant | null;
  /** What a reader of the figures must know, a sentence each. */
  readonly notes: readonly string[];
}
