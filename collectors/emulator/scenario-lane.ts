import type { Labels } from '../../agent/core/collector.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Lane } from './lane.ts';

/** A lane that is used for the first `activeDays` days of every `cycleDays` since the epoch (UTC) and silent else. */
export interface Season {
  readonly cycleDays: number;
  readonly activeDays: number;
}

export interface ScenarioLane extends Lane {
  /** None: always in use. */
  readonly season?: Season;
}

/** An application inference profile: `ModelId` is its id, which says nothing of the model. */
export interface InferenceProfile {
  readonly id: string;
  readonly name: string;
  readonly modelArns: readonly string[];
  readonly tags: Labels;
}

/** Model units bought for one model: `ModelId` is their ARN, or the id it ends with. */
export interface ProvisionedThroughput {
  readonly id: string;
  readonly name: string;
  readonly modelArn: string;
  readonly units: number;
  readonly status: 'Creating' | 'InService' | 'Updating' | 'Failed';
  /** None: it can be deleted at any time. */
  readonly commitment?: 'OneMonth' | 'SixMonths';
  readonly createdAt: Instant;
  readonly tags: Labels;
}

export interface AwsLane extends ScenarioLane {
  readonly cloud: 'aws';
  readonly profile?: InferenceProfile;
  /** The lane is served by these units alone; its tier is `provisioned`. */
  readonly throughput?: ProvisionedThroughput;
  /** Which of its two names the cache meters have: `CacheReadInputTokens` or `CacheReadInputTokenCount`. */
  readonly cacheSpelling?: 'InputTokens' | 'InputTokenCount';
}

type AzureSku =
  | 'Standard'
  | 'GlobalStandard'
  | 'DataZoneStandard'
  | 'ProvisionedManaged'
  | 'GlobalBatch';

/** A deployment of an Azure account; `deployment` is its name, `resource` the account's. */
export interface AzureLane extends ScenarioLane {
  readonly cloud: 'azure';
  readonly sku: AzureSku;
  /** Thousands of tokens a minute; provisioned: units. */
  readonly capacity: number;
  /** `properties.model.format`. Anthropic deployments report the newer vocabulary only. */
  readonly format: 'OpenAI' | 'Anthropic';
  /** `properties.model.name`; the version is the lane's `modelVersion`. */
  readonly modelName: string;
  readonly tags: Labels;
  /** Deployment of the same account that takes what this one cannot; empty for none. */
  readonly spillover: string;
}

/** A Cognitive Services account, the resource whose metrics Azure keeps. */
export interface AzureAccount {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** Lower case, no spaces. */
  readonly location: string;
  readonly kind: 'OpenAI' | 'AIServices';
  readonly tags: Labels;
}

export function isAwsLane(lane: Lane): lane is AwsLane {
  return lane.cloud === 'aws';
}

export function isAzureLane(lane: Lane): lane is AzureLane {
  return lane.cloud === 'azure' && 'sku' in lane;
}
