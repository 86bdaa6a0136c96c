import type { AlertUnit } from '../../core/alert.ts';
import { anomaly } from './anomaly.ts';
import { apiSpend } from './api-spend.ts';
import { billDrift } from './bill-drift.ts';
import { collectionSlowed } from './collection-slowed.ts';
import { contractViolation } from './contract-violation.ts';
import { deliveryFailing } from './delivery-failing.ts';
import { errorRatio } from './error-ratio.ts';
import type { Evaluate } from './evaluator.ts';
import { heartbeat } from './heartbeat.ts';
import { firstTokenMs, latencyMs } from './latency.ts';
import { priceChange } from './price-change.ts';
import { quotaRatio } from './quota-ratio.ts';
import type { RuleKind } from './rule.ts';
import { sourceStale } from './source-stale.ts';
import { throttleRatio } from './throttle-ratio.ts';
import { unpricedTokens } from './unpriced-tokens.ts';

interface RuleKindFacts {
  readonly evaluate: Evaluate;
  readonly unit: AlertUnit;
  /** Where the rule says no `above`; of kinds that must say one, what would be taken. Met is what is more. */
  readonly defaultAbove: number;
  /** What tells one series from the next: the rule's own `by`, or what the kind is about. */
  readonly seriesBy: 'by' | readonly string[];
}

/** Every kind of rule. To add one: its word in `RuleKind`, a file with its `Evaluate`, a row here, one in the configuration. */
export const ruleKindFacts: Readonly<Record<RuleKind, RuleKindFacts>> = {
  throttle_ratio: { evaluate: throttleRatio, unit: 'ratio', defaultAbove: 0.02, seriesBy: 'by' },
  error_ratio: { evaluate: errorRatio, unit: 'ratio', defaultAbove: 0.05, seriesBy: 'by' },
  latency_ms: { evaluate: latencyMs, unit: 'milliseconds', defaultAbove: 30_000, seriesBy: 'by' },
  first_token_ms: {
    evaluate: firstTokenMs,
    unit: 'milliseconds',
    defaultAbove: 5_000,
    seriesBy: 'by',
  },
  quota_ratio: { evaluate: quotaRatio, unit: 'ratio', defaultAbove: 0.8, seriesBy: 'by' },
  source_stale: {
    evaluate: sourceStale,
    unit: 'seconds',
    defaultAbove: 1_800,
    seriesBy: ['source', 'target'],
  },
  bill_drift: {
    evaluate: billDrift,
    unit: 'ratio',
    defaultAbove: 0.1,
    seriesBy: ['cloud', 'model'],
  },
  /** Any token without a price. */
  unpriced_tokens: { evaluate: unpricedTokens, unit: 'tokens', defaultAbove: 0, seriesBy: 'by' },
  /** Any move. */
  price_change: {
    evaluate: priceChange,
    unit: 'ratio',
    defaultAbove: 0,
    seriesBy: ['cloud', 'model'],
  },
  /** Twice the usual. */
  anomaly: { evaluate: anomaly, unit: 'factor', defaultAbove: 2, seriesBy: 'by' },
  /** Anything that waits for the spend limit; with `above`, a cadence that many times as long. */
  collection_slowed: {
    evaluate: collectionSlowed,
    unit: 'factor',
    defaultAbove: 1,
    seriesBy: ['source'],
  },
  api_spend: { evaluate: apiSpend, unit: 'ratio', defaultAbove: 0.8, seriesBy: ['source'] },
  /** A quarter of an hour: three attempts. */
  delivery_failing: {
    evaluate: deliveryFailing,
    unit: 'seconds',
    defaultAbove: 900,
    seriesBy: ['notifier'],
  },
  /** How often it is sent. */
  heartbeat: { evaluate: heartbeat, unit: 'seconds', defaultAbove: 3_600, seriesBy: [] },
  /** Any minute. */
  contract_violation: {
    evaluate: contractViolation,
    unit: 'count',
    defaultAbove: 0,
    seriesBy: ['source', 'target'],
  },
};
