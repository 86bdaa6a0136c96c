import type { Instant } from '../../../agent/core/time.ts';
import type { Call } from '../faults.ts';
import type { Answer, Served } from '../http.ts';
import type { Traffic } from '../lane.ts';

/** How a refusal says when to come again: the header's name, or `http-date` for a `retry-after` that is a date. */
export type RetrySpelling = 'retry-after' | 'http-date' | 'retry-after-ms' | 'x-ms-retry-after-ms';

/** A refusal, in the vendor's own words. Each service writes it in its own shape. */
export interface Refusal {
  readonly kind: 'refuse';
  readonly status: number;
  /** AWS: the Query protocol's name. */
  readonly code: string;
  readonly message: string;
  readonly retryAfter?: RetrySpelling;
  /** False: CloudWatch names it in the body's newer way only. Default true. */
  readonly queryErrorHeader?: boolean;
}

export type Deed =
  | Refusal
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  /** The true answer, a byte every so often. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Made without looking at the true answer. */
  | { readonly kind: 'answer'; readonly answer: Served }
  /** The true answer made wrong. */
  | {
      readonly kind: 'alter';
      readonly alter: (call: Call, answer: Served, at: Instant) => Answer;
    }
  /** The cloud's clock goes wrong by this, ahead or (below 0) behind. */
  | { readonly kind: 'skew'; readonly ms: number }
  /** From the script's beginning on, and for good, the cloud says something else of the past. */
  | { readonly kind: 'restate'; readonly editionsOf: (from: Instant) => Editions };

/** What the cloud's meters are fed by, before a script begins and from then on. */
export interface Editions {
  readonly before: (traffic: Traffic) => Traffic;
  readonly after: (traffic: Traffic) => Traffic;
}

/** One way for a cloud to be in trouble. */
export interface FaultScript {
  /** Unique beside its cloud: `429 retry-after`. */
  readonly name: string;
  readonly cloud: 'aws' | 'azure';
  /** Which calls it can befall, named as `Call.operation` is. */
  readonly calls: readonly string[];
  readonly deed: Deed;
}

const awsCalls = [
  'monitoring:ListMetrics',
  'monitoring:GetMetricData',
  'sts:AssumeRole',
  'sts:GetCallerIdentity',
  'bedrock:ListInferenceProfiles',
  'bedrock:ListProvisionedModelThroughputs',
  'bedrock:ListTagsForResource',
] as const;

const azureCalls = [
  'subscriptions',
  'accounts',
  'deployments',
  'metricDefinitions',
  'metrics',
  'getBatch',
] as const;

export const callsOf = { aws: awsCalls, azure: azureCalls } as const;
