import { MetricsClient, MetricsQueryClient } from '@azure/monitor-query';
import type { AggregationType, MetricsQueryResult, TimeSeriesElement } from '@azure/monitor-query';
import * as z from 'zod';
import type { Instant, Window } from '../../agent/core/time.ts';
import type { AzureCloud } from './clouds.ts';
import { badAnswer } from './errors.ts';
import { batchLimit, definitionsLimit, readLimit } from './limits.ts';
import type { Errand, Transport } from './transport.ts';

/** What a resource measures: name of a metric as Azure spells it, and the dimensions it may be split by. */
export interface MetricDefinition {
  readonly name: string;
  readonly dimensions: readonly string[];
}

export interface MetricsQuestion {
  /** ARM id, with or without the leading slash. */
  readonly resourceId: string;
  readonly namespace: string;
  readonly metricNames: readonly string[];
  /** `Total`, `Average`, `Minimum`, `Maximum`. */
  readonly aggregations: readonly string[];
  readonly window: Window;
  /** `PT1M`. */
  readonly interval: string;
  readonly filter: string;
  /** Series a metric beyond which Azure drops the rest without a word. */
  readonly top: number;
}

/** One point; an aggregation that is absent or null said nothing. */
export interface MetricPoint {
  readonly timeStamp?: Date;
  readonly total?: number | null;
  readonly average?: number | null;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
}

export interface AnsweredSeries {
  /** Names in lower case, values as sent. */
  readonly dimensions: ReadonlyMap<string, string>;
  readonly points: readonly MetricPoint[];
}

export interface AnsweredMetric {
  readonly name: string;
  readonly errorCode: string | undefined;
  readonly errorMessage: string | undefined;
  readonly series: readonly AnsweredSeries[];
}

export interface MetricsAnswer {
  /** The span answered, which may be less than the one asked. NaN when Azure did not say. */
  readonly start: Instant;
  readonly end: Instant;
  readonly interval: string | undefined;
  readonly metrics: readonly AnsweredMetric[];
}

/** All that is used of the metrics SDK, so that its successors can take its place. Throws ExternalError. */
export interface MetricsApi {
  listDefinitions(
    resourceId: string,
    namespace: string,
    errand: Errand,
    signal: AbortSignal,
  ): Promise<readonly MetricDefinition[]>;
  queryResource(
    question: MetricsQuestion,
    errand: Errand,
    signal: AbortSignal,
  ): Promise<MetricsAnswer>;
  /** The same through the data plane of a region, which is billed. */
  queryResources(
    question: MetricsQuestion,
    region: string,
    errand: Errand,
    signal: AbortSignal,
  ): Promise<MetricsAnswer>;
}

/** @param batchCallNanoUsd what a call of the data plane costs; the others are free */
export function createMetricsApi(
  cloud: AzureCloud,
  transport: Transport,
  batchCallNanoUsd: bigint,
): MetricsApi {
  const { credential } = transport.guarded;
  const options = {
    retryOptions: { maxRetries: 0 },
    ...(transport.httpClient === undefined ? {} : { httpClient: transport.httpClient }),
  };
  const single = new MetricsQueryClient(credential, {
    ...options,
    endpoint: cloud.managementUrl,
    audience: cloud.managementAudience,
  });
  const batches = new Map<string, MetricsClient>();
  const batchOf = (region: string): MetricsClient => {
    const url = cloud.batchUrl(region);
    const client =
      batches.get(url) ??
      new MetricsClient(url, credential, { ...options, audience: cloud.batchAudience });
    batches.set(url, client);
    return client;
  };

  return {
    listDefinitions(resourceId, namespace, errand, signal) {
      // A listing of definitions has no second page, so the one call is one request.
      const toll = { limit: definitionsLimit };
      return transport.call(errand, toll, signal, async (abortSignal) => {
        const definitions: MetricDefinition[] = [];
        const pages = single
          .listMetricDefinitions(bareId(resourceId), { metricNamespace: namespace, abortSignal })
          .byPage();
        for await (const page of pages) {
          // The SDK passes an answer without its list on as no page at all.
          if (!Array.isArray(page)) throw badAnswer('a listing without its list', errand);
          for (const { name, dimensions } of page) {
            if (name !== undefined) definitions.push({ name, dimensions: dimensions ?? [] });
          }
        }
        return definitions;
      });
    },
    queryResource(question, errand, signal) {
      const toll = { limit: readLimit };
      return transport.call(errand, toll, signal, async (abortSignal) => {
        const result = await single.queryResource(
          bareId(question.resourceId),
          [...question.metricNames],
          {
            abortSignal,
            timespan: spanOf(question.window),
            granularity: question.interval,
            aggregations: question.aggregations.map(aggregationOf),
            metricNamespace: question.namespace,
            autoAdjustTimegrain: false,
            ...filtered(question),
          },
        );
        return toAnswer(result);
      });
    },
    queryResources(question, region, errand, signal) {
      const toll = { limit: batchLimit, costNanoUsd: batchCallNanoUsd };
      return transport.call(errand, toll, signal, async (abortSignal) => {
        const results = await batchOf(region).queryResources(
          [`/${bareId(question.resourceId)}`],
          [...question.metricNames],
          question.namespace,
          {
            abortSignal,
            ...spanOf(question.window),
            interval: question.interval,
            aggregation: question.aggregations.join(),
            ...filtered(question),
          },
        );
        const wanted = bareId(question.resourceId).toLowerCase();
        const result = results.find((one) => bareId(one.resourceId ?? '').toLowerCase() === wanted);
        if (result === undefined) throw badAnswer('the resource asked for is not in it', errand);
        return toAnswer(result);
      });
    },
  };
}

/** `top` is allowed beside a filter only. */
function filtered(question: MetricsQuestion): { filter?: string; top?: number } {
  return question.filter === '' ? {} : { filter: question.filter, top: question.top };
}

/** A leading slash would double on the wire. */
function bareId(resourceId: string): string {
  return resourceId.replace(/^\/+/, '');
}

function spanOf(window: Window): { startTime: Date; endTime: Date } {
  return { startTime: new Date(window.start), endTime: new Date(window.end) };
}

function aggregationOf(statistic: string): AggregationType {
  switch (statistic) {
    case 'Total':
    case 'Average':
    case 'Minimum':
    case 'Maximum':
      return statistic;
    default:
      throw new RangeError(`Azure has no aggregation ${statistic}`);
  }
}

function toAnswer(result: MetricsQueryResult): MetricsAnswer {
  const { timespan } = result;
  return {
    start: 'startTime' in timespan ? timespan.startTime.getTime() : Number.NaN,
    end: 'endTime' in timespan ? timespan.endTime.getTime() : Number.NaN,
    interval: result.granularity,
    metrics: result.metrics.map((metric) => ({
      name: metric.name,
      errorCode: metric.errorCode,
      errorMessage: metric.errorMessage,
      series: metric.timeseries.map((series) => ({
        dimensions: dimensionsOf(series),
        points: dataOf(series, metric.name),
      })),
    })),
  };
}

function dataOf(series: TimeSeriesElement, metric: string): readonly MetricPoint[] {
  if (series.data !== undefined) return series.data;
  throw new TypeError(`a series of ${metric} without data`);
}

const metadata = z.array(
  z.object({
    name: z.union([z.string(), z.object({ value: z.string() }).transform((name) => name.value)]),
    value: z.string().nullish(),
  }),
);

/**
 * Dimension names in lower case with their values. The single-resource client gives `metadataValues` with plain names;
 * the batch one gives `metadatavalues` with names as objects, whatever its type says; its successor plain ones.
 */
export function dimensionsOf(series: object): ReadonlyMap<string, string> {
  const said =
    ('metadataValues' in series ? series.metadataValues : undefined) ??
    ('metadatavalues' in series ? series.metadatavalues : undefined);
  const read = metadata.safeParse(said ?? []);
  if (!read.success) throw new TypeError('a series with dimensions that cannot be read');
  return new Map(
    read.data.flatMap(({ name, value }) =>
      typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
    ),
  );
}
