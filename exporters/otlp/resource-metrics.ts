import { ValueType } from '@opentelemetry/api';
import { metrics, resources } from '@opentelemetry/sdk-node';
import { secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { resourceAttributes } from './attributes.ts';
import type { MetricDefinition } from './metric-set.ts';
import type { Temporality } from './page-points.ts';
import type { MetricPoint, Population } from './point.ts';

/** What every resource says of the agent itself. */
export interface Sender {
  readonly serviceVersion: string;
  readonly temporality: Temporality;
  /** `OTEL_RESOURCE_ATTRIBUTES` and whatever else is told of this process. */
  readonly process: resources.Resource;
}

/** Points by account and region, each list oldest first. */
export function byResource(points: readonly MetricPoint[]): readonly (readonly MetricPoint[])[] {
  const groups = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const { cloud, account, region } = point.name;
    const key = JSON.stringify([cloud, account, region]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()].map((group) => group.toSorted((a, b) => a.end - b.end));
}

/** Points of one account and region in the SDK's shapes. */
export function resourceMetrics(
  points: readonly MetricPoint[],
  { serviceVersion, temporality, process }: Sender,
): metrics.ResourceMetrics {
  const byMetric = new Map<MetricDefinition, MetricPoint[]>();
  for (const point of points) {
    const list = byMetric.get(point.metric);
    if (list === undefined) byMetric.set(point.metric, [point]);
    else list.push(point);
  }
  const [first] = points;
  const attributes = {
    'service.name': 'crossbill',
    'service.version': serviceVersion,
    ...(first && resourceAttributes(first.name)),
  };
  const scope = { name: 'crossbill', version: serviceVersion };
  const aggregationTemporality =
    temporality === 'delta'
      ? metrics.AggregationTemporality.DELTA
      : metrics.AggregationTemporality.CUMULATIVE;
  return {
    resource: process.merge(resources.resourceFromAttributes(attributes)),
    scopeMetrics: [
      {
        scope,
        metrics: [...byMetric].map(([metric, list]) =>
          metricData(metric, list, aggregationTemporality),
        ),
      },
    ],
  };
}

function metricData(
  { name, kind, unit, isWhole, description }: MetricDefinition,
  points: readonly MetricPoint[],
  aggregationTemporality: metrics.AggregationTemporality,
): metrics.MetricData {
  const valueType = isWhole ? ValueType.INT : ValueType.DOUBLE;
  const descriptor = { name, description, unit, valueType };
  if (kind === 'histogram') {
    return {
      descriptor,
      aggregationTemporality,
      dataPointType: metrics.DataPointType.HISTOGRAM,
      dataPoints: points.flatMap((point) =>
        typeof point.value === 'number'
          ? []
          : [{ ...spanOf(point), value: histogram(point.value) }],
      ),
    };
  }
  const dataPoints = points.flatMap((point) =>
    typeof point.value === 'number' ? [{ ...spanOf(point), value: point.value }] : [],
  );
  return kind === 'gauge'
    ? {
        descriptor,
        aggregationTemporality,
        dataPointType: metrics.DataPointType.GAUGE,
        dataPoints,
      }
    : {
        descriptor,
        aggregationTemporality,
        dataPointType: metrics.DataPointType.SUM,
        isMonotonic: true,
        dataPoints,
      };
}

function spanOf({ start, end, attributes }: MetricPoint) {
  return { startTime: hrTime(start), endTime: hrTime(end), attributes };
}

/** One bucket that holds everything is how the protocol says that there are none. */
function histogram({ count, sum, min, max }: Population): metrics.Histogram {
  return {
    buckets: { boundaries: [], counts: [count] },
    count,
    sum,
    ...(min !== null && { min }),
    ...(max !== null && { max }),
  };
}

function hrTime(instant: Instant): [seconds: number, nanos: number] {
  const seconds = Math.floor(instant / secondMs);
  return [seconds, (instant - seconds * secondMs) * 1_000_000];
}
