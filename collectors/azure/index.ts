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
import { contradictsDefinitions } from './errors.ts';
import type { Attempt } from './errors.ts';
import type { MetricsQuestion } from './metrics-api.ts';
import { filterOf, guessSeries, intervalOf, planCalls } from './plan.ts';
import type { MetricCall, MetricGroup } from './plan.ts';

export interface AzureDeps {
  /** Milliseconds since the epoch; ages the cached metric definitions and dates a `Retry-After`. */
  readonly now: () => Instant;
}

const metricsOperation = 'Microsoft.Insights/metrics/read';
/** Calls of one target beside one another. */
const callsAtOnce = 2;
/** Deployments of an account that was not listed yet. */
const likelyDeployments = 10;
const assumedBatchCallNanoUsd = 10_000n;

/** Reads Azure Monitor's token meters. Throws for a configuration that would send a token over plain http. */
export function createAzureCollector(config: AzureConfig, deps: AzureDeps): Collector {
  const client = connect(config, deps.now);
  const definitions = createDefinitionCache(deps.now, (thrown) =>
    toExternalError(thrown, 'Microsoft.Insights/metricDefinitions/read'),
  );
  const seenSubscriptions = new Set<string>();
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

  return {
    name: config.name,
    cloud: 'azure',

    async discover(signal): Promise<Discovery> {
      const discovery = await discoverAzure(
        {
          source: config.name,
          subscriptions: config.subscriptions,
          seenSubscriptions,
          rows: catalog,
          arm: client.arm,
          metrics: client.metrics,
          definitions,
        },
        signal,
      );
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

    close(): Promise<void> {
      client.close();
      return Promise.resolve();
    },
  };
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

function attemptOf(target: Target, batch: boolean): Attempt {
  const subscription = `subscription ${target.account}`;
  return {
    operation: metricsOperation,
    subject: `account ${target.resource}`,
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
