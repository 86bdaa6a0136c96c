import type { Column } from '../aggregate.ts';
import type { AzureLane } from '../scenario-lane.ts';

export type Aggregation = 'Total' | 'Average' | 'Minimum' | 'Maximum';

/** How a metric's number comes out of what a lane served. */
type Reading =
  /** Added up of a lane's minute. */
  | { readonly kind: 'total'; readonly columns: readonly Column[] }
  /** One series a status code. */
  | { readonly kind: 'requests' }
  | { readonly kind: 'spread'; readonly of: 'latencyMs' | 'firstTokenMs' }
  /** Tokens of a minute against what the units can do, in percent. */
  | { readonly kind: 'utilization' }
  | { readonly kind: 'nothing' };

export interface EmulatedMetric {
  readonly name: string;
  readonly category: string;
  readonly unit: 'Count' | 'MilliSeconds' | 'Percent';
  readonly aggregations: readonly Aggregation[];
  readonly dimensions: readonly string[];
  /** Dimensions added to the metric lately, which a definition may or may not have yet. */
  readonly laterDimensions: readonly string[];
  /** Which deployments report it. */
  readonly reportedBy: (lane: AzureLane) => boolean;
  readonly reading: Reading;
}

const everyone = (): boolean => true;
const openaiOnly = (lane: AzureLane): boolean => lane.format === 'OpenAI';
const anthropicOnly = (lane: AzureLane): boolean => lane.format === 'Anthropic';
const provisionedOnly = (lane: AzureLane): boolean => lane.sku.includes('Provisioned');
const openaiProvisioned = (lane: AzureLane): boolean => openaiOnly(lane) && provisionedOnly(lane);

const input = ['metered'] as const;
const output = ['output'] as const;
const both = ['metered', 'output'] as const;

const tiers = ['ServiceTierRequest', 'ServiceTierResponse'];
const model = ['ModelDeploymentName', 'ModelName', 'ModelVersion'];
const openaiTokens = [
  'ApiName',
  'ModelDeploymentName',
  'FeatureName',
  'UsageChannel',
  'Region',
  'ModelVersion',
];
const modelsTokens = ['ApiName', 'Region', ...model];
const calls = ['ApiName', 'OperationName', 'Region', 'StreamType', ...model];

type Extras = Partial<Pick<EmulatedMetric, 'laterDimensions' | 'reportedBy'>>;

function count(
  name: string,
  category: string,
  dimensions: readonly string[],
  reading: Reading,
  extras: Extras = {},
): EmulatedMetric {
  return {
    name,
    category,
    unit: 'Count',
    aggregations: ['Total'],
    dimensions,
    laterDimensions: [],
    reportedBy: everyone,
    reading,
    ...extras,
  };
}

function tokens(
  name: string,
  family: 'Azure OpenAI' | 'Models',
  columns: readonly Column[],
  extras: Extras = {},
): EmulatedMetric {
  const reading: Reading = { kind: 'total', columns };
  return family === 'Models'
    ? count(name, 'Models - Usage', modelsTokens, reading, extras)
    : count(name, 'Azure OpenAI - Usage', openaiTokens, reading, {
        laterDimensions: tiers,
        reportedBy: openaiOnly,
        ...extras,
      });
}

function cache(name: string, columns: readonly Column[]): EmulatedMetric {
  const dimensions = [...modelsTokens, 'ContextLength'];
  const reading: Reading = { kind: 'total', columns };
  return count(name, 'Models - Usage', dimensions, reading, { reportedBy: anthropicOnly });
}

function gauge(
  name: string,
  category: string,
  unit: 'MilliSeconds' | 'Percent',
  dimensions: readonly string[],
  reading: Reading,
  extras: Extras = {},
): EmulatedMetric {
  const aggregations: Aggregation[] = ['Minimum', 'Maximum', 'Average'];
  return { ...count(name, category, dimensions, reading, extras), unit, aggregations };
}

const lately: Extras = { laterDimensions: tiers, reportedBy: openaiOnly };
const openaiLatency = 'Azure OpenAI - Latency';
const modelsLatency = 'Models - Latency';
const whole: Reading = { kind: 'spread', of: 'latencyMs' };
const first: Reading = { kind: 'spread', of: 'firstTokenMs' };
const used: Reading = { kind: 'utilization' };
const nothing: Reading = { kind: 'nothing' };
const requests: Reading = { kind: 'requests' };
const callOutcome = [...calls, 'StatusCode', 'IsSpillover', ...tiers];

/**
 * What an account measures: both vocabularies, the sums and parts that must not be added to them, and the old metrics
 * that tell no deployment.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/reference/supported-metrics/microsoft-cognitiveservices-accounts-metrics
 */
const emulatedMetrics: readonly EmulatedMetric[] = [
  tokens('ProcessedPromptTokens', 'Azure OpenAI', input),
  tokens('GeneratedTokens', 'Azure OpenAI', output),
  tokens('TokenTransaction', 'Azure OpenAI', both),
  tokens('ActiveTokens', 'Azure OpenAI', both, {
    reportedBy: openaiProvisioned,
  }),
  count('AudioPromptTokens', 'Azure OpenAI - Usage', ['Region', ...model], nothing),
  count('AudioCompletionTokens', 'Azure OpenAI - Usage', ['Region', ...model], nothing),
  tokens('InputTokens', 'Models', input),
  tokens('OutputTokens', 'Models', output),
  tokens('TotalTokens', 'Models', both),
  cache('cacheReadInputTokens', ['cacheRead']),
  cache('ephemeral5mInputTokens', ['cacheWrite']),
  cache('ephemeral1hInputTokens', []),
  count('AzureOpenAIRequests', 'Azure OpenAI - HTTP Requests', callOutcome, requests, {
    reportedBy: openaiOnly,
  }),
  count('ModelRequests', 'Models - HTTP Requests', callOutcome, requests),
  gauge('AzureOpenAITTLTInMS', openaiLatency, 'MilliSeconds', ['Region', ...model], whole, lately),
  gauge(
    'AzureOpenAINormalizedTTFTInMS',
    openaiLatency,
    'MilliSeconds',
    ['Region', ...model],
    first,
    lately,
  ),
  gauge('TimeToLastByte', modelsLatency, 'MilliSeconds', calls, whole),
  gauge('NormalizedTimeToFirstToken', modelsLatency, 'MilliSeconds', calls, first),
  gauge(
    'AzureOpenAIProvisionedManagedUtilizationV2',
    'Azure OpenAI - Usage',
    'Percent',
    ['Region', 'StreamType', ...model],
    used,
    { reportedBy: openaiProvisioned },
  ),
  gauge('ProvisionedUtilization', 'Models - Usage', 'Percent', ['Region', ...model], used, {
    reportedBy: provisionedOnly,
  }),
  count('TotalCalls', 'Cognitive Services - HTTP Requests', ['ApiName', 'OperationName'], nothing),
  count('SuccessfulCalls', 'Cognitive Services - HTTP Requests', ['ApiName'], nothing),
];

/** What of all this is there at a moment: it drifts. */
export interface Offer {
  /** `openai`: no metric of the family `Models` is defined. */
  readonly families: 'both' | 'openai';
  /** The dimensions that came later. */
  readonly tiers: boolean;
}

export function metricsIn({ families }: Offer): readonly EmulatedMetric[] {
  if (families === 'both') return emulatedMetrics;
  return emulatedMetrics.filter(({ category }) => !category.startsWith('Models - '));
}

/** Azure takes a metric's name in any case. */
export function findMetric(name: string, offer: Offer): EmulatedMetric | undefined {
  return metricsIn(offer).find((metric) => metric.name.toLowerCase() === name.toLowerCase());
}

/** What the metric may be split by now. */
export function dimensionsOf(metric: EmulatedMetric, { tiers: told }: Offer): readonly string[] {
  return told ? [...metric.dimensions, ...metric.laterDimensions] : metric.dimensions;
}
