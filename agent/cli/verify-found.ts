import type { ExternalError } from '../core/errors.ts';
import type { Difference } from './verify-compare.ts';
import type { SampledHour } from './verify-sample.ts';

/** A value that differs, and the window in which it was found. */
export type DifferentHour = Difference & SampledHour;

/** What a run of verify found. */
export interface Verified {
  readonly seed: number;
  /** What it drew from. */
  readonly settled: number;
  readonly sampled: readonly SampledHour[];
  /** Windows that were fetched again. */
  readonly fetched: number;
  /** Of these, the ones in which neither side has any value. */
  readonly silent: number;
  readonly values: number;
  readonly differences: readonly DifferentHour[];
  /** Windows that could not be fetched, by target. */
  readonly failures: readonly {
    readonly target: string;
    readonly windows: number;
    readonly error: ExternalError;
  }[];
  readonly calls: number;
  readonly costNanoUsd: bigint;
}
