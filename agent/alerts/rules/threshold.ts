import { heldAgainst } from './condition.ts';
import type { Standing } from './recent.ts';
import type { Finding } from './rule.ts';
import type { Labels } from '../../core/cloud.ts';
import type { Instant } from '../../core/time.ts';

/** What a threshold is held against. */
export interface Held {
  readonly labels: Labels;
  readonly standing: Standing;
  /** Null: nothing was measured, though it was looked. */
  readonly value: number | null;
  /** Of these requests the value is. */
  readonly requests: number;
  readonly threshold: number;
  /** With fewer requests the rule keeps quiet. */
  readonly least: number;
  readonly says: (value: number) => string;
  readonly description: string | undefined;
  readonly now: Instant;
}

/** A value over the last minutes: met, clear (quiet traffic too), or no data where the newest is too old. */
export function thresholdFinding(held: Held): Finding {
  const { labels, standing, value, requests, threshold, least, description } = held;
  const { until, certainty, incomplete } = standing;
  if (until === null) return noData(labels, threshold, held.now, 'no settled data for two hours');
  const isQuiet = value === null || requests < least;
  const { state, near } = isQuiet ? quiet : heldAgainst(value, threshold);
  const few =
    requests === 0 ? 'no requests' : `${requests} requests, too few to tell (least ${least})`;
  const finding: Finding = {
    series: labels,
    state,
    near,
    value,
    threshold,
    certainty,
    incomplete,
    dataUntil: until,
    summary: isQuiet ? few : held.says(value),
  };
  return description === undefined ? finding : { ...finding, description };
}

const quiet = { state: 'clear', near: false } as const;

export function noData(
  series: Labels,
  threshold: number | null,
  now: Instant,
  summary: string,
): Finding {
  return { series, state: 'no_data', value: null, threshold, dataUntil: now, summary };
}
