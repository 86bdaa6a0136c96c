import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ChargeSource } from '../../agent/core/charge.ts';
import type { FocusOptions } from '../../agent/core/focus.ts';
import { focusColumns } from './columns.ts';
import { csvChunks } from './csv.ts';

/** As `FocusWriter` promises. */
export async function* focusBytes(
  source: ChargeSource,
  { version, format, createdBy }: FocusOptions,
): AsyncGenerator<Uint8Array | string, void> {
  const columns = focusColumns(version);
  let chunks: AsyncIterable<Uint8Array | string>;
  if (format.rows === 'csv') {
    chunks = csvChunks(source, columns);
  } else {
    const { parquetChunks } = await import('./parquet.ts');
    chunks = parquetChunks(source, columns, createdBy);
  }
  if (!format.gzip) {
    yield* chunks;
    return;
  }
  const plain = Readable.from(chunks, { objectMode: false });
  const zipped = createGzip();
  plain.once('error', (error) => zipped.destroy(error));
  try {
    yield* plain.pipe(zipped);
  } finally {
    plain.destroy();
  }
}
