import type { Charge, ChargeSource } from '../../agent/core/charge.ts';
import { decimalText } from '../../agent/core/decimal-sum.ts';
import { isoUtc } from '../../agent/core/time.ts';
import type { FocusColumn } from './column.ts';

/** Small enough to hand on soon, large enough not to be called for every line. */
const chunkLength = 65_536;

/** A head and a line for each charge, as RFC 4180 says it, in UTF-8; a null is nothing between two commas. */
export async function* csvChunks(
  source: ChargeSource,
  columns: readonly FocusColumn[],
): AsyncGenerator<string, void> {
  let chunk = `${columns.map(({ name }) => name).join(',')}\r\n`;
  for await (const { charges } of source) {
    for (const charge of charges) {
      chunk += lineOf(charge, columns);
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

function lineOf(charge: Charge, columns: readonly FocusColumn[]): string {
  let line = '';
  for (const column of columns) line += `${line === '' ? '' : ','}${cellText(column, charge)}`;
  return `${line}\r\n`;
}

/** The first column is never null: a line never begins with nothing. */
function cellText(column: FocusColumn, charge: Charge): string {
  if (column.type === 'time') return timeText(column.cell(charge));
  if (column.type === 'text') {
    const value = column.cell(charge);
    return value === null ? '' : quoted(value);
  }
  const digits = column.cell(charge);
  return digits === null ? '' : decimalText({ digits, scale: column.scale });
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Charge periods are whole minutes: `2026-11-01T00:00:00Z`. */
function timeText(instant: number): string {
  return `${isoUtc(instant).slice(0, 19)}Z`;
}
