import type { Price } from '../../agent/core/price.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { azureAccount, bedrock, deploymentOf, filePrice, hour0 } from './explain-world.ts';
import type { Place, Said } from './explain-world.ts';

const runtime = 'AWS/Bedrock';
const mantle = 'AWS/BedrockMantle';

/** Input, output, and where given cache meters of one ModelId. */
function bedrockModel(
  ModelId: string,
  told: {
    readonly input: Readonly<Record<number, number>>;
    readonly output: Readonly<Record<number, number>>;
    readonly max?: Readonly<Record<number, number>>;
    readonly read?: Readonly<Record<number, number>>;
    readonly write?: Readonly<Record<number, number>>;
  },
): readonly Said[] {
  const dimensions = { ModelId };
  const { input, output, max, read, write } = told;
  const say = (rowId: string, sums: Said['sums'], most = max): Said => ({
    rowId: `aws.bedrock.${rowId}`,
    dimensions,
    sums,
    ...(most === undefined ? {} : { max: most }),
  });
  return [
    say('input', input),
    { rowId: 'aws.bedrock.output', dimensions, sums: output },
    { rowId: 'aws.bedrock.requests', dimensions, sums: { 3: 7 } },
    ...(read === undefined ? [] : [say('cache_read', read, max && read)]),
    ...(write === undefined ? [] : [say('cache_write', write, max && write)]),
  ];
}

function tierSaid(ModelId: string, tier: string, input: number, output: number): readonly Said[] {
  const dimensions = { ModelId, ResolvedServiceTier: tier, ServiceTier: tier };
  return [
    { rowId: 'aws.bedrock.input.tier', dimensions, sums: { 3: input }, max: { 3: input } },
    { rowId: 'aws.bedrock.output.tier', dimensions, sums: { 3: output } },
  ];
}

function openaiSaid(ModelDeploymentName: string, input: number, output: number): readonly Said[] {
  const dimensions = { ModelDeploymentName, ModelVersion: '2026-03-01' };
  return [
    { rowId: 'azure.openai.ProcessedPromptTokens', dimensions, sums: { 3: input } },
    { rowId: 'azure.openai.GeneratedTokens', dimensions, sums: { 3: output } },
    {
      rowId: 'azure.openai.AzureOpenAIRequests',
      dimensions: {
        ModelDeploymentName,
        ModelName: 'gpt-5.4',
        ModelVersion: '2026-03-01',
        StatusCode: '200',
      },
      sums: { 3: 1_000 },
    },
    {
      rowId: 'azure.openai.AzureOpenAIRequests',
      dimensions: {
        ModelDeploymentName,
        ModelName: 'gpt-5.4',
        ModelVersion: '2026-03-01',
        StatusCode: '429',
      },
      sums: { 3: 4 },
    },
  ];
}

function azureClaude(ModelDeploymentName: string): readonly Said[] {
  const dimensions = { ModelDeploymentName, ModelName: 'claude-sonnet-4-6', ModelVersion: '1' };
  const say = (metric: string, count: number): Said => ({
    rowId: `azure.models.${metric}`,
    dimensions,
    sums: { 3: count },
  });
  return [
    say('InputTokens', 40_001),
    say('OutputTokens', 3_333),
    say('cacheReadInputTokens', 25_007),
    say('ephemeral5mInputTokens', 1_003),
    say('ephemeral1hInputTokens', 507),
  ];
}

const sol = 'us.openai.gpt-5.6-sol';
const sonnet = 'anthropic.claude-sonnet-4-6';

export const places: readonly Place[] = [
  {
    target: bedrock('us-east-1', runtime),
    said: [
      ...bedrockModel(sol, {
        input: { 3: 12_003, 10: 900_001, 20: 900_001 },
        output: { 3: 501, 10: 4_001, 20: 4_001 },
        max: { 3: 3_000, 10: 300_001, 20: 9_001 },
        read: { 3: 3_001, 10: 30_001, 20: 30_001 },
        write: { 3: 17, 10: 3, 20: 3 },
      }),
      ...bedrockModel(sonnet, {
        input: { 3: 1_009 },
        output: { 3: 211 },
        read: { 3: 70_001 },
        write: { 3: 5_003 },
      }),
      ...bedrockModel('us.amazon.nova-pro-v1:0', {
        input: { 3: 33_333 },
        output: { 3: 1_111 },
        read: { 3: 999 },
      }),
      ...bedrockModel('acme.house-model-v1:0', { input: { 3: 5_000 }, output: { 3: 50 } }),
      ...bedrockModel(`global.${sonnet}`, { input: { 3: 2_001 }, output: { 3: 301 } }),
      ...bedrockModel(`it's.a"$(touch x)\`trap\``, { input: { 3: 5 }, output: { 3: 1 } }),
    ],
  },
  {
    target: bedrock('eu-central-1', runtime),
    said: [
      ...bedrockModel('eu.openai.gpt-5.6-sol', {
        input: { 3: 100_001 },
        output: { 3: 5_003 },
        max: { 3: 4_000 },
      }),
      ...tierSaid('eu.openai.gpt-5.6-sol', 'flex', 20_001, 1_001),
      ...tierSaid('eu.openai.gpt-5.6-sol', 'priority', 30_001, 2_002),
    ],
  },
  {
    target: bedrock('us-west-2', runtime, '444455556666'),
    said: bedrockModel(sonnet, {
      input: { 3: 10_007 },
      output: { 3: 1_003 },
      read: { 3: 3 },
      write: { 3: 7 },
    }),
  },
  {
    target: bedrock('us-east-1', mantle),
    said: [
      {
        rowId: 'aws.mantle.input',
        dimensions: { Model: 'openai.gpt-5.6-sol', Project: 'proj-search' },
        sums: { 3: 300_007 },
      },
      {
        rowId: 'aws.mantle.output',
        dimensions: { Model: 'openai.gpt-5.6-sol', Project: 'proj-search' },
        sums: { 3: 9_001 },
      },
    ],
  },
  {
    target: azureAccount('aoai-east', 'eastus'),
    said: [
      ...openaiSaid('chat', 20_000_000, 500_000),
      ...openaiSaid('chat-zone', 1_000_003, 40_007),
      ...openaiSaid('chat-small', 200_003, 1_007),
      ...openaiSaid('chat-ptu', 700_001, 7_001),
      ...openaiSaid('chat-batch', 700_001, 7_001),
      ...openaiSaid('chat-unknown', 10_001, 103),
      ...azureClaude('claude'),
    ],
    inventory: [
      deploymentOf('chat', 'gpt-5.4', '2026-03-01', 'GlobalStandard'),
      deploymentOf('chat-zone', 'gpt-5.4', '2026-03-01', 'DataZoneStandard'),
      deploymentOf('chat-small', 'gpt-5.4', '2026-03-01', 'GlobalStandard'),
      deploymentOf('chat-ptu', 'gpt-5.4', '2026-03-01', 'GlobalProvisionedManaged'),
      deploymentOf('chat-batch', 'gpt-5.4', '2026-03-01', 'GlobalBatch'),
      deploymentOf('claude', 'claude-sonnet-4-6', '1', 'GlobalStandard'),
    ],
  },
  {
    target: bedrock('ap-south-1', runtime),
    said: bedrockModel('amazon.titan-embed-text-v2:0', {
      input: { 3: 77_777, 40: 11 },
      output: {},
    }),
  },
];

/**
 * Titan's price rises in the middle of the hour, to one whose products are no whole nano-dollars; Nova has a flex tier; on
 * Azure cache writes cost by how long they are kept.
 */
export const filePrices: readonly Price[] = [
  ...[
    { nanoUsd: 20_000_001n, to: hour0 + 30 * minuteMs, reference: 'prices.yaml:4' },
    { nanoUsd: 33_333_333n, from: hour0 + 30 * minuteMs, reference: 'prices.yaml:9' },
  ].map((more) => filePrice({ model: 'amazon/titan-embed-text-v2', item: 'input', ...more })),
  ...(['standard', 'flex'] as const).flatMap((tier) => [
    filePrice({
      model: 'amazon/nova-pro',
      item: 'input',
      tier,
      nanoUsd: tier === 'flex' ? 400_000_000n : 800_000_000n,
    }),
    filePrice({
      model: 'amazon/nova-pro',
      item: 'output',
      tier,
      nanoUsd: tier === 'flex' ? 1_600_000_000n : 3_200_000_000n,
    }),
  ]),
  ...(['5m', '1h'] as const).map((cacheTtl) =>
    filePrice({
      model: 'anthropic/claude-sonnet-4-6',
      cloud: 'azure',
      item: 'cache_write',
      cacheTtl,
      nanoUsd: cacheTtl === '1h' ? 6_000_000_000n : 3_750_000_000n,
    }),
  ),
];

/** One figure to walk back, as it is asked for. */
export interface Asked {
  readonly name: string;
  readonly query: string;
  readonly minute: number;
  readonly step?: '1h';
}

export const asked: readonly Asked[] = [
  {
    name: 'split input with cache, below the threshold',
    query: 'model=openai/gpt-5.6-sol&region=us-east-1&endpoint=runtime',
    minute: 3,
  },
  {
    name: 'a request above the threshold',
    query: 'model=openai/gpt-5.6-sol&region=us-east-1&endpoint=runtime',
    minute: 10,
  },
  {
    name: 'much input, no request above the threshold',
    query: 'model=openai/gpt-5.6-sol&region=us-east-1&endpoint=runtime',
    minute: 20,
  },
  {
    name: 'an hour of minutes, each rounded',
    query: 'model=openai/gpt-5.6-sol&region=us-east-1&endpoint=runtime',
    minute: 30,
    step: '1h',
  },
  {
    name: 'a family whose input excludes the cache, kept for unknown time',
    query: 'model=anthropic/claude-sonnet-4-6&region=us-east-1&routing=in_region',
    minute: 3,
  },
  {
    name: 'unsplit input of a global profile',
    query: 'model=anthropic/claude-sonnet-4-6&routing=global&cloud=aws',
    minute: 3,
  },
  { name: 'two tiers it may have been', query: 'model=amazon/nova-pro', minute: 3 },
  { name: 'a model without a price', query: 'model=*&vendor_model=acme*', minute: 3 },
  {
    name: 'tiers told apart, all together',
    query: 'model=openai/gpt-5.6-sol&region=eu-central-1',
    minute: 3,
  },
  {
    name: 'the flex part alone',
    query: 'model=openai/gpt-5.6-sol&region=eu-central-1&tier=flex',
    minute: 3,
  },
  {
    name: 'what no tier claims',
    query: 'model=openai/gpt-5.6-sol&region=eu-central-1&tier=unknown',
    minute: 3,
  },
  {
    name: 'a discount of one account',
    query: 'model=anthropic/claude-sonnet-4-6&account=444455556666',
    minute: 3,
  },
  { name: 'a Mantle project', query: 'model=openai/gpt-5.6-sol&endpoint=mantle', minute: 3 },
  {
    name: 'a thousand requests of 20k in on Azure',
    query: 'deployment=chat&model=openai/gpt-5.4',
    minute: 3,
  },
  {
    name: 'a data zone at the global price',
    query: 'deployment=chat-zone&model=openai/gpt-5.4',
    minute: 3,
  },
  {
    name: 'input below the threshold altogether',
    query: 'deployment=chat-small&model=openai/gpt-5.4',
    minute: 3,
  },
  { name: 'provisioned capacity', query: 'deployment=chat-ptu&model=openai/gpt-5.4', minute: 3 },
  {
    name: 'batch at half the price',
    query: 'deployment=chat-batch&model=openai/gpt-5.4',
    minute: 3,
  },
  {
    name: 'Claude on Azure with two cache meters',
    query: 'deployment=claude&model=anthropic/*',
    minute: 3,
  },
  { name: 'all deployments of a model', query: 'model=openai/gpt-5.4&cloud=azure', minute: 3 },
  {
    name: 'a price that changes within the hour',
    query: 'model=amazon/titan*',
    minute: 0,
    step: '1h',
  },
  { name: 'a model id made to do harm', query: 'model=*&vendor_model=it*', minute: 3 },
];
