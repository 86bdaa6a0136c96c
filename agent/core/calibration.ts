import type { Cloud } from './cloud.ts';
import type { TokenItem } from './price.ts';
import type { Instant, Window } from './time.ts';

/** Whose bills taught it, and whose traffic it is for. */
export interface CalibrationSubject {
  readonly cloud: Cloud;
  readonly account: string;
  /** Canonical. */
  readonly model: string;
}

/**
 * What bills tell and meters do not, in millionths. A part that is absent was not learnt: there the rate stays what the
 * bounds take to hold.
 */
export interface LearntShares {
  /** Of input that no meter splits: how much of it was read from a cache, and how much written to one. Together one at most. */
  readonly unsplit?: { readonly readPpm: number; readonly writePpm: number };
  /** Of an item whose own rate is a range (its tier, say): how far its price lies from the lowest rate to the highest. */
  readonly positions: Readonly<Partial<Record<TokenItem, number>>>;
  /** Of periods that may have had requests above the threshold: how far their cost lies from all short to all long. */
  readonly longPpm?: number;
}

export interface Calibration extends CalibrationSubject, LearntShares {
  /** It holds from here on, until another one of its subject does. */
  readonly from: Instant;
  /** From the oldest to the newest billed day that taught or confirmed it. Whole UTC days. */
  readonly learntFrom: Window;
  /** How many days of it taught; the others were not final, silent, or had a drift that nothing explains. */
  readonly days: number;
  readonly learntAt: Instant;
}

export interface CalibrationReader {
  /** By subject, then oldest first. */
  calibrations(): Promise<readonly Calibration[]>;
}

export interface CalibrationWriter {
  /** In place of one of the same subject and beginning, if there is one. Rates nothing: that is `rateWith`. */
  keepCalibrations(learnt: readonly Calibration[]): void;
}
