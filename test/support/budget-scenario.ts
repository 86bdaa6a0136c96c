import { expect, it } from 'vitest';
import { budgetConditions } from '../../agent/alerts/budgets/conditions.ts';
import { budgetStatuses } from '../../agent/alerts/budgets/statuses.ts';
import type { Condition } from '../../agent/core/alert.ts';
import type { BudgetStatus } from '../../agent/core/budget.ts';
import { budgetWorld } from './budget-world.ts';
import type { BudgetWorld } from './budget-world.ts';

export interface BudgetScenario {
  readonly says: string;
  readonly world: BudgetWorld;
  /** Of each budget, in order. */
  readonly stands: readonly Partial<BudgetStatus>[];
  /** Of each threshold; absent: budgets without. */
  readonly alerts?: readonly Partial<Condition>[];
}

/** One test for each scenario. */
export function budgetScenarios(scenarios: readonly BudgetScenario[]): void {
  it.each(scenarios)('$says', async ({ world, stands, alerts = [] }) => {
    const deps = budgetWorld(world);
    expect(await budgetStatuses(deps)).toMatchObject(stands);
    expect(await budgetConditions(deps)).toMatchObject(alerts);
  });
}
