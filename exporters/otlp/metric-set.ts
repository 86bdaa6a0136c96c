/** How a number is told: a sum that only grows, a state that may fall, or what is known of a population without buckets. */
export type MetricKind = 'sum' | 'gauge' | 'histogram';

export interface MetricDefinition {
  readonly name: string;
  readonly kind: MetricKind;
  /** UCUM; in braces, what is counted. */
  readonly unit: string;
  readonly isWhole: boolean;
  readonly description: string;
}

const usage = 'gen_ai.client.inference.usage';

function tokens(name: string, description: string): MetricDefinition {
  return { name, kind: 'sum', unit: '{token}', isWhole: true, description };
}

function duration(name: string, description: string): MetricDefinition {
  return { name, kind: 'histogram', unit: 's', isWhole: false, description };
}

/**
 * Every metric there is. `gen_ai.*` as OpenTelemetry's conventions define it, where cached tokens are a subset of the input
 * tokens; they have no cost, so money is in our own namespace.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-token-metrics.md
 */
export const metricSet = {
  inputTokens: tokens(`${usage}.input_tokens`, 'Input tokens, cached ones included'),
  outputTokens: tokens(`${usage}.output_tokens`, 'Output tokens'),
  cacheReadTokens: tokens(
    `${usage}.cache_read.input_tokens`,
    'Input tokens read from the prompt cache, a subset of input_tokens',
  ),
  cacheWriteTokens: tokens(
    `${usage}.cache_write.input_tokens`,
    'Input tokens written to the prompt cache, a subset of input_tokens',
  ),
  unpricedTokens: tokens('crossbill.unpriced_tokens', 'Tokens that no price is known for'),
  requests: {
    name: 'crossbill.requests',
    kind: 'sum',
    unit: '{request}',
    isWhole: true,
    description: 'Requests by what became of them',
  },
  estimatedCost: {
    name: 'crossbill.cost.estimated.usd',
    kind: 'sum',
    unit: '{USD}',
    isWhole: false,
    description: 'Tokens times price in US dollars; never to be added to what was billed',
  },
  billedCost: {
    name: 'crossbill.cost.billed.usd',
    kind: 'gauge',
    unit: '{USD}',
    isWhole: false,
    description:
      'What the bill says of one UTC day in US dollars, said again where a later bill changes it',
  },
  requestDuration: duration(
    'gen_ai.server.request.duration',
    'How long the cloud took to answer; count, sum, minimum and maximum without buckets',
  ),
  timeToFirstToken: duration(
    'gen_ai.server.time_to_first_token',
    'How long the cloud took to the first token; count, sum, minimum and maximum without buckets',
  ),
  correctionTokens: {
    name: 'crossbill.correction.tokens',
    kind: 'gauge',
    unit: '{token}',
    isWhole: true,
    description: 'What the ledger says now of all tokens told, less what was told',
  },
  correctionCost: {
    name: 'crossbill.correction.cost.usd',
    kind: 'gauge',
    unit: '{USD}',
    isWhole: false,
    description: 'What the ledger says now of all estimated cost told, less what was told',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
