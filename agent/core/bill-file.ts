import type { BillStatement, MeaningOf } from './bill.ts';
import type { Cloud } from './cloud.ts';
import type { Instant, Window } from './time.ts';

/** A billing file as it was found to be. */
export interface BillFile {
  readonly path: string;
  readonly format: 'aws_cur' | 'focus';
  readonly container: 'csv' | 'csv.gz' | 'parquet';
  readonly rows: number;
}

/** Rows that are no model's: of another service of the cloud, or of a provider that no ledger is kept of. */
export type LeftOut = 'other_service' | 'other_provider';

export interface LeftOutRows {
  readonly reason: LeftOut;
  /** In the file's words: a product code, a service, a provider. */
  readonly name: string;
  readonly rows: number;
}

/** One billing account's one billing period. */
export interface ImportedStatement {
  readonly statement: BillStatement;
  /** As the rows' bill period columns state it. */
  readonly period: Window;
  /** Rows its lines were added up from. */
  readonly rows: number;
  /** Of these, corrections, credits and the like of another period: they stand on the period's first day. */
  readonly moved: number;
  /** Start of the last charge of any service inside the period; null where there is none. */
  readonly lastCharge: Instant | null;
}

export interface ImportedBills {
  readonly files: readonly BillFile[];
  readonly statements: readonly ImportedStatement[];
  readonly read: number;
  readonly kept: number;
  /** Most rows first. What is beyond a bounded number of names stands under `others`. */
  readonly leftOut: readonly LeftOutRows[];
}

export interface ReadBillFilesDeps {
  readonly meaningOf: (cloud: Cloud) => MeaningOf;
  readonly now: Instant;
  readonly signal: AbortSignal;
  /** Bytes of all files that are done, and how many there are. */
  readonly progress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Reads files that belong together (the parts of one export, or just one file). Rejects with an error that names file, line
 * and column as soon as one row cannot be read: nothing of it may be written then.
 */
export type ReadBillFiles = (
  paths: readonly string[],
  deps: ReadBillFilesDeps,
) => Promise<ImportedBills>;
