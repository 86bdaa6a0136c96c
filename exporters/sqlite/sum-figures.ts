import { amountNames } from '../../agent/core/usage.ts';
import { amountColumns, tokensOfRow } from './amount-columns.ts';

const columns = [...amountColumns, 'cost', 'cost_low', 'cost_high', 'unpriced'] as const;

/** The figures of a sum as tables and rows call them, in the order in which they have numbers. */
export const figureNames = [
  ...amountNames,
  'cost',
  'costLow',
  'costHigh',
  'unpricedTokens',
] as const;

/** Each of a stored row, as SQL. */
export const figureValues: readonly string[] = columns.map((name) =>
  name === 'unpriced' ? `coalesce(unpriced, ${tokensOfRow})` : name,
);
