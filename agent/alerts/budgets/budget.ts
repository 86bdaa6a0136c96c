import type { BillReader } from '../../core/bill-store.ts';
import type { BudgetBasis } from '../../core/budget.ts';
import type { Dimension } from '../../core/dimension.ts';
import type { NanoUsd } from '../../core/money.ts';
import type { StatusReader, UsageReader } from '../../core/store.ts';
import type { Clock, Instant } from '../../core/time.ts';
import type { Match, TeamRule } from '../../query/dimensions.ts';
import type { PeriodKind } from './period.ts';
import type { HeldRhythm } from './rhythm.ts';

/** One threshold of a budget, as the configuration says it. */
export type BudgetAlert = { readonly severity: string } & (
  | { readonly kind: 'actual'; readonly ratio: number }
  | { readonly kind: 'forecast'; readonly ratio: number }
  | {
      readonly kind: 'burn_rate';
      /** Times the rate that spends the amount exactly by the period's end. */
      readonly rate: number;
      /** The shorter one first. */
      readonly overSeconds: readonly [number, number];
    }
);

/** A budget as the configuration says it. */
export interface Budget {
  /** With `{team}` or the like in it where there is `forEach`. */
  readonly name: string;
  readonly forEach?: Dimension | undefined;
  readonly amount:
    | { readonly unit: 'USD'; readonly nanoUsd: NanoUsd }
    | { readonly unit: 'tokens'; readonly tokens: number };
  readonly period: PeriodKind;
  readonly timezone: string;
  readonly match: Match;
  readonly basis: BudgetBasis;
  readonly estimate: 'low' | 'best' | 'high';
  readonly alerts: readonly BudgetAlert[];
  /** Names of notifiers. */
  readonly notify: readonly string[];
}

/** From that midnight UTC on one unit of the currency is worth so much. */
export interface CurrencyWorth {
  readonly currency: string;
  readonly nanoUsd: NanoUsd;
  readonly from: Instant;
}

/** What budgets are computed from. */
export interface BudgetDeps {
  readonly reader: UsageReader;
  readonly bills: BillReader;
  readonly status: Pick<StatusReader, 'sources'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly budgets: readonly Budget[];
  readonly teams: readonly TeamRule[];
  readonly currencies: readonly CurrencyWorth[];
  /** Where people reach the agent; undefined: alerts carry no link. */
  readonly publicUrl?: string | undefined;
  /** Keeps the hour rhythm over the evaluations of a day; without, it is read each time. */
  readonly rhythm?: HeldRhythm | undefined;
}
