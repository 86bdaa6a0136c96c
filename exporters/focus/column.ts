import type { Charge } from '../../agent/core/charge.ts';

/** A cell is text, an instant, or a decimal number as its digits, of the column's scale; null where there is none. */
export type FocusColumn = { readonly name: string; readonly nullable?: true } & (
  | { readonly type: 'text'; cell(charge: Charge): string | null }
  | { readonly type: 'time'; cell(charge: Charge): number }
  | { readonly type: 'decimal'; readonly scale: number; cell(charge: Charge): bigint | null }
);
