import { brotliCompressSync, constants } from 'node:zlib';
import { encodeVarints } from './varint.ts';

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens';

/**
 * Packs a recording as published (CSV with that header, rows in order of time) into what `unpackTrace` reads. Times
 * are kept to the millisecond, counted from the first row.
 */
export function packTrace(csv: string): Uint8Array {
  const [first, ...lines] = csv.split('\n').filter((line) => line.trim() !== '');
  if (first?.trim() !== header)
    throw new Error(`Not a recording: the first line is not "${header}".`);
  const deltas: number[] = [];
  const context: number[] = [];
  const generated: number[] = [];
  let previous: number | undefined;
  for (const [index, line] of lines.entries()) {
    const [time = '', contextTokens, generatedTokens] = line.trim().split(',');
    const at = Date.parse(`${time.slice(0, 23).replace(' ', 'T')}Z`);
    const delta = at - (previous ?? at);
    const row = [delta, Number(contextTokens), Number(generatedTokens)] as const;
    if (row.some((value) => !Number.isSafeInteger(value) || value < 0)) {
      throw new Error(
        `Line ${index + 2} of the recording is not a time and two counts: "${line}".`,
      );
    }
    deltas.push(row[0]);
    context.push(row[1]);
    generated.push(row[2]);
    previous = at;
  }
  return brotliCompressSync(encodeVarints([...deltas, ...context, ...generated]), {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  });
}
