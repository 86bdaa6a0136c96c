import type { ApiMeter } from '../../agent/core/api-call.ts';
import type {
  ApiCost,
  Collector,
  CollectRequest,
  Discovery,
  Sample,
  Target,
} from '../../agent/core/collector.ts';
import { ExternalError, toExternalError } from '../../agent/core/errors.ts';
import type { Instant } from '../../agent/core/time.ts';
import { readAnswer, topSeries } from './answer.ts';
import { catalog } from './catalog.ts';
import { connect } from './client.ts';
import { joinSamples, runAll } from './collect.ts';
import type { AzureConfig } from './config.ts';
import { createDefinitionCache } from './definitions.ts';
import { discoverAzure } from './discover.ts';
import type { DiscoverPorts } from './discover.ts';
import { contradictsDefinitions } from './errors.ts';
import { assumedBatchCallNanoUsd } from './limits.ts';
import type { MetricsQuestion } from './metrics-api.ts';
import { filterOf, guessSeries, intervalOf, planCalls } from './plan.ts';
import type { MetricCall, MetricGroup } from './plan.ts';
import { probeAzure } from './probe.ts';
import type { Errand } from './transport.ts';

export interface AzureDeps {
  /** Milliseconds since the epoch; ages the cached metric definitions and dates a `Retry-After`. */
  readonly now: () => Instant;
  /** Counts, prices and paces every request; absent: none of it. */
  readonly meter?: ApiMeter;
}

const metricsOperation = 'Microsoft.Insights/metrics/read';
/** Calls of one target beside one another. */
const callsAtOnce = 2;
/** Deployments of an account that was not listed yet. */
const likelyDeployments = 10;

/** Reads Azure Monitor's token meters. Throws for a configuration that would send a token over plain http. */
export function createAzureCollector(config: AzureConfig, deps: AzureDeps): Collector {
  const client = connect(config, deps.now, deps.meter);
  const definitions = createDefinitionCache(deps.now, (thrown) =>
    toExternalError(thrown, 'Microsoft.Insights/metricDefinitions/read'),
  );
  const ports: DiscoverPorts = {
    source: config.name,
    subscriptions: config.subscriptions,
    seenSubscriptions: new Set(),
    rows: catalog,
    arm: client.arm,
    metrics: client.metrics,
    definitions,
  };
  const deploymentsOf = new Map<string, number>();
  const seriesSeen = new Map<string, number>();

  function plan(request: CollectRequest): readonly MetricCall[] {
    const { target } = request;
    const deployments = deploymentsOf.get(placeOf(target)) ?? likelyDeployments;
    return planCalls(
      request,
      (group) =>
        seriesSeen.get(seriesKey(target, group)) ?? guessSeries(group.dimensions, deployments),
    );
  }

  const collector: Collector = {
    name: config.name,
    cloud: 'azure',

    async discover(signal): Promise<Discovery> {
      const discovery = await discoverAzure(ports, signal);
      for (const snapshot of discovery.inventory) {
        deploymentsOf.set(placeOf(snapshot), snapshot.items.length);
      }
      return discovery;
    },

    async collect(request, signal): Promise<readonly Sample[]> {
      const { target, window } = request;
      const resourceId = resourceIdOf(target);
      const attempt = attemptOf(target, config.batch === true);
      const checked = await runAll(plan(request), callsAtOnce, signal, async (call, both) => {
        const question = questionOf(call, resourceId);
        const answer =
          config.batch === true
            ? await client.metrics.queryResources(question, target.region, attempt, both)
            : await client.metrics.queryResource(question, attempt, both);
        const read = readAnswer(call, answer, window, attempt);
        const key = seriesKey(target, call.group);
        seriesSeen.set(key, Math.max(seriesSeen.get(key) ?? 0, read.seriesSeen));
        return read.samples;
      }).catch((thrown: unknown) => {
        if (thrown instanceof ExternalError && contradictsDefinitions(thrown)) {
          definitions.drop(resourceId);
        }
        throw thrown;
      });
      return joinSamples(checked);
    },

    price(request): ApiCost {
      const calls = plan(request).length;
      const perCall =
        config.batch === true ? (config.batchCallNanoUsd ?? assumedBatchCallNanoUsd) : 0n;
      return { operation: metricsOperation, calls, costNanoUsd: BigInt(calls) * perCall };
    },

    /** Accounts of each subscription, deployments of each account; definitions are kept for a day. All of it is free. */
    priceListing(targets): ApiCost {
      const subscriptions = new Set(targets.map(({ account }) => account)).size;
      const calls = 1 + subscriptions + targets.length;
      return { operation: 'Microsoft.CognitiveServices/accounts/read', calls, costNanoUsd: 0n };
    },

    probe: (signal) => probeAzure(ports, config.batch === true, collector, deps.now, signal),

    close(): Promise<void> {
      client.close();
      return Promise.resolve();
    },
  };
  return collector;
}

function seriesKey(target: Target, group: MetricGroup): string {
  return `${target.id} ${group.key}`;
}

function placeOf(place: Pick<Target, 'account' | 'region' | 'resource'>): string {
  return `${place.account}/${place.region}/${place.resource}`;
}

function resourceIdOf(target: Target): string {
  const resourceId = target.labels['resource_id'];
  if (resourceId !== undefined) return resourceId;
  throw new RangeError(`${target.id} carries no resource_id label: it is no target of Azure's`);
}

function attemptOf(target: Target, batch: boolean): Errand {
  const subscription = `subscription ${target.account}`;
  return {
    operation: metricsOperation,
    subject: `account ${target.resource}`,
    scope: target.id,
    subscription: target.account,
    role: batch
      ? `Monitoring Reader on ${subscription} (batch reading needs it there)`
      : `Monitoring Reader on account ${target.resource} or on ${subscription}`,
  };
}

function questionOf(call: MetricCall, resourceId: string): MetricsQuestion {
  const { namespace, units, statistics, dimensions } = call.group;
  return {
    resourceId,
    namespace,
    metricNames: units.map((unit) => unit.metric),
    aggregations: statistics,
    window: call.window,
    interval: intervalOf(call.periodSeconds),
    filter: filterOf(dimensions),
    top: topSeries,
  };
}
