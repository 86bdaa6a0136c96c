import type { Labels } from '../../core/cloud.ts';
import { columnOf } from '../../core/dimension.ts';
import type { Window } from '../../core/time.ts';
import type { Budget } from './budget.ts';
import type { Classes } from './classes.ts';
import type { Sums } from './sums.ts';

/** One budget in its present period; with `for_each`, of one value. */
export interface Instance {
  readonly budget: Budget;
  readonly name: string;
  readonly each: Labels;
  /** Of `for_each`, as the dimension has it; undefined without. */
  readonly value?: string;
  readonly period: Window;
  /** `30 Nov` */
  readonly lastDay: string;
  readonly classes: readonly number[];
}

/** What stands in a name for a value that is empty. */
const noValue = 'none';

/** With `for_each`, one for every value that used anything in the period, in the order of values; else the one. */
export function instancesOf(
  budget: Budget,
  classes: Classes,
  { period, lastDay }: Pick<Instance, 'period' | 'lastDay'>,
  sums: Sums,
): readonly Instance[] {
  const { forEach, name } = budget;
  if (forEach === undefined) {
    return [{ budget, name, each: {}, period, lastDay, classes: classes.matching(budget.match) }];
  }
  return classes
    .byValue(budget.match, forEach)
    .filter((found) => found.classes.some((one) => sums.tokens[one] !== 0 || sums.best[one] !== 0))
    .map(({ value, classes: found }) => ({
      budget,
      name: name.replace(`{${forEach}}`, () => (value === '' ? noValue : value)),
      each: { [columnOf(forEach)]: value === '' ? noValue : value },
      value,
      period,
      lastDay,
      classes: found,
    }));
}
