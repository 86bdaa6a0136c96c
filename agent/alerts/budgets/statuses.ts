import type { BudgetStatus } from '../../core/budget.ts';
import { filtersOf, matches, valueReader } from '../../query/dimensions.ts';
import type { Filters } from '../../query/dimensions.ts';
import type { BudgetDeps } from './budget.ts';
import { evaluateBudgets } from './evaluate.ts';
import type { Instance } from './instances.ts';

/**
 * How every budget stands in its present period.
 * @param scope what the asker may see at all: a budget that holds anything else, or nothing, is left out
 */
export async function budgetStatuses(
  deps: BudgetDeps,
  scope: Filters = new Map(),
): Promise<readonly BudgetStatus[]> {
  if (deps.budgets.length === 0) return [];
  const { budgets, sums } = await evaluateBudgets(deps, 'classes');
  if (scope.size === 0) return budgets.map(({ status }) => status);
  const { identities, members } = sums.classes;
  const valueOf = valueReader(deps.teams);
  const isSeen = identities.map((identity) => matches(identity, scope, valueOf));
  return budgets
    .filter(({ instance }) => {
      const places = instance.classes.flatMap((one) => members[one] ?? []);
      if (places.length === 0 || !places.every((place) => isSeen[place] === true)) return false;
      return instance.budget.basis === 'estimated' || namesScope(instance, scope);
    })
    .map(({ status }) => status);
}

/** A bill has lines of what is not metered: such a budget has to name the asker's limits itself. */
function namesScope({ budget, value }: Instance, scope: Filters): boolean {
  const named = filtersOf(budget.match);
  return [...scope].every(([dimension, allowed]) => {
    const own =
      dimension === budget.forEach && value !== undefined ? [value] : named.get(dimension);
    return own?.every((pattern) => allowed.includes(pattern)) === true;
  });
}
