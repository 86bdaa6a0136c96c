import type { Plan } from './plan.ts';
import { stepName, steps } from './step.ts';
import { planQuery } from './plan.ts';

/** The most rows an answer has unless its caller says otherwise. */
export const mostRows = 10_000;

/** A query that would answer with more rows than allowed; nothing was read. Its message says what to do. */
export class TooManyRowsError extends Error {
  readonly rows: number;
  readonly maxRows: number;

  constructor(message: string, rows: number, maxRows: number) {
    super(message);
    this.name = 'TooManyRowsError';
    this.rows = rows;
    this.maxRows = maxRows;
  }
}

/** Throws a TooManyRowsError where the answer would be too long. */
export function checkRows(plan: Plan, combinations: number, maxRows: number): void {
  const rows = combinations * plan.buckets;
  if (rows <= maxRows) return;
  throw new TooManyRowsError(
    `${say(rows)} rows (${say(combinations)} combinations × ${say(plan.buckets)} buckets of ` +
      `${stepName(plan.step)}), the most is ${say(maxRows)}: ${wayOut(plan, combinations, maxRows)}`,
    rows,
    maxRows,
  );
}

/** The same of rows that are there already. */
export function checkLength(rows: readonly unknown[], maxRows: number = mostRows): void {
  if (rows.length <= maxRows) return;
  throw new TooManyRowsError(
    `${say(rows.length)} rows, the most is ${say(maxRows)}: take a narrower range, or more filters`,
    rows.length,
    maxRows,
  );
}

function wayOut(plan: Plan, combinations: number, maxRows: number): string {
  const { start, end } = plan.window;
  const fitting = steps.find((step) => {
    const longer = step === 'total' || (plan.step !== 'total' && step > plan.step);
    return longer && combinations * planQuery(start, end, step).buckets <= maxRows;
  });
  const others = 'a narrower range, fewer dimensions in the grouping, or more filters';
  return fitting === undefined ? `take ${others}` : `take step ${stepName(fitting)}, ${others}`;
}

function say(count: number): string {
  return count.toLocaleString('en-US');
}
