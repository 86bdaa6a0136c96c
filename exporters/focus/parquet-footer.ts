import type { ParquetWriter, SchemaElement } from 'hyparquet-writer';
import { binary, encode, encodedStruct, i32, i64, list, struct } from './thrift-compact.ts';
import type { ThriftValue } from './thrift-compact.ts';

type RowGroup = ParquetWriter['row_groups'][number];
type ColumnMetaData = NonNullable<RowGroup['columns'][number]['meta_data']>;
type Statistics = NonNullable<ColumnMetaData['statistics']>;

/** The end of a file: what its columns are and where each of them stands in each group of rows. */
export interface ParquetFooter {
  /** Keeps some dozen bytes for each column of the group. */
  add(group: RowGroup): void;
  /** The last bytes of the file. */
  bytes(): Uint8Array;
}

/**
 * As `ParquetWriter.finish` writes it, but a group is encoded when it is written and not kept as objects until the end, of
 * which there would be hundreds of megabytes for some million rows. Throws a RangeError at what no column of FOCUS needs.
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */
export function createFooter(schema: readonly SchemaElement[], createdBy: string): ParquetFooter {
  const groups: Uint8Array[] = [];
  let rows = 0n;
  return {
    add(group) {
      groups.push(encode(rowGroup(group)));
      rows += group.num_rows;
    },
    bytes() {
      const metadata = encode(
        struct([
          [1, i32(2)],
          [2, list(schema.map(schemaElement))],
          [3, i64(rows)],
          [4, list(groups.map(encodedStruct))],
          [6, binary(createdBy)],
          [7, list(schema.filter(({ type }) => type).map(() => struct([[1, struct([])]])))],
        ]),
      );
      const bytes = new Uint8Array(metadata.length + 8);
      bytes.set(metadata);
      new DataView(bytes.buffer).setUint32(metadata.length, metadata.length, true);
      bytes.set(new TextEncoder().encode('PAR1'), metadata.length + 4);
      return bytes;
    },
  };
}

/** The format's numbers of the words that the writer has for them. */
const numbers: Readonly<Record<string, number>> = {
  INT64: 2,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
  REQUIRED: 0,
  OPTIONAL: 1,
  UTF8: 0,
  DECIMAL: 5,
  TIMESTAMP_MILLIS: 9,
  PLAIN: 0,
  RLE_DICTIONARY: 8,
  SNAPPY: 1,
  DICTIONARY_PAGE: 2,
  DATA_PAGE_V2: 3,
};

function numberOf(word: string): ThriftValue {
  const number = numbers[word];
  if (number === undefined) throw new RangeError(`the end of a Parquet file: no number of ${word}`);
  return i32(number);
}

function maybe<T>(value: T | undefined, encoded: (value: T) => ThriftValue) {
  return value === undefined ? undefined : encoded(value);
}

function schemaElement(element: SchemaElement): ThriftValue {
  const { type, type_length, repetition_type, name, num_children, converted_type } = element;
  const logical = element.logical_type?.type === 'DECIMAL' ? element.logical_type : undefined;
  return struct([
    [1, maybe(type, numberOf)],
    [2, maybe(type_length, i32)],
    [3, maybe(repetition_type, numberOf)],
    [4, binary(name)],
    [5, maybe(num_children, i32)],
    [6, maybe(converted_type, numberOf)],
    [7, maybe(element.scale, i32)],
    [8, maybe(element.precision, i32)],
    [
      10,
      maybe(logical, ({ scale, precision }) => {
        const size = struct([
          [1, i32(scale)],
          [2, i32(precision)],
        ]);
        return struct([[5, size]]);
      }),
    ],
  ]);
}

function rowGroup({ columns, total_byte_size, num_rows, total_compressed_size }: RowGroup) {
  return struct([
    [1, list(columns.map(columnChunk))],
    [2, i64(total_byte_size)],
    [3, i64(num_rows)],
    [6, maybe(total_compressed_size, i64)],
  ]);
}

function columnChunk({ file_offset, meta_data }: RowGroup['columns'][number]): ThriftValue {
  return struct([
    [2, i64(file_offset)],
    [3, maybe(meta_data, columnMetaData)],
  ]);
}

function columnMetaData(column: ColumnMetaData): ThriftValue {
  return struct([
    [1, numberOf(column.type)],
    [2, list(column.encodings.map(numberOf))],
    [3, list(column.path_in_schema.map(binary))],
    [4, numberOf(column.codec)],
    [5, i64(column.num_values)],
    [6, i64(column.total_uncompressed_size)],
    [7, i64(column.total_compressed_size)],
    [9, i64(column.data_page_offset)],
    [11, maybe(column.dictionary_page_offset, i64)],
    [12, maybe(column.statistics, statistics)],
    [
      13,
      maybe(column.encoding_stats, (pages) =>
        list(
          pages.map(({ page_type, encoding, count }) =>
            struct([
              [1, numberOf(page_type)],
              [2, numberOf(encoding)],
              [3, i32(count)],
            ]),
          ),
        ),
      ),
    ],
  ]);
}

/** Of times alone: no other column has any. */
function statistics({ null_count, max_value, min_value }: Statistics): ThriftValue {
  return struct([
    [3, maybe(null_count, i64)],
    [5, maybe(max_value, timeBytes)],
    [6, maybe(min_value, timeBytes)],
  ]);
}

function timeBytes(value: NonNullable<Statistics['min_value']>): ThriftValue {
  const bytes = new Uint8Array(8);
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== 'number') throw new RangeError('the end of a Parquet file: not a time');
  new DataView(bytes.buffer).setBigInt64(0, BigInt(time), true);
  return binary(bytes);
}
