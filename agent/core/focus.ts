import type { ChargeSource } from './charge.ts';

/** 1.2 has a validator and is what the clouds themselves export; 1.4 is the newest released. */
export const focusVersions = ['1.2', '1.4'] as const;
export type FocusVersion = (typeof focusVersions)[number];

export interface FocusFormat {
  readonly rows: 'csv' | 'parquet';
  readonly gzip: boolean;
}

/** By the end of a name: `.csv` or `.parquet`, either with `.gz` after it. Undefined for any other. */
export function focusFormatOf(name: string): FocusFormat | undefined {
  const [, rows, gzip] = /\.(csv|parquet)(\.gz)?$/i.exec(name) ?? [];
  if (rows === undefined) return undefined;
  return { rows: rows.toLowerCase() === 'csv' ? 'csv' : 'parquet', gzip: gzip !== undefined };
}

export interface FocusOptions {
  readonly version: FocusVersion;
  readonly format: FocusFormat;
  /** Who writes it: `crossbill 1.2.3`. */
  readonly createdBy: string;
}

/**
 * The bytes of a FOCUS file, a chunk at a time when the next one is asked for: nothing of the source is read ahead of it, and
 * whoever stops early stops the source.
 */
export type FocusWriter = (
  source: ChargeSource,
  options: FocusOptions,
) => AsyncIterable<Uint8Array | string>;
