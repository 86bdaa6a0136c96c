import type { Instant } from '../../core/time.ts';
import type { AnomalyScore } from './anomaly-score.ts';

/** What was found of each series, until its next hour is full: history is read once an hour and not in every evaluation. */
export interface AnomalyMemory {
  /** Undefined: nothing is known of that hour. */
  recall(rule: string, series: string, hour: Instant): AnomalyScore | undefined;
  /** Replaces all of the rule. */
  keep(rule: string, scores: ReadonlyMap<string, KeptScore>): void;
}

export interface KeptScore {
  readonly hour: Instant;
  readonly score: AnomalyScore;
}

export function createAnomalyMemory(): AnomalyMemory {
  const kept = new Map<string, ReadonlyMap<string, KeptScore>>();
  return {
    recall(rule, series, hour) {
      const found = kept.get(rule)?.get(series);
      return found?.hour === hour ? found.score : undefined;
    },
    keep: (rule, scores) => void kept.set(rule, scores),
  };
}
