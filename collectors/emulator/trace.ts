import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { minuteMs } from '../../agent/core/time.ts';
import { decodeVarints } from './varint.ts';

/** Recorded requests in order of arrival, columnar: index `i` is one request in all three. */
export interface Trace {
  /** Milliseconds since the first request. */
  readonly offsetsMs: Uint32Array;
  readonly contextTokens: Uint16Array;
  readonly generatedTokens: Uint16Array;
}

/** The recording by minute: requests of minute `m` are `firstRow[m] .. firstRow[m + 1]`. */
export interface TraceMinutes {
  readonly count: number;
  readonly firstRow: Uint32Array;
}

/** Reads what `packTrace` wrote: three runs of varints (time deltas, context, generated), brotli around them. */
export function unpackTrace(packed: Uint8Array): Trace {
  const numbers = decodeVarints(brotliDecompressSync(packed));
  const rows = numbers.length / 3;
  if (!Number.isInteger(rows))
    throw new Error('The packed trace is damaged: columns differ in length.');
  const offsetsMs = new Uint32Array(rows);
  let offset = 0;
  for (let row = 0; row < rows; row += 1) {
    offset += numbers[row] ?? 0;
    offsetsMs[row] = offset;
  }
  return {
    offsetsMs,
    contextTokens: Uint16Array.from(numbers.slice(rows, 2 * rows)),
    generatedTokens: Uint16Array.from(numbers.slice(2 * rows)),
  };
}

/** The recorded hour shipped with Crossbill; see TRACE-NOTICE.md for where it comes from. */
export function loadTrace(): Trace {
  return unpackTrace(readFileSync(new URL('./trace.bin', import.meta.url)));
}

/** Cuts a recording at full minutes since its first request. */
export function minutesOf(trace: Trace): TraceMinutes {
  const last = trace.offsetsMs.at(-1) ?? 0;
  const count = Math.floor(last / minuteMs) + 1;
  const firstRow = new Uint32Array(count + 1).fill(trace.offsetsMs.length);
  for (let row = trace.offsetsMs.length - 1; row >= 0; row -= 1) {
    firstRow[Math.floor((trace.offsetsMs[row] ?? 0) / minuteMs)] = row;
  }
  for (let minute = count - 1; minute >= 0; minute -= 1) {
    firstRow[minute] = Math.min(firstRow[minute] ?? 0, firstRow[minute + 1] ?? 0);
  }
  return { count, firstRow };
}
