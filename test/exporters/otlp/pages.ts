import type {
  LatencyPoint,
  SettledPage,
  SettledPoint,
  ToldName,
  ToldTotal,
} from '../../../agent/core/exporter.ts';
import type { CostSums } from '../../../agent/core/ledger-rows.ts';
import type { Amounts } from '../../../agent/core/usage.ts';

export const minute = 60_000;
/** A whole minute. */
export const start = Date.parse('2026-11-20T10:00:00Z');

export const nobody: Amounts = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: null,
  unsplitInput: null,
  requests: null,
  errors: null,
  throttles: null,
};

export const free: CostSums = { cost: null, costLow: null, costHigh: null, unpricedTokens: 0 };

export const sonnet: ToldName = {
  id: 1,
  trafficId: 11,
  cloud: 'aws',
  account: '111122223333',
  region: 'us-east-1',
  resource: '',
  endpoint: 'runtime',
  model: 'anthropic/claude-sonnet-4.5',
  modelVersion: '20250929',
  vendorModel: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  meteredModel: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  deployment: '',
  routing: 'geo',
  tier: 'standard',
  family: 'anthropic',
  tags: { 'cost center': '42' },
};

export const gpt: ToldName = {
  id: 2,
  trafficId: 12,
  cloud: 'azure',
  account: '00000000-0000-0000-0000-000000000001',
  region: 'eastus2',
  resource: 'aoai-prod',
  endpoint: 'azure',
  model: 'openai/gpt-4o',
  modelVersion: '2024-08-06',
  vendorModel: 'gpt-4o',
  meteredModel: 'gpt-4o',
  deployment: 'chat-prod',
  routing: 'global',
  tier: 'standard',
  family: 'openai',
  tags: {},
};

/** One minute of a name, so many minutes after the start. */
export function used(
  name: ToldName,
  minutes: number,
  amounts: Partial<Amounts>,
  costs: Partial<CostSums> = {},
): SettledPoint {
  const from = start + minutes * minute;
  return {
    nameId: name.id,
    start: from,
    end: from + minute,
    amounts: { ...nobody, ...amounts },
    costs: { ...free, ...costs },
  };
}

export function slow(name: ToldName, minutes: number, facts: Partial<LatencyPoint>): LatencyPoint {
  const from = start + minutes * minute;
  const none = { phase: 'request', count: 1, sumMs: 1, minMs: null, maxMs: null } as const;
  return { nameId: name.id, start: from, end: from + minute, ...none, ...facts };
}

export function told(name: ToldName, minutes: number, facts: Partial<ToldTotal>): ToldTotal {
  return {
    ...free,
    name,
    until: start + minutes * minute,
    succeeded: null,
    amounts: nobody,
    ...facts,
  };
}

export function pageOf(
  points: readonly SettledPoint[],
  facts: Partial<SettledPage> = {},
): SettledPage {
  return {
    feed: 'otlp test',
    since: start - minute,
    number: 1,
    names: [sonnet, gpt],
    points,
    latencies: [],
    before: new Map(),
    spans: [],
    sequence: 1,
    ...facts,
  };
}
