import type { SchemaElement } from 'hyparquet';
import { decimalText } from '../../agent/core/decimal-sum.ts';

/** How a column's values become the texts that a CSV of the same rows would hold. */
export interface ValueKind {
  /** Of a decimal column: how many of its digits are a fraction. */
  readonly scale: number | undefined;
  /** Single precision: `0.1` is 0.10000000149011612 as a number. */
  readonly isSingle: boolean;
}

/**
 * What a schema's element says, and the element as the reader shall see it: a decimal as its unscaled integer, because the
 * reader would divide it to a double and lose digits.
 */
export function kindOf(element: SchemaElement): ValueKind {
  const isDecimal =
    element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';
  const scale =
    element.scale ?? (element.logical_type?.type === 'DECIMAL' ? element.logical_type.scale : 0);
  return { scale: isDecimal ? scale : undefined, isSingle: element.type === 'FLOAT' };
}

export function withoutDecimal(element: SchemaElement): SchemaElement {
  if (kindOf(element).scale === undefined) return element;
  const { converted_type: _converted, logical_type: _logical, ...rest } = element;
  return rest;
}

/** Null and absent are empty; timestamps are ISO 8601 in UTC; maps are JSON. */
export function valueText(value: unknown, { scale, isSingle }: ValueKind): string {
  if (value === null || value === undefined) return '';
  if (scale !== undefined) {
    const digits = integerOf(value);
    if (digits !== undefined) return decimalText({ digits, scale });
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return isSingle ? shortestSingle(value) : String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  }
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return JSON.stringify(value);
}

/** Unscaled digits of a decimal: an integer, or two's complement with the high byte first. */
function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (!(value instanceof Uint8Array)) return undefined;
  let digits = 0n;
  for (const byte of value) digits = digits * 256n + BigInt(byte);
  return BigInt.asIntN(value.length * 8, digits);
}

function shortestSingle(value: number): string {
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}
