import type { Calibration } from '../core/calibration.ts';
import { tokenItems } from '../core/price.ts';
import type { Cloud } from '../core/cloud.ts';
import { dayMs, isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import type { BilledDays } from '../core/bill-store.ts';
import { factorText } from './exact.ts';
import type { ExplainedCalibration, ExplainedShare } from './explanation.ts';

/** What there was to learn from for a figure. */
export interface CalibrationFacts {
  /** That holds for it; undefined where none does. */
  readonly calibration: Calibration | undefined;
  /** Of all clouds. */
  readonly billed: readonly Pick<BilledDays, 'cloud'>[];
}

/** How what is taken to hold was learnt, or why it was not. */
export function calibrationSaid(
  { calibration, billed }: CalibrationFacts,
  cloud: Cloud,
  isRange: boolean,
  at: Instant,
): ExplainedCalibration {
  if (!isRange) return { state: 'not_needed', explanation: exactWords, learnt: null };
  if (calibration !== undefined) {
    return {
      state: 'calibrated',
      explanation: calibratedWords(calibration, at),
      learnt: learntSaid(calibration, at),
    };
  }
  const isBilled = billed.some((days) => days.cloud === cloud);
  return isBilled
    ? { state: 'not_learnt', explanation: notLearntWords, learnt: null }
    : { state: 'no_bills', explanation: noBillsWords, learnt: null };
}

const exactWords = 'the prices leave no doubt: there is nothing to learn from a bill';
const noBillsWords =
  "no bills are in the ledger to learn from: what is taken to hold is the policy's, as the reasons of the range say it";
const notLearntWords =
  'bills have taught nothing for this account and model up to then, for that takes three final days without a drift that ' +
  "nothing explains: what is taken to hold is the policy's, as the reasons of the range say it";

function calibratedWords(one: Calibration, at: Instant): string {
  const { start, end } = one.learntFrom;
  const age = ageDays(one, at);
  const days = one.days === 1 ? '1 final billed day' : `${one.days} final billed days`;
  const shares = sharesSaid(one).map(({ of, share }) => `${share} of ${of}`);
  const old =
    age === 0
      ? ''
      : `, the newest of them ${age === 1 ? 'a day' : `${age} days`} before this figure`;
  return (
    `best is learnt from ${days} of the account and model, ${dayText(start)} to ${dayText(end - dayMs)}${old}: ` +
    shares.join(', ')
  );
}

function learntSaid(one: Calibration, at: Instant): NonNullable<ExplainedCalibration['learnt']> {
  return {
    method: 'trimmed_mean_of_days',
    from: isoUtc(one.learntFrom.start),
    to: isoUtc(one.learntFrom.end),
    days: one.days,
    age_days: ageDays(one, at),
    learnt_at: isoUtc(one.learntAt),
    holds_from: isoUtc(one.from),
    shares: sharesSaid(one),
  };
}

function sharesSaid({ unsplit, positions, longPpm }: Calibration): readonly ExplainedShare[] {
  return [
    ...(unsplit === undefined
      ? []
      : [
          said('unsplit input read from a cache', unsplit.readPpm),
          said('unsplit input written to a cache', unsplit.writePpm),
        ]),
    ...tokenItems.flatMap((item) => {
      const ppm = positions[item];
      return ppm === undefined ? [] : [said(`the way from low to high of ${item}`, ppm)];
    }),
    ...(longPpm === undefined ? [] : [said('the way from short to long context', longPpm)]),
  ];
}

function said(of: string, ppm: number): ExplainedShare {
  return { of, share: factorText(ppm) };
}

/** Whole days from the end of the newest day that taught it to the figure; none where later days confirmed it. */
function ageDays({ learntFrom }: Calibration, at: Instant): number {
  return Math.max(0, Math.floor((at - learntFrom.end) / dayMs));
}

function dayText(at: Instant): string {
  return isoUtc(at).slice(0, 10);
}
