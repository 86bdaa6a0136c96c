import {
  BedrockClient,
  ListInferenceProfilesCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-bedrock';
import type {
  ListInferenceProfilesCommandInput,
  ListInferenceProfilesCommandOutput,
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
import { accessesOf } from './access.ts';
import type { Access, ClientSettings } from './access.ts';
import { defaultTimeoutMs } from './config.ts';
import type { AwsConfig, AwsDeps } from './config.ts';
import { withDeadline } from './deadline.ts';
import { toAwsError } from './errors.ts';
import { askCallerIdentity } from './identity.ts';
import type { CallerIdentity } from './identity.ts';
import { bedrockRegions } from './regions.ts';

/** Where a call goes. */
export interface Place {
  readonly access: Access;
  readonly region: string;
}

/** The AWS calls the collector makes. Each throws ExternalError, is tried once, and ends in time or with `signal`. */
export interface AwsApi {
  readonly accesses: readonly Access[];
  readonly regions: readonly string[];
  /** Assumes the role if its credentials are not at hand, so that a role denied is told once and not for every region. */
  signIn(access: Access, signal: AbortSignal): Promise<void>;
  callerIdentity(access: Access, signal: AbortSignal): Promise<CallerIdentity>;
  listMetrics(
    place: Place,
    input: ListMetricsCommandInput,
    signal: AbortSignal,
  ): Promise<ListMetricsCommandOutput>;
  getMetricData(
    place: Place,
    input: GetMetricDataCommandInput,
    signal: AbortSignal,
  ): Promise<GetMetricDataCommandOutput>;
  listInferenceProfiles(
    place: Place,
    input: ListInferenceProfilesCommandInput,
    signal: AbortSignal,
  ): Promise<ListInferenceProfilesCommandOutput>;
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

  async function call<Answer>(
    operation: string,
    { access, region }: Place,
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
      await call('sts:AssumeRole', place, signal, () => access.credentials());
    },
    callerIdentity(access, signal) {
      const place = { access, region: homeRegion };
      return call('sts:GetCallerIdentity', place, signal, (abortSignal) =>
        askCallerIdentity(cloudwatch.of(place), homeRegion, config.endpoint, abortSignal),
      );
    },
    listMetrics: (place, input, signal) =>
      call('cloudwatch:ListMetrics', place, signal, (abortSignal) =>
        cloudwatch.of(place).send(new ListMetricsCommand(input), { abortSignal }),
      ),
    getMetricData: (place, input, signal) =>
      call('cloudwatch:GetMetricData', place, signal, (abortSignal) =>
        cloudwatch.of(place).send(new GetMetricDataCommand(input), { abortSignal }),
      ),
    listInferenceProfiles: (place, input, signal) =>
      call('bedrock:ListInferenceProfiles', place, signal, (abortSignal) =>
        bedrock.of(place).send(new ListInferenceProfilesCommand(input), { abortSignal }),
      ),
    listTags: (place, resourceARN, signal) =>
      call('bedrock:ListTagsForResource', place, signal, (abortSignal) =>
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
    },
  };
}

interface Kept<Client> {
  of(place: Place): Client;
  destroy(): void;
}

/** One client an account and region, made when it is first asked for. */
function keeping<Client extends { destroy(): void }>(make: (place: Place) => Client): Kept<Client> {
  const kept = new Map<string, Client>();
  return {
    of(place) {
      const key = `${place.access.account ?? ''}/${place.region}`;
      const client = kept.get(key) ?? make(place);
      kept.set(key, client);
      return client;
    },
    destroy() {
      for (const client of kept.values()) client.destroy();
      kept.clear();
    },
  };
}
