import type { Aggregates, Strand } from '../aggregate.ts';
import { hashText } from '../hash.ts';
import type { Lane, Request } from '../lane.ts';
import type { AwsLane } from '../scenario-lane.ts';
import { isAwsLane } from '../scenario-lane.ts';
import { cacheMetrics, mantleMetrics, runtimeMetrics } from './metrics.ts';
import type { AwsMetric } from './metrics.ts';

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** The traffic that one series counts: lanes, or one tier of a lane. */
export interface Part {
  readonly lane: Lane;
  /** None: every tier. */
  readonly tier?: Request['tier'];
  readonly strand: Strand;
}

/** A CloudWatch series: it exists under exactly these dimensions. */
export interface AwsSeries {
  readonly namespace: string;
  readonly metric: AwsMetric;
  readonly dimensions: readonly Dimension[];
  readonly parts: readonly Part[];
  /** Lets each series show the newest minutes in its own time. */
  readonly salt: number;
}

export function seriesKey(
  namespace: string,
  metric: string,
  dimensions: readonly Dimension[],
): string {
  const sorted = dimensions.map(({ Name, Value }) => `${Name}=${Value}`).toSorted();
  return [namespace, metric, ...sorted].join('|');
}

function wholeOf(lane: AwsLane, aggregates: Aggregates): Part {
  const strand = aggregates.strand(lane);
  if (strand === undefined) throw new Error(`No sums are kept of ${lane.id}.`);
  return { lane, strand };
}

interface Level {
  readonly namespace: string;
  readonly dimensions: readonly Dimension[];
  readonly parts: readonly Part[];
  readonly metrics: readonly AwsMetric[];
}

function metricsOf(lane: AwsLane): readonly AwsMetric[] {
  if (!lane.cacheMeters) return runtimeMetrics;
  return [...runtimeMetrics, ...cacheMetrics(lane.cacheSpelling ?? 'InputTokens')];
}

/** No dimensions: everything of the region, whatever the model. */
function runtimeTotals(lanes: readonly AwsLane[], aggregates: Aggregates): readonly Level[] {
  const metrics = new Map(lanes.flatMap(metricsOf).map((metric) => [metric.name, metric]));
  return [...metrics.values()].map((metric) => {
    const reporting = lanes.filter((lane) => metricsOf(lane).some((m) => m.name === metric.name));
    const parts = reporting.map((lane) => wholeOf(lane, aggregates));
    return { namespace: 'AWS/Bedrock', dimensions: [], parts, metrics: [metric] };
  });
}

/** Tiers that have series of their own. The standard one has none: it is the rest. */
const separateTiers = ['flex', 'priority'] as const;

/** [ModelId], and [ModelId, ServiceTier, ResolvedServiceTier] for tiers but the standard one. */
function runtimeLevels(lane: AwsLane, aggregates: Aggregates): readonly Level[] {
  const shared = { namespace: 'AWS/Bedrock', metrics: metricsOf(lane) };
  const modelId = { Name: 'ModelId', Value: lane.vendorModel };
  const byTier = separateTiers.flatMap((tier) => {
    const strand = aggregates.strand(lane, tier);
    if (strand === undefined) return [];
    const tiers = ['ServiceTier', 'ResolvedServiceTier'].map((Name) => ({ Name, Value: tier }));
    return [{ ...shared, dimensions: [modelId, ...tiers], parts: [{ lane, tier, strand }] }];
  });
  return [{ ...shared, dimensions: [modelId], parts: [wholeOf(lane, aggregates)] }, ...byTier];
}

const mantleDimensions: Readonly<Record<string, (lane: AwsLane) => Dimension>> = {
  Project: (lane) => ({ Name: 'Project', Value: lane.deployment }),
  Model: (lane) => ({ Name: 'Model', Value: lane.vendorModel }),
};

const mantleLevels = [
  { names: [], metrics: mantleMetrics.above },
  { names: ['Project'], metrics: mantleMetrics.above },
  { names: ['Model'], metrics: mantleMetrics.above },
  { names: ['Project', 'Model'], metrics: mantleMetrics.projectAndModel },
] as const;

/** No dimensions, [Project], [Model] and [Project, Model]: one inference is in all four. */
function levelsOfMantle(lanes: readonly AwsLane[], aggregates: Aggregates): readonly Level[] {
  return mantleLevels.flatMap(({ names, metrics }) => {
    const levels = new Map<string, Level & { readonly parts: Part[] }>();
    for (const lane of lanes) {
      const dimensions = names.flatMap((name) => mantleDimensions[name]?.(lane) ?? []);
      const key = JSON.stringify(dimensions);
      const level = levels.get(key) ?? {
        namespace: 'AWS/BedrockMantle',
        dimensions,
        parts: [],
        metrics,
      };
      level.parts.push(wholeOf(lane, aggregates));
      levels.set(key, level);
    }
    return [...levels.values()];
  });
}

/**
 * Every series that the account's traffic in the region can ever give, by key; empty where it uses no Bedrock. They
 * overlap: each request is counted at every level.
 */
export function seriesOf(
  lanes: readonly Lane[],
  aggregates: Aggregates,
  account: string,
  region: string,
): ReadonlyMap<string, AwsSeries> {
  const here = lanes
    .filter(isAwsLane)
    .filter((lane) => lane.account === account && lane.region === region);
  const runtime = here.filter((lane) => lane.endpoint === 'runtime');
  const mantle = here.filter((lane) => lane.endpoint === 'mantle');
  const levels = [
    ...runtimeTotals(runtime, aggregates),
    ...runtime.flatMap((lane) => runtimeLevels(lane, aggregates)),
    ...levelsOfMantle(mantle, aggregates),
  ];
  const all = new Map<string, AwsSeries>();
  for (const { namespace, dimensions, parts, metrics } of levels) {
    for (const metric of metrics) {
      const key = seriesKey(namespace, metric.name, dimensions);
      const salt = hashText(`${account}/${region}/${key}`);
      all.set(key, { namespace, metric, dimensions, parts, salt });
    }
  }
  return all;
}
