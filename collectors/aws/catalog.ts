import type { CatalogRow } from '../../agent/core/meter.ts';

/**
 * What is read, and what it means. A meter more is a row more.
 *
 * Every inference is counted at several levels at once, so each meter is read at one level only, and once more by
 * service tier as a `part` of it. Latency, first token and quota use have no tier rows on purpose: their [ModelId]
 * series hold all tiers already, means and percentiles of two levels cannot be put together, and the tiers share
 * one quota. Agents, Guardrails, Batch and AgentCore are no rows either: their tokens are counted in AWS/Bedrock
 * again, or they are rates.
 */
const runtimeDocs =
  'https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html';
const tierDocs =
  'https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html';
const mantleDocs =
  'https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-mantle-metrics.html';

const latencyStatistics = ['SampleCount', 'Sum', 'Minimum', 'Maximum', 'p90'];

/** What rows of one dimension set share; CloudWatch values converge within about ten minutes. */
const model = {
  namespace: 'AWS/Bedrock',
  dimensions: ['ModelId'],
  level: 'total',
  vocabulary: 0,
  periodSeconds: 60,
  settleSeconds: 600,
  source: runtimeDocs,
} as const;

const project = {
  ...model,
  namespace: 'AWS/BedrockMantle',
  dimensions: ['Model', 'Project'],
  source: mantleDocs,
} as const;

/** Meters that add up over service tiers. */
const additive: readonly CatalogRow[] = [
  {
    ...model,
    id: 'aws.bedrock.input',
    metricNames: ['InputTokenCount'],
    statistics: ['Sum', 'SampleCount', 'Maximum'],
    measure: { kind: 'tokens', meter: 'input' },
    contract: 'input_by_family',
  },
  {
    ...model,
    id: 'aws.bedrock.output',
    metricNames: ['OutputTokenCount'],
    statistics: ['Sum'],
    measure: { kind: 'tokens', meter: 'output' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.cache_read',
    metricNames: ['CacheReadInputTokens', 'CacheReadInputTokenCount'],
    statistics: ['Sum', 'Maximum'],
    measure: { kind: 'tokens', meter: 'cache_read' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.cache_write',
    metricNames: ['CacheWriteInputTokens', 'CacheWriteInputTokenCount'],
    statistics: ['Sum', 'Maximum'],
    measure: { kind: 'tokens', meter: 'cache_write' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.requests',
    metricNames: ['Invocations'],
    statistics: ['Sum'],
    measure: { kind: 'requests', outcome: 'accepted' },
    contract: 'requests_accepted',
  },
  {
    ...model,
    id: 'aws.bedrock.client_errors',
    metricNames: ['InvocationClientErrors'],
    statistics: ['Sum'],
    measure: { kind: 'requests', outcome: 'client_error' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.server_errors',
    metricNames: ['InvocationServerErrors'],
    statistics: ['Sum'],
    measure: { kind: 'requests', outcome: 'server_error' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.throttles',
    metricNames: ['InvocationThrottles'],
    statistics: ['Sum'],
    measure: { kind: 'requests', outcome: 'throttled' },
    contract: 'plain',
  },
];

const gauges: readonly CatalogRow[] = [
  {
    ...model,
    id: 'aws.bedrock.latency',
    metricNames: ['InvocationLatency'],
    statistics: latencyStatistics,
    measure: { kind: 'latency', phase: 'request' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.first_token',
    metricNames: ['TimeToFirstToken'],
    statistics: latencyStatistics,
    measure: { kind: 'latency', phase: 'first_token' },
    contract: 'plain',
  },
  {
    ...model,
    id: 'aws.bedrock.quota_used',
    metricNames: ['EstimatedTPMQuotaUsage'],
    statistics: ['Sum', 'Maximum'],
    measure: { kind: 'quota_used' },
    contract: 'plain',
  },
];

const mantle: readonly CatalogRow[] = [
  {
    ...project,
    id: 'aws.mantle.input',
    metricNames: ['InputTokens'],
    statistics: ['Sum', 'SampleCount'],
    measure: { kind: 'tokens', meter: 'input' },
    contract: 'input_by_family',
  },
  {
    ...project,
    id: 'aws.mantle.output',
    metricNames: ['OutputTokens'],
    statistics: ['Sum'],
    measure: { kind: 'tokens', meter: 'output' },
    contract: 'plain',
  },
  {
    ...project,
    id: 'aws.mantle.requests',
    metricNames: ['Inferences'],
    statistics: ['Sum'],
    measure: { kind: 'requests', outcome: 'accepted' },
    contract: 'requests_accepted',
  },
  {
    ...project,
    id: 'aws.mantle.client_errors',
    metricNames: ['InferenceClientErrors'],
    statistics: ['Sum'],
    measure: { kind: 'requests', outcome: 'client_error' },
    contract: 'plain',
  },
];

export const awsCatalog: readonly CatalogRow[] = [
  ...additive,
  ...additive.map((row): CatalogRow => ({
    ...row,
    id: `${row.id}.tier`,
    dimensions: ['ModelId', 'ResolvedServiceTier', 'ServiceTier'],
    level: 'part',
    source: tierDocs,
  })),
  ...gauges,
  ...mantle,
];

/**
 * Dimension sets that are known and deliberately not read beyond their rows: other levels of the same traffic, and
 * images. A set that stands neither here nor in a row is unknown, and is counted, for it may be traffic unseen.
 */
export const otherLevels: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'AWS/Bedrock': [[], ['BucketedStepSize', 'ImageSize', 'ModelId']],
  'AWS/BedrockMantle': [[], ['Project'], ['Model']],
};

/** In the order they are listed and collected. */
export const namespaces: readonly string[] = [...new Set(awsCatalog.map((row) => row.namespace))];
