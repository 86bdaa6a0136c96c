import type { CatalogRow, Contract, Measure } from '../../agent/core/meter.ts';

export const metricNamespace = 'Microsoft.CognitiveServices/accounts';

/** Microsoft's generated table of the namespace. */
const metricsTable =
  'https://learn.microsoft.com/en-us/azure/azure-monitor/reference/supported-metrics/microsoft-cognitiveservices-accounts-metrics';
/** The same metrics, with the dimensions that come and go within weeks. */
const monitoringReference =
  'https://learn.microsoft.com/en-us/azure/foundry/openai/monitor-openai-reference';

/** The two families of metrics that count the same OpenAI traffic twice; Claude and others are in `models` only. */
const openai = 0;
const models = 1;

const openaiTokens = [
  'ModelDeploymentName',
  'ModelVersion',
  'FeatureName?',
  'ServiceTierResponse?',
];
const modelsTokens = ['ModelDeploymentName', 'ModelName', 'ModelVersion'];
const modelsCache = [...modelsTokens, 'ContextLength?'];
const requests = [...modelsTokens, 'StatusCode', 'IsSpillover?', 'ServiceTierResponse?'];
/** Averages of a finer split cannot be put together again: Azure keeps no count beside them. */
const averaged = ['ModelDeploymentName'];

interface RowDetail {
  readonly vocabulary: number;
  readonly metric: string;
  readonly statistics: readonly string[];
  readonly dimensions: readonly string[];
  readonly measure: Measure;
  readonly contract: Contract;
  readonly source: string;
}

const total = ['Total'];
const spread = ['Minimum', 'Maximum', 'Average'];

function row(detail: RowDetail): CatalogRow {
  const { metric, vocabulary, ...rest } = detail;
  return {
    id: `azure.${vocabulary === openai ? 'openai' : 'models'}.${metric}`,
    namespace: metricNamespace,
    metricNames: [metric],
    vocabulary,
    ...rest,
    level: 'total',
    periodSeconds: 60,
    settleSeconds: 900,
  };
}

function tokens(
  vocabulary: number,
  metric: string,
  meter: 'input' | 'output' | 'cache_read' | 'cache_write',
  dimensions: readonly string[],
): CatalogRow {
  return row({
    vocabulary,
    metric,
    statistics: total,
    dimensions,
    measure: { kind: 'tokens', meter },
    contract: meter === 'input' ? 'input_by_family' : 'plain',
    source: vocabulary === openai ? monitoringReference : metricsTable,
  });
}

function gauge(vocabulary: number, metric: string, measure: Measure): CatalogRow {
  return row({
    vocabulary,
    metric,
    statistics: spread,
    dimensions: averaged,
    measure,
    contract: 'plain',
    source: metricsTable,
  });
}

function requestCount(vocabulary: number, metric: string): CatalogRow {
  return row({
    vocabulary,
    metric,
    statistics: total,
    dimensions: requests,
    measure: { kind: 'requests', outcome: 'by_status' },
    contract: 'requests_by_status',
    source: monitoringReference,
  });
}

/**
 * What can be read of an account; of two metrics that say the same, `unitsOf` takes one. Left out on purpose:
 * `TokenTransaction` and `TotalTokens` are sums of what is here, `ActiveTokens` and `Audio*` are parts of it, and the
 * old `TotalCalls` family tells no deployment.
 */
export const catalog: readonly CatalogRow[] = [
  tokens(openai, 'ProcessedPromptTokens', 'input', openaiTokens),
  tokens(openai, 'GeneratedTokens', 'output', openaiTokens),
  tokens(models, 'InputTokens', 'input', modelsTokens),
  tokens(models, 'OutputTokens', 'output', modelsTokens),
  tokens(models, 'cacheReadInputTokens', 'cache_read', modelsCache),
  tokens(models, 'ephemeral5mInputTokens', 'cache_write', modelsCache),
  tokens(models, 'ephemeral1hInputTokens', 'cache_write', modelsCache),
  requestCount(openai, 'AzureOpenAIRequests'),
  requestCount(models, 'ModelRequests'),
  gauge(openai, 'AzureOpenAITTLTInMS', { kind: 'latency', phase: 'request' }),
  gauge(models, 'TimeToLastByte', { kind: 'latency', phase: 'request' }),
  gauge(openai, 'AzureOpenAINormalizedTTFTInMS', { kind: 'latency', phase: 'first_token' }),
  gauge(models, 'NormalizedTimeToFirstToken', { kind: 'latency', phase: 'first_token' }),
  gauge(openai, 'AzureOpenAIProvisionedManagedUtilizationV2', { kind: 'utilization' }),
  gauge(models, 'ProvisionedUtilization', { kind: 'utilization' }),
];
