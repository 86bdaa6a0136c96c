import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SchemaElement } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { createFooter } from '../../../exporters/focus/parquet-footer.ts';

const time: Omit<SchemaElement, 'name'> = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' };
const text: Omit<SchemaElement, 'name'> = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const size = { precision: 38, scale: 9 };
const decimal = {
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: 16,
  logical_type: { type: 'DECIMAL', ...size },
  ...size,
} as const;

/** A file of some groups, and what its writer keeps of each of them until its end. */
async function written(columns: number, groups: number) {
  const elements = Array.from({ length: columns }, (_, place) => {
    const kind = [time, text, decimal][place % 3] ?? text;
    const repetition_type = place % 3 === 0 || place % 2 === 0 ? 'REQUIRED' : 'OPTIONAL';
    return { ...kind, name: `column ${place}`, repetition_type } satisfies SchemaElement;
  });
  const schema: SchemaElement[] = [{ name: 'rows', num_children: columns }, ...elements];
  const bytes = new ByteWriter();
  const file = new ParquetWriter({ writer: bytes, schema, createdBy: 'a test', statistics: false });
  for (let group = 0; group < groups; group += 1) {
    const columnData = elements.map((element, place) => ({
      name: element.name,
      data: Array.from({ length: 40 }, (_, row) => cell(place, group * 1_000_000 + row)),
      statistics: place % 3 === 0,
      offsetIndex: false,
    }));
    await file.write({ columnData, rowGroupSize: 40 });
  }
  const kept = file.row_groups;
  const before = bytes.offset;
  await file.finish();
  return { schema, kept, end: bytes.getBytes().slice(before) };
}

function cell(place: number, row: number): number | string | Uint8Array | null {
  if (place % 3 === 0) return Date.UTC(2026, 10, 1) + row * 60_000;
  if (place % 2 === 1 && row % 7 === 0) return null;
  // Some of few values, which have a dictionary, and some of many.
  if (place % 3 === 1) return place < 6 ? `zone ${row % 3}` : `${row} of ${place}`;
  return new Uint8Array(16).fill((row + place) % 200);
}

test.each([
  ['few columns', 3, 2],
  ['more columns than a short list has', 40, 3],
  ['more groups than a short list has', 4, 20],
])('the end of a file of %s is the one that its writer writes', async (_what, columns, groups) => {
  const { schema, kept, end } = await written(columns, groups);
  const footer = createFooter(schema, 'a test');
  for (const group of kept) footer.add(group);
  expect(footer.bytes()).toEqual(end);
});

test('a word that it has no number for is refused, not written as another', async () => {
  const { schema, kept } = await written(3, 1);
  const footer = createFooter(schema, 'a test');
  const [group] = kept;
  const columns = group?.columns.map(({ meta_data, ...column }) => ({
    ...column,
    ...(meta_data && { meta_data: { ...meta_data, codec: 'ZSTD' as const } }),
  }));
  expect(() => group && columns && footer.add({ ...group, columns })).toThrow('no number of ZSTD');
});
