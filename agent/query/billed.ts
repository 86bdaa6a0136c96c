import { billSources } from '../core/bill.ts';
import type { BillSource, RecordType } from '../core/bill.ts';
import type { BillReader, StoredBillLine } from '../core/bill-store.ts';
import type { Cloud } from '../core/cloud.ts';
import { decimalText, exactOf, roundedTo } from '../core/decimal-sum.ts';
import { splitByMonth } from '../core/month.ts';
import type { PriceItem } from '../core/price.ts';
import { ceilTo, dayMs, isoUtc } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { hull, intersect } from '../core/window.ts';
import { matchesAny } from './dimensions.ts';
import { mostRows, TooManyRowsError } from './too-many-rows.ts';

/** One billed amount of one day. */
export interface BilledRow {
  /** `2026-11-23`, UTC. */
  readonly day: string;
  readonly cloud: Cloud;
  readonly account: string;
  readonly resource: string;
  readonly region: string;
  readonly service: string;
  readonly meter: string;
  /** Null, like `token_type`, where the meter is none of a model, or nobody knows of which. */
  readonly model: string | null;
  readonly token_type: PriceItem | null;
  /** Null where the bill tells none. */
  readonly quantity: number | null;
  readonly unit: string;
  /** In `currency`, like `amortized_cost`, which is null where the source does not tell it. */
  readonly cost: number;
  readonly amortized_cost: number | null;
  readonly currency: string;
  readonly record_type: RecordType;
  /** Not expected to change. */
  readonly final: boolean;
  readonly source: BillSource;
}

/** The columns that can be filtered by. */
export const billedFilterColumns = [
  'cloud',
  'account',
  'resource',
  'region',
  'service',
  'meter',
  'model',
  'token_type',
  'currency',
  'record_type',
] as const;

/** A trailing `*` stands for any rest; without patterns a column lets everything through. */
export type BilledFilters = Readonly<
  Partial<Record<(typeof billedFilterColumns)[number], readonly string[] | undefined>>
>;

export interface BilledQuery {
  /** Whole UTC days that start in it. */
  readonly range: Window;
  readonly filters: BilledFilters;
  /** What each of these says, whichever is the bill; empty: the bill. */
  readonly sources: readonly string[];
  /** What the asker may see at all: it must hold beside the filters. */
  readonly scope?: BilledFilters;
  readonly maxRows?: number;
}

/**
 * The bill by day, account, resource, service and meter. A month is read at a time, and no more than is answered. Throws a
 * TooManyRowsError.
 */
export async function queryBilled(
  reader: Pick<BillReader, 'bills' | 'billedDays'>,
  { range, filters, sources, scope = {}, maxRows = mostRows }: BilledQuery,
): Promise<readonly BilledRow[]> {
  const asked = { start: ceilTo(range.start, dayMs), end: ceilTo(range.end, dayMs) };
  // However long the range is, the months that no bill tells of are not looked at.
  const told = hull(await reader.billedDays());
  const days = told && intersect(asked, told);
  const wanted = billSources.filter((source) => matchesAny(source, sources));
  const tellers = sources.length === 0 ? [undefined] : wanted;
  const found: BilledRow[] = [];
  for (const month of days === undefined ? [] : splitByMonth(days)) {
    for (const source of tellers) {
      for (const line of await reader.bills(month, source)) {
        const row = rowOf(line);
        if (!lets(row, filters) || !lets(row, scope)) continue;
        if (found.length === maxRows) throw tooMany(maxRows);
        found.push(row);
      }
    }
  }
  return tellers.length > 1 ? found.toSorted((a, b) => order(a.day, b.day)) : found;
}

function lets(row: BilledRow, filters: BilledFilters): boolean {
  return billedFilterColumns.every((column) => {
    const patterns = filters[column] ?? [];
    const value = row[column];
    return patterns.length === 0 || (value !== null && matchesAny(value, patterns));
  });
}

function rowOf(line: StoredBillLine): BilledRow {
  const meaning = typeof line.meaning === 'string' ? undefined : line.meaning;
  return {
    day: isoUtc(line.day).slice(0, 10),
    cloud: line.cloud,
    account: line.account,
    resource: line.resource,
    region: line.region,
    service: line.service,
    meter: line.meter,
    model: meaning?.model ?? null,
    token_type: meaning?.item ?? null,
    quantity: line.quantity === null ? null : numberOf(line.quantity),
    unit: line.unit,
    cost: numberOf(line.cost),
    amortized_cost: line.amortizedCost === null ? null : numberOf(line.amortizedCost),
    currency: line.currency,
    record_type: line.recordType,
    final: line.final,
    source: line.source,
  };
}

const decimals = 9;

/** With nine decimals at most; the ledger keeps no amount that is none. */
function numberOf(text: string): number {
  const exact = exactOf(text);
  if (exact === undefined) throw new RangeError(`not an amount: ${text}`);
  // Without minus zero, which a small credit rounds to.
  return Number(decimalText(roundedTo(exact, decimals))) + 0;
}

function tooMany(maxRows: number): TooManyRowsError {
  const most = maxRows.toLocaleString('en-US');
  return new TooManyRowsError(
    `more than ${most} rows, which is the most: take a narrower range, or filter by account, service, model or record_type`,
    maxRows + 1,
    maxRows,
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
