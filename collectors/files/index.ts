import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BillFile, ReadBillFiles } from '../../agent/core/bill-file.ts';
import { createCollation } from './collate.ts';
import { readCsv } from './csv.ts';
import { detectFormat } from './detect.ts';
import { BillFileError } from './errors.ts';
import type { BillFormat } from './format.ts';
import { readParquet } from './parquet.ts';
import type { ReadOptions } from './sink.ts';

/** Reads AWS CUR 2.0 and FOCUS files: CSV, CSV.gz, Parquet, told apart by what is in them. Throws BillFileError. */
export const readBillFiles: ReadBillFiles = async (paths, deps) => {
  const { signal, progress } = deps;
  const collation = createCollation();
  const found: { path: string; bytes: number; container: BillFile['container'] }[] = [];
  for (const path of paths) found.push({ path, ...(await lookAt(path)) });
  const totalBytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
  const files: BillFile[] = [];
  let doneBytes = 0;
  for (const { path, bytes, container } of found) {
    const name = basename(path);
    let format: BillFormat | undefined;
    const before = doneBytes;
    const options: ReadOptions = {
      path,
      name,
      signal,
      open(columns) {
        format = detectFormat(name, columns);
        return collation.sinkOf(format);
      },
      progress: (done) => progress?.(before + Math.min(done, bytes), totalBytes),
    };
    const rows =
      container === 'parquet'
        ? await readParquet(options)
        : await readCsv(options, container === 'csv.gz');
    doneBytes += bytes;
    progress?.(doneBytes, totalBytes);
    if (format !== undefined) files.push({ path, format: format.name, container, rows });
  }
  return { files, ...collation.finish(deps) };
};

/** What a file is made of, by its first bytes. */
async function lookAt(
  path: string,
): Promise<{ readonly bytes: number; readonly container: BillFile['container'] }> {
  const name = basename(path);
  const handle = await open(path).catch((error: unknown) => {
    throw new BillFileError(
      `${path}: ${error instanceof Error ? error.message : String(error)}. Name a file that this user may read.`,
      { cause: error },
    );
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) {
      throw new BillFileError(`${path}: not a file. Name the files in it, for example ${path}/*.`);
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.subarray(0, bytesRead).toString('latin1');
    const refused = refusals.find(({ magic }) => start.startsWith(magic));
    if (refused !== undefined) throw new BillFileError(`${name}: ${refused.what}`);
    if (start === 'PAR1') return { bytes: stat.size, container: 'parquet' };
    const container = start.startsWith('\u001F\u008B') ? 'csv.gz' : 'csv';
    return { bytes: stat.size, container };
  } finally {
    await handle.close();
  }
}

const refusals: readonly { readonly magic: string; readonly what: string }[] = [
  { magic: 'PK', what: 'a zip archive or a workbook. Unpack it and import the CSV in it.' },
  { magic: 'PARE', what: 'a Parquet file with an encrypted footer. Export it unencrypted.' },
  { magic: '\u00FF\u00FE', what: 'text in UTF-16. Import the file as the cloud exported it.' },
  { magic: '\u00FE\u00FF', what: 'text in UTF-16. Import the file as the cloud exported it.' },
];
