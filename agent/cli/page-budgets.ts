import type { Config } from '../config/schema.ts';
import type { BudgetStatus } from '../core/budget.ts';
import { columnOf } from '../core/dimension.ts';
import { filtersOf } from '../query/dimensions.ts';
import type { Filters } from '../query/dimensions.ts';

/** What a budget holds, so that the page can show what adds up to it; undefined where that cannot be asked for. */
export function budgetFilters(
  budgets: Config['budgets'],
  status: Pick<BudgetStatus, 'budget' | 'each'>,
): Filters | undefined {
  for (const { name, forEach, match } of budgets) {
    const filters = filtersOf(match);
    if (forEach === undefined) {
      if (name === status.budget) return filters;
      continue;
    }
    const value = status.each[columnOf(forEach)];
    if (value === undefined || name.replace(`{${forEach}}`, () => value) !== status.budget)
      continue;
    return new Map([...filters, [forEach, [value]]]);
  }
  return undefined;
}
