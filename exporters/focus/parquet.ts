import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet-writer';
import type { Charge, ChargeSource } from '../../agent/core/charge.ts';
import type { FocusColumn } from './column.ts';
import { createFooter } from './parquet-footer.ts';

/** Held in memory, one column of them at a time. */
const rowsOfGroup = 10_000;

/**
 * The same rows as typed columns: texts, UTC times in milliseconds, and decimals of 38 digits. A group of rows is handed on
 * before the next one is asked for.
 */
export async function* parquetChunks(
  source: ChargeSource,
  columns: readonly FocusColumn[],
  createdBy: string,
): AsyncGenerator<Uint8Array, void> {
  const bytes = new ByteWriter();
  const schema = [{ name: 'focus', num_children: columns.length }, ...columns.map(elementOf)];
  const file = new ParquetWriter({ writer: bytes, schema, createdBy, statistics: false });
  const footer = createFooter(schema.map(withOldName), createdBy);

  function handOver(): Uint8Array {
    const chunk = bytes.getBytes().slice();
    bytes.index = 0;
    return chunk;
  }

  async function put(group: readonly Charge[]): Promise<void> {
    const columnData = columns.map((column) => ({
      name: column.name,
      // Made when its turn comes, so that one column is held at a time.
      get data() {
        return dataOf(column, group);
      },
      // By it a reader finds its days.
      statistics: column.type === 'time',
      offsetIndex: false,
    }));
    await file.write({ columnData, rowGroupSize: rowsOfGroup });
    for (const written of file.row_groups) footer.add(written);
    // Both would grow with the file: the footer has the one, and of the other there is nothing to write.
    file.row_groups = [];
    file.pendingIndexes = [];
  }

  let waiting: Charge[] = [];
  for await (const { charges } of source) {
    for (const charge of charges) {
      waiting.push(charge);
      if (waiting.length < rowsOfGroup) continue;
      await put(waiting);
      waiting = [];
      yield handOver();
    }
  }
  if (waiting.length > 0) await put(waiting);
  if (bytes.index > 0) yield handOver();
  yield footer.bytes();
}

type Element = SchemaElement & { readonly precision?: number; readonly scale?: number };

function elementOf(column: FocusColumn): Element {
  const { name } = column;
  const repetition_type = column.nullable === true ? 'OPTIONAL' : 'REQUIRED';
  if (column.type === 'text') {
    return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type };
  }
  if (column.type === 'time') {
    return { name, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type };
  }
  const size = { precision: 38, scale: column.scale };
  return {
    name,
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: decimalBytes,
    logical_type: { type: 'DECIMAL', ...size },
    ...size,
    repetition_type,
  };
}

/** What readers from before logical types go by. While rows are written it would have every decimal converted once more. */
function withOldName(element: Element): Element {
  return element.logical_type?.type === 'DECIMAL'
    ? { ...element, converted_type: 'DECIMAL' }
    : element;
}

const decimalBytes = 16;

/** Decimals as the format has them: the digits as a signed number, its highest byte first. */
function dataOf(
  column: FocusColumn,
  group: readonly Charge[],
): (string | number | Uint8Array | null)[] {
  if (column.type !== 'decimal') return group.map((charge) => column.cell(charge));
  const bytes = new Uint8Array(group.length * decimalBytes);
  const view = new DataView(bytes.buffer);
  return group.map((charge, place) => {
    const digits = column.cell(charge);
    if (digits === null) return null;
    const at = place * decimalBytes;
    view.setBigInt64(at, digits >> 64n);
    view.setBigUint64(at + 8, BigInt.asUintN(64, digits));
    return bytes.subarray(at, at + decimalBytes);
  });
}
