/** How the threshold of a rule is written. */
export type ThresholdUnit = 'ratio' | 'milliseconds' | 'seconds' | 'tokens' | 'factor';

export interface RuleKindRow {
  readonly threshold: ThresholdUnit;
  /** Whether `above` must be given: where no default would suit most people. */
  readonly required: boolean;
  /** The floors under which the rule keeps quiet that it understands. */
  readonly floors: readonly ('min_requests' | 'min_usd')[];
}

export const ruleKindNames = [
  'throttle_ratio',
  'error_ratio',
  'latency_ms',
  'first_token_ms',
  'quota_ratio',
  'source_stale',
  'bill_drift',
  'unpriced_tokens',
  'price_change',
  'anomaly',
  'collection_slowed',
  'api_spend',
  'delivery_failing',
  'heartbeat',
  'contract_violation',
] as const;
export type RuleKind = (typeof ruleKindNames)[number];

/** What the keys of a rule mean for its kind. */
export const ruleKinds: Readonly<Record<RuleKind, RuleKindRow>> = {
  throttle_ratio: { threshold: 'ratio', required: true, floors: ['min_requests'] },
  error_ratio: { threshold: 'ratio', required: true, floors: ['min_requests'] },
  latency_ms: { threshold: 'milliseconds', required: true, floors: ['min_requests'] },
  first_token_ms: { threshold: 'milliseconds', required: true, floors: ['min_requests'] },
  quota_ratio: { threshold: 'ratio', required: true, floors: [] },
  source_stale: { threshold: 'seconds', required: true, floors: [] },
  bill_drift: { threshold: 'ratio', required: true, floors: ['min_usd'] },
  unpriced_tokens: { threshold: 'tokens', required: false, floors: [] },
  price_change: { threshold: 'ratio', required: false, floors: [] },
  anomaly: { threshold: 'factor', required: false, floors: ['min_requests', 'min_usd'] },
  collection_slowed: { threshold: 'factor', required: false, floors: [] },
  api_spend: { threshold: 'ratio', required: false, floors: [] },
  delivery_failing: { threshold: 'seconds', required: false, floors: [] },
  heartbeat: { threshold: 'seconds', required: false, floors: [] },
  contract_violation: { threshold: 'tokens', required: false, floors: [] },
};
