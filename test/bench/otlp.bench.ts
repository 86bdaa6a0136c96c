import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { metrics, resources } from '@opentelemetry/sdk-node';
import { bench, describe } from 'vitest';
import { counters } from '../../exporters/otlp/counters.ts';
import { pagePoints } from '../../exporters/otlp/page-points.ts';
import { byResource, resourceMetrics } from '../../exporters/otlp/resource-metrics.ts';
import { pageOf, sonnet, used } from '../exporters/otlp/pages.ts';

/**
 * A page as bytes, beside what OpenTelemetry's SDK does for as many numbers: recorded through its API, collected and
 * serialized. Neither sends anything.
 */
const periods = 2_000;
const amounts = {
  input: 90_000,
  cacheRead: 5_000,
  cacheWrite: 700,
  output: 4_000,
  requests: 31,
  errors: 1,
};
const page = pageOf(
  Array.from({ length: periods }, (_, at) => used(sonnet, at, amounts, { cost: 41_000_000n })),
);
const sender = {
  serviceVersion: '1.2.3',
  temporality: 'delta',
  process: resources.emptyResource(),
} as const;

function ours(): number {
  let bytes = 0;
  for (const list of byResource(pagePoints(page, { temporality: 'delta' }).points)) {
    bytes += ProtobufMetricsSerializer.serializeRequest(resourceMetrics(list, sender))?.length ?? 0;
  }
  return bytes;
}

class Reader extends metrics.MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** The SDK has no past: each period is a series of its own, as each is a point of its own on the wire. */
const recorded = pagePoints(page, { temporality: 'delta' }).points.map((point, at) => ({
  name: point.metric.name,
  value: Number(point.value),
  attributes: { ...point.attributes, 'crossbill.period': Math.floor(at / 7) },
}));

async function theirs(): Promise<number> {
  const reader = new Reader({
    cardinalitySelector: () => 10 * periods,
    aggregationTemporalitySelector: () => metrics.AggregationTemporality.DELTA,
  });
  const provider = new metrics.MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('crossbill');
  const instruments = new Map(
    counters.map(({ metric }) => [metric.name, meter.createCounter(metric.name)]),
  );
  for (const { name, value, attributes } of recorded) instruments.get(name)?.add(value, attributes);
  const { resourceMetrics: collected } = await reader.collect();
  const bytes = ProtobufMetricsSerializer.serializeRequest(collected)?.length ?? 0;
  await provider.shutdown();
  return bytes;
}

// Both write the same numbers, with as long attributes, or the comparison is none.
if (Math.abs(ours() - (await theirs())) > 0.1 * ours()) throw new Error('not as many bytes');

describe(`${recorded.length} points of ${periods} periods as protobuf`, () => {
  bench('a page', () => {
    ours();
  });
  bench("as many numbers through OpenTelemetry's SDK", async () => {
    await theirs();
  });
});
