import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, DecodedArray, FileMetaData } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { columnsOf } from './detect.ts';
import { BillFileError } from './errors.ts';
import { kindOf, valueText, withoutDecimal } from './parquet-values.ts';
import type { ValueKind } from './parquet-values.ts';
import type { Row } from './row.ts';
import type { ReadOptions, RowSink } from './sink.ts';

/**
 * Reads a Parquet file through the sink, a row group at a time and of it only the columns that are needed: most groups of a
 * whole account's bill hold no model, and of those the columns that tell so are enough. Resolves to the number of its rows.
 */
export async function readParquet(options: ReadOptions): Promise<number> {
  const handle = await open(options.path);
  try {
    return await readGroups(options, await bufferOf(handle));
  } catch (error) {
    if (error instanceof BillFileError || options.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BillFileError(
      `${options.name}: not readable as Parquet (${reason}). Export or download the file again; nothing was written.`,
      { cause: error },
    );
  } finally {
    await handle.close();
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new Error('the file ends before what its footer names');
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

async function readGroups(options: ReadOptions, file: AsyncBuffer): Promise<number> {
  const { name, signal, progress } = options;
  const stated = await parquetMetadataAsync(file, { geoparquet: false });
  const top = parquetSchema(stated).children.map(({ element }) => element);
  const sink = options.open(top.map((element) => element.name));
  const kinds = new Map(top.map((element) => [element.name, kindOf(element)]));
  const columns = columnsOf(
    sink.format,
    top.map((element) => element.name),
  );
  const metadata = { ...stated, schema: stated.schema.map(withoutDecimal) };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    signal.throwIfAborted();
    const rowEnd = rowStart + Number(group.num_rows);
    await readGroup({ file, metadata, columns, kinds, name, signal }, sink, rowStart, rowEnd);
    rowStart = rowEnd;
    progress(Math.floor((rowEnd / Number(metadata.num_rows)) * file.byteLength));
  }
  return rowStart;
}

interface Source {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  /** Those of the format that the file has. */
  readonly columns: readonly string[];
  readonly kinds: ReadonlyMap<string, ValueKind>;
  readonly name: string;
  readonly signal: AbortSignal;
}

async function readGroup(
  source: Source,
  sink: RowSink,
  rowStart: number,
  rowEnd: number,
): Promise<void> {
  const { file, metadata, columns, kinds, name, signal } = source;
  // A scan of its own, which keeps the columns of this group and goes with it.
  const scan = await parquetScan({ file, metadata, compressors, utf8: false });
  const values = new Map<string, DecodedArray>();
  const read = async (column: string) => {
    signal.throwIfAborted();
    values.set(column, await scan.readColumn({ column, rowStart, rowEnd }));
  };
  let index = 0;
  const row: Row = {
    get place() {
      return `${name}, row ${rowStart + index + 1}`;
    },
    text(column) {
      const kind = kinds.get(column);
      const value: unknown = values.get(column)?.[index];
      return kind === undefined ? '' : valueText(value, kind);
    },
  };
  const ofOwner = new Set(sink.format.ownerColumns);
  for (const column of columns) if (ofOwner.has(column)) await read(column);
  const taken: number[] = [];
  for (index = 0; index < rowEnd - rowStart; index += 1) if (sink.look(row)) taken.push(index);
  if (taken.length === 0) return;
  for (const column of columns) if (!ofOwner.has(column)) await read(column);
  for (index of taken) sink.take(row);
}
