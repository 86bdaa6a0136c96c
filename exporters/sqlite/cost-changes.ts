import { addKnown } from '../../agent/core/money.ts';
import type { CostChange } from '../../agent/core/price-store.ts';

/** One line a model, sorted; models whose cost is what it was have none. */
export function addChanges(changes: readonly CostChange[]): readonly CostChange[] {
  const byModel = new Map<string, CostChange>();
  for (const { model, before, after, rows } of changes) {
    const known = byModel.get(model);
    byModel.set(model, {
      model,
      before: addKnown(known?.before ?? null, before),
      after: addKnown(known?.after ?? null, after),
      rows: (known?.rows ?? 0) + rows,
    });
  }
  return [...byModel.values()]
    .filter(({ before, after }) => before !== after)
    .toSorted((a, b) => (a.model < b.model ? -1 : 1));
}
