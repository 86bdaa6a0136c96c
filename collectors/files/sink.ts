import type { BillFormat } from './format.ts';
import type { Row } from './row.ts';

/** Where a file's rows go, row by row: nothing is kept of a row but what it adds to. */
export interface RowSink {
  readonly format: BillFormat;
  /** Counts the row by the format's `ownerColumns`; whether it is to be taken. */
  look(row: Row): boolean;
  /** Adds the row, of which every column is there now. */
  take(row: Row): void;
}

export interface ReadOptions {
  readonly path: string;
  /** As messages call it. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Asked once, with the file's columns. */
  readonly open: (columns: readonly string[]) => RowSink;
  /** Bytes of the file that are read. */
  readonly progress: (bytes: number) => void;
}
