import * as z from 'zod';
import type { Instant } from '../../../agent/core/time.ts';
import { badAnswer } from '../errors.ts';
import type { Attempt } from '../errors.ts';
import { amounts } from './cost-question.ts';
import type { CostDimension, CostQuestion } from './cost-question.ts';
import { isDecimal } from './decimal-text.ts';

/** One sum of costs, amounts as the decimal text that was sent. */
export interface CostRow {
  /** The start of its day; the first of the question where all days are in one sum. */
  readonly day: Instant;
  readonly cost: string;
  /** Null where none is told. */
  readonly quantity: string | null;
  readonly currency: string;
  /** What it is grouped by; empty where Azure has no value. */
  readonly of: Readonly<Partial<Record<CostDimension, string>>>;
}

export interface CostPage {
  readonly rows: readonly CostRow[];
  readonly nextLink: string | undefined;
}

const numberShape = z.object({ written: z.string() });
const pageShape = z.object({
  properties: z.object({
    nextLink: z.string().nullish(),
    columns: z.array(z.object({ name: z.string() })),
    rows: z.array(z.array(z.union([z.string(), numberShape, z.null()]))),
  }),
});
type Cell = z.output<typeof pageShape>['properties']['rows'][number][number];

/**
 * One page of an answer whose numbers are as they were written. Columns are found by name, in any order and case. Throws
 * ExternalError where a column is missing, a row is longer or shorter than the columns, an amount is no number or a day
 * is not one of the question's.
 */
export function readCostPage(body: unknown, question: CostQuestion, attempt: Attempt): CostPage {
  const { data } = pageShape.safeParse(body);
  if (data === undefined) throw badAnswer('an answer without columns and rows', attempt);
  const { columns, rows, nextLink } = data.properties;
  const names = columns.map(({ name }) => name.toLowerCase());
  const placeOf = (name: string): number => {
    const place = names.indexOf(name.toLowerCase());
    if (place === -1) throw badAnswer(`it has no column ${name}`, attempt);
    if (names.lastIndexOf(name.toLowerCase()) === place) return place;
    throw badAnswer(`it has the column ${name} twice`, attempt);
  };
  const cost = placeOf(amounts.cost);
  const quantity = placeOf(amounts.quantity);
  const currency = placeOf('Currency');
  const date = question.granularity === 'Daily' ? placeOf('UsageDate') : undefined;
  const groups = question.groupings.map((name) => [name, placeOf(name)] as const);
  return {
    nextLink: nextLink || undefined,
    rows: rows.map((cells) => {
      if (cells.length !== columns.length) {
        const lengths = `${cells.length} cells under ${columns.length} columns`;
        throw badAnswer(`a row has ${lengths}`, attempt);
      }
      return {
        day: date === undefined ? question.days.start : dayOf(cells[date], question, attempt),
        cost: amountOf(cells[cost], attempt),
        quantity: cells[quantity] === null ? null : amountOf(cells[quantity], attempt),
        currency: wordOf(cells[currency], attempt),
        of: Object.fromEntries(groups.map(([name, at]) => [name, wordOf(cells[at], attempt)])),
      };
    }),
  };
}

function amountOf(cell: Cell | undefined, attempt: Attempt): string {
  const written = typeof cell === 'object' ? cell?.written : undefined;
  if (written !== undefined && isDecimal(written)) return written;
  throw badAnswer('an amount that is no number', attempt);
}

function wordOf(cell: Cell | undefined, attempt: Attempt): string {
  if (typeof cell === 'string') return cell;
  if (cell === null) return '';
  throw badAnswer('a number where a word belongs', attempt);
}

/** 20261118, a number, is the 18th of November. */
function dayOf(cell: Cell | undefined, { days }: CostQuestion, attempt: Attempt): Instant {
  const written = typeof cell === 'object' ? (cell?.written ?? '') : '';
  const [, year = '', month = '', date = ''] = /^(\d{4})(\d{2})(\d{2})$/.exec(written) ?? [];
  const day = Date.parse(`${year}-${month}-${date}T00:00:00Z`);
  if (day >= days.start && day < days.end) return day;
  throw badAnswer(`the day ${written || 'that is no number'} was not asked for`, attempt);
}
