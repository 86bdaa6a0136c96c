import { exactOf } from '../../agent/core/decimal-sum.ts';
import type { Exact } from '../../agent/core/decimal-sum.ts';
import type { Instant } from '../../agent/core/time.ts';
import { BillFileError, quoted } from './errors.ts';

/** One row of a file, whatever the file is made of: a column's text, empty where the row or the file has none. */
export interface Row {
  /** `bills.csv, line 12` */
  readonly place: string;
  text(column: string): string;
}

const readAgain = 'Correct the row or export the file again; nothing was written';

/** What a row says in one column is not what stands there in such a file. */
export function badCell(row: Row, column: string, what: string, todo = readAgain): BillFileError {
  return new BillFileError(
    `${row.place}, column ${column}: ${quoted(row.text(column))} ${what}. ${todo}.`,
  );
}

/** Throws where the cell is empty. */
export function textOf(row: Row, column: string): string {
  const text = row.text(column);
  if (text !== '') return text;
  throw badCell(row, column, 'is not there, and every row needs it');
}

/** Null where the cell is empty; throws where it is no decimal number. */
export function exactIn(row: Row, column: string): Exact | null {
  const text = row.text(column);
  if (text === '') return null;
  const exact = exactOf(text);
  if (exact !== undefined) return exact;
  throw badCell(row, column, 'is no number with a decimal point');
}

export function requiredExactIn(row: Row, column: string): Exact {
  const exact = exactIn(row, column);
  if (exact !== null) return exact;
  throw badCell(row, column, 'is no number, and every row needs one');
}

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?: ?(Z|UTC|[+-]\d\d:?\d\d))?)?$/;
const asSpreadsheetsWrite = /^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}/;

/**
 * `2026-11-01`, `2026-11-01T00:00Z`, `2026-11-01 00:00:00.000`, `2026-11-01T02:00:00+02:00`: without an offset it is UTC.
 * To the second; undefined for any other text.
 */
export function instantOf(text: string): Instant | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone = 'Z'] =
    iso.exec(text) ?? [];
  if (year === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return undefined;
  }
  const local = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  return local - offsetMinutes(zone) * 60_000;
}

/** Throws where the cell is no date. */
export function instantIn(row: Row, column: string): Instant {
  const text = row.text(column);
  const instant = instantOf(text);
  if (instant !== undefined) return instant;
  throw asSpreadsheetsWrite.test(text)
    ? badCell(
        row,
        column,
        'is a date as spreadsheets write it, and whether day or month comes first nobody can tell',
        'Import the file as the cloud exported it; nothing was written',
      )
    : badCell(row, column, 'is no date such as 2026-11-01T00:00:00Z');
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3));
  return digits.startsWith('-') ? -minutes : minutes;
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** ISO 4217 as this Node knows it. Throws for any other text. */
export function currencyIn(row: Row, column: string): string {
  const text = row.text(column);
  if (currencies.has(text)) return text;
  throw badCell(row, column, 'is no currency of ISO 4217 such as USD');
}
