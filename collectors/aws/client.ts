import {
  BedrockClient,
  ListInferenceProfilesCommand,
  ListProvisionedModelThroughputsCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-bedrock';
import type {
  ListInferenceProfilesCommandInput,
  ListInferenceProfilesCommandOutput,
  ListProvisionedModelThroughputsCommandInput,
  ListProvisionedModelThroughputsCommandOutput,
  ListTagsForResourceCommandOutput,
} from '@aws-sdk/client-bedrock';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  ListMetricsCommandInput,
  ListMetricsCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import type {
  GetCostAndUsageCommandInput,
  GetCostAndUsageCommandOutput,
  GetDimensionValuesCommandInput,
  GetDimensionValuesCommandOutput,
} from '@aws-sdk/client-cost-explorer';
import { admitAll } from '../../agent/core/api-call.ts';
import type { ApiCall } from '../../agent/core/api-call.ts';
import { accessesOf } from './access.ts';
import type { Access, ClientSettings } from './access.ts';
import { defaultTimeoutMs } from './config.ts';
import type { AwsConfig, AwsDeps } from './config.ts';
import { withDeadline } from './deadline.ts';
import { toAwsError } from './errors.ts';
import { askCallerIdentity } from './identity.ts';
import type { CallerIdentity } from './identity.ts';
import { keeping, keepingCosts } from './kept-clients.ts';
import {
  bedrockLimit,
  costLimit,
  dataLimit,
  listLimit,
  nanoUsdPerCostRequest,
  nanoUsdPerListing,
} from './limits.ts';
import { nanoUsdPerMetric } from './plan.ts';
import { bedrockRegions } from './regions.ts';

/** Where a call goes, and whose bill it is on. */
export interface Place {
  readonly access: Access;
  readonly region: string;
  /** The account that is called in. */
  readonly account: string;
  /** A target's id, or the scope that is listed. */
  readonly scope: string;
}

/** What a GetMetricData request asks for, as its bill and its rate count it. */
export interface DataSize {
  readonly metrics: number;
  readonly points: number;
}

/** The AWS calls the collector makes. Each throws ExternalError, is tried once, and ends in time or with `signal`. */
export interface AwsApi {
  readonly accesses: readonly Access[];
  readonly regions: readonly string[];
  /** Assumes the role if its credentials are not at hand, so that a role denied is told once and not for every region. */
  signIn(access: Access, signal: AbortSignal): Promise<void>;
  /** `undefined` where nobody at the endpoint speaks STS. */
  callerIdentity(access: Access, signal: AbortSignal): Promise<CallerIdentity | undefined>;
  listMetrics(
    place: Place,
    input: ListMetricsCommandInput,
    signal: AbortSignal,
  ): Promise<ListMetricsCommandOutput>;
  getMetricData(
    place: Place,
    input: GetMetricDataCommandInput,
    size: DataSize,
    signal: AbortSignal,
  ): Promise<GetMetricDataCommandOutput>;
  listInferenceProfiles(
    place: Place,
    input: ListInferenceProfilesCommandInput,
    signal: AbortSignal,
  ): Promise<ListInferenceProfilesCommandOutput>;
  listThroughputs(
    place: Place,
    input: ListProvisionedModelThroughputsCommandInput,
    signal: AbortSignal,
  ): Promise<ListProvisionedModelThroughputsCommandOutput>;
  /** A cent a call. */
  getCostAndUsage(
    place: Place,
    input: GetCostAndUsageCommandInput,
    signal: AbortSignal,
  ): Promise<GetCostAndUsageCommandOutput>;
  /** A cent a call. */
  getDimensionValues(
    place: Place,
    input: GetDimensionValuesCommandInput,
    signal: AbortSignal,
  ): Promise<GetDimensionValuesCommandOutput>;
  /** `undefined` for a resource that is gone. */
  listTags(
    place: Place,
    resourceARN: string,
    signal: AbortSignal,
  ): Promise<ListTagsForResourceCommandOutput | undefined>;
  close(): void;
}

const longestConnectMs = 5_000;

/** Clients are made at first use, one per access, region and service, and kept. */
export function createAwsApi(config: AwsConfig, deps: AwsDeps): AwsApi {
  const timeoutMs = config.timeoutMs ?? defaultTimeoutMs;
  const regions = config.regions === 'auto' ? bedrockRegions : [...new Set(config.regions)];
  const homeRegion = regions[0] ?? 'us-east-1';
  const settings: ClientSettings = {
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    // The loop that calls backs off; a client that retries by itself would hide throttling from it.
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: timeoutMs,
      // Without it a request timeout only warns, and the call hangs on.
      throwOnRequestTimeout: true,
      connectionTimeout: Math.min(longestConnectMs, timeoutMs),
    },
  };
  const cloudwatch = keeping(
    ({ access: { credentials }, region }) =>
      new CloudWatchClient({ region, credentials, ...settings }),
  );
  const bedrock = keeping(
    ({ access: { credentials }, region }) =>
      new BedrockClient({ region, credentials, ...settings }),
  );
  const costs = keepingCosts(settings);

  const { meter = admitAll } = deps;

  /** Every page goes through here, so every request is on the bill before it is made. */
  async function call<Answer>(
    operation: string,
    place: Place,
    bill: Partial<Pick<ApiCall, 'limit' | 'costNanoUsd' | 'metrics' | 'points'>>,
    signal: AbortSignal,
    send: (abortSignal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const { scope, account, region } = place;
    const bucket = `aws/${account}/${region}`;
    const free = { costNanoUsd: 0n, metrics: 0, points: 0 };
    const ended = await meter.admit(
      { source: config.name, scope, operation, bucket, ...free, ...bill },
      signal,
    );
    try {
      return await answered(operation, place, signal, send);
    } finally {
      ended();
    }
  }

  async function answered<Answer>(
    operation: string,
    { access, region }: Pick<Place, 'access' | 'region'>,
    signal: AbortSignal,
    send: (abortSignal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await withDeadline(signal, timeoutMs, send);
    } catch (thrown) {
      const context = { operation, region, principal: access.principal };
      throw toAwsError(thrown, context, deps.clock.now());
    }
  }

  return {
    accesses: accessesOf(config, deps, homeRegion, settings),
    regions,
    async signIn(access, signal) {
      const place = { access, region: homeRegion };
      // Assuming the role counts itself: most often its credentials are at hand.
      await answered('sts:AssumeRole', place, signal, () => access.credentials());
    },
    callerIdentity(access, signal) {
      const account = access.account ?? 'own';
      const place = { access, region: homeRegion, account, scope: config.name };
      return call('sts:GetCallerIdentity', place, {}, signal, (abortSignal) =>
        askCallerIdentity(cloudwatch.of(place), homeRegion, config.endpoint, abortSignal),
      );
    },
    listMetrics: (place, input, signal) => {
      const bill = { limit: listLimit, costNanoUsd: nanoUsdPerListing };
      return call('cloudwatch:ListMetrics', place, bill, signal, (abortSignal) =>
        cloudwatch.of(place).send(new ListMetricsCommand(input), { abortSignal }),
      );
    },
    getMetricData: (place, input, size, signal) => {
      const costNanoUsd = BigInt(size.metrics) * nanoUsdPerMetric;
      const bill = { limit: dataLimit, costNanoUsd, ...size };
      return call('cloudwatch:GetMetricData', place, bill, signal, (abortSignal) =>
        cloudwatch.of(place).send(new GetMetricDataCommand(input), { abortSignal }),
      );
    },
    listInferenceProfiles: (place, input, signal) =>
      call('bedrock:ListInferenceProfiles', place, { limit: bedrockLimit }, signal, (abortSignal) =>
        bedrock.of(place).send(new ListInferenceProfilesCommand(input), { abortSignal }),
      ),
    listThroughputs: (place, input, signal) => {
      const bill = { limit: bedrockLimit };
      const operation = 'bedrock:ListProvisionedModelThroughputs';
      return call(operation, place, bill, signal, (abortSignal) =>
        bedrock.of(place).send(new ListProvisionedModelThroughputsCommand(input), { abortSignal }),
      );
    },
    async getCostAndUsage(place, input, signal) {
      const { client, sdk } = await costs.of(place);
      return call('ce:GetCostAndUsage', place, costBill, signal, (abortSignal) =>
        client.send(new sdk.GetCostAndUsageCommand(input), { abortSignal }),
      );
    },
    async getDimensionValues(place, input, signal) {
      const { client, sdk } = await costs.of(place);
      return call('ce:GetDimensionValues', place, costBill, signal, (abortSignal) =>
        client.send(new sdk.GetDimensionValuesCommand(input), { abortSignal }),
      );
    },
    listTags: (place, resourceARN, signal) =>
      call('bedrock:ListTagsForResource', place, { limit: bedrockLimit }, signal, (abortSignal) =>
        bedrock
          .of(place)
          .send(new ListTagsForResourceCommand({ resourceARN }), { abortSignal })
          .catch((thrown: unknown) => {
            if (thrown instanceof ResourceNotFoundException) return undefined;
            throw thrown;
          }),
      ),
    close() {
      cloudwatch.destroy();
      bedrock.destroy();
      costs.destroy();
    },
  };
}

const costBill = { limit: costLimit, costNanoUsd: nanoUsdPerCostRequest };
