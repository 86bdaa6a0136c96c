import { admitAll } from '../../agent/core/api-call.ts';
import type { ApiMeter } from '../../agent/core/api-call.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createArmApi, createArmSender } from './arm.ts';
import type { ArmApi } from './arm.ts';
import { createCostApi } from './bills/cost-api.ts';
import type { CostApi } from './bills/cost-api.ts';
import { cloudOf } from './clouds.ts';
import type { AzureConfig } from './config.ts';
import { guardCredential } from './credential.ts';
import { withDeadline } from '../../agent/core/deadline.ts';
import { azureError } from './errors.ts';
import { isLoopback, loopbackClient } from './loopback.ts';
import { assumedBatchCallNanoUsd } from './limits.ts';
import { createMetricsApi } from './metrics-api.ts';
import type { MetricsApi } from './metrics-api.ts';
import type { Transport } from './transport.ts';

export interface AzureClient {
  readonly arm: ArmApi;
  readonly metrics: MetricsApi;
  readonly costs: CostApi;
  close(): void;
}

/** Throws for an endpoint or a credential that would send a token over plain http. Nothing is contacted. */
export function connect(
  config: AzureConfig,
  now: () => Instant,
  meter: ApiMeter = admitAll,
): AzureClient {
  const endpoint = config.endpoint === undefined ? undefined : parseEndpoint(config.endpoint);
  if (
    config.credential.kind === 'static_token' &&
    (endpoint === undefined || !isLoopback(endpoint))
  ) {
    throw new Error(`${config.name}: static_token needs an endpoint on loopback.`);
  }
  const { timeoutMs = 30_000, batchCallNanoUsd = assumedBatchCallNanoUsd } = config;
  const loopback = endpoint?.protocol === 'http:' ? loopbackClient(endpoint) : undefined;
  const cloud = cloudOf(loopback?.url ?? endpoint?.origin);
  const guarded = guardCredential(config.credential, cloud.authorityHost);
  const transport: Transport = {
    guarded,
    ...(loopback === undefined ? {} : { httpClient: loopback.httpClient }),
    async call(errand, toll, signal, run) {
      const ended = await meter.admit(
        {
          source: config.name,
          scope: errand.scope,
          operation: errand.operation,
          bucket: `azure/${errand.subscription}`,
          costNanoUsd: 0n,
          metrics: 0,
          points: 0,
          ...toll,
        },
        signal,
      );
      try {
        return await withDeadline(signal, timeoutMs, run);
      } catch (thrown) {
        throw azureError(thrown, errand, {
          now: now(),
          redact: guarded.redact,
          credentialHint: guarded.hint,
        });
      } finally {
        ended();
      }
    },
  };
  const send = createArmSender(cloud, transport);
  return {
    arm: createArmApi(cloud, transport, send),
    costs: createCostApi(cloud, transport, send, now),
    metrics: createMetricsApi(cloud, transport, batchCallNanoUsd),
    close: () => loopback?.close(),
  };
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new Error(`${endpoint} is not an http or https address.`);
}
