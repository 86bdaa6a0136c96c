import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import { parseFilter } from './filter.ts';
import type { Filter } from './filter.ts';
import { dimensionsOf, findMetric } from './metrics.ts';
import type { Aggregation, EmulatedMetric, Offer } from './metrics.ts';

/** A query of metrics, understood. */
export interface Question {
  readonly metrics: readonly EmulatedMetric[];
  readonly window: Window;
  /** As asked: `PT1M`. */
  readonly interval: string;
  readonly stepMs: number;
  readonly aggregations: readonly Aggregation[];
  readonly filter: Filter;
  /** Filtered dimensions that are added up again. Lower case. */
  readonly rollUp: ReadonlySet<string>;
  readonly top: number;
}

/** Azure's words for a question it refuses with 400. */
export interface Refusal {
  readonly refused: string;
}

export interface QuestionText {
  readonly metricNames: string | undefined;
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly interval: string | undefined;
  readonly aggregation: string | undefined;
  readonly filter: string | undefined;
  readonly rollUp: string | undefined;
  readonly top: string | undefined;
}

const mostMetrics = 20;
const defaultTop = 10;
const retentionMs = 93 * dayMs;
/** A longer span is answered with its end, and no error. */
const longestSpanMs = 31 * dayMs;
const answeredSpanMs = 30 * dayMs;
const steps: Readonly<Record<string, number>> = {
  PT1M: minuteMs,
  PT5M: 5 * minuteMs,
  PT15M: 15 * minuteMs,
  PT30M: 30 * minuteMs,
  PT1H: hourMs,
  PT6H: 6 * hourMs,
  PT12H: 12 * hourMs,
  P1D: dayMs,
};
const aggregationNames: Readonly<Record<string, Aggregation>> = {
  total: 'Total',
  average: 'Average',
  minimum: 'Minimum',
  maximum: 'Maximum',
};
/** An offset instead of `Z` is refused. */
const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;

export function understand(text: QuestionText, now: Instant, offer: Offer): Question | Refusal {
  const names = (text.metricNames ?? '').split(',').filter((name) => name !== '');
  if (names.length === 0) return { refused: 'At least one metric name must be given.' };
  if (names.length > mostMetrics) {
    return { refused: `Only ${mostMetrics} metrics are allowed in one request.` };
  }
  const metrics = names.map((name) => findMetric(name, offer));
  const unknown = names.find((_, index) => metrics[index] === undefined);
  if (unknown !== undefined) {
    return {
      refused: `Failed to find metric configuration for provider: Microsoft.CognitiveServices, resource Type: accounts, metric: ${unknown}, Valid metrics: …`,
    };
  }
  const known = metrics.filter((metric) => metric !== undefined);

  const window = windowOf(text, now);
  if (window === undefined) return { refused: 'The timespan is not a pair of UTC times.' };
  if (window.end < now - retentionMs) {
    return {
      refused: `Query endTime: ${text.end ?? ''} is out of the Max metrics retention period: 93.00:00:00`,
    };
  }
  const interval = text.interval ?? 'PT1M';
  const stepMs = interval === 'FULL' ? window.end - window.start : steps[interval];
  if (stepMs === undefined) {
    return {
      refused: `Commonly allowed time grains: 00:01:00,00:05:00,00:15:00,00:30:00,01:00:00,06:00:00,12:00:00,1.00:00:00 between metrics: ${names.join()}, can not support requested time grain: ${interval}`,
    };
  }
  const filter = parseFilter(text.filter ?? '');
  if (filter === undefined) return { refused: `Invalid filter: ${text.filter ?? ''}` };
  for (const metric of known) {
    const offered = dimensionsOf(metric, offer);
    const lower = new Set(offered.map((name) => name.toLowerCase()));
    if ([...filter.keys()].some((name) => !lower.has(name))) {
      const asked = [...filter.keys()].join();
      return {
        refused: `Metric: ${metric.name} does not support requested dimension combination: ${asked}, supported ones are: ${offered.join()}, TraceId: {00000000-0000-0000-0000-000000000000}`,
      };
    }
  }
  const asked = (text.aggregation ?? '').split(',').filter((name) => name !== '');
  const aggregations = asked.map((name) => aggregationNames[name.trim().toLowerCase()]);
  if (aggregations.includes(undefined)) return { refused: `Invalid aggregation: ${asked.join()}` };
  const top = text.top === undefined ? defaultTop : Number(text.top);
  if (!Number.isInteger(top) || top < 1) return { refused: `Invalid top: ${text.top ?? ''}` };
  return {
    metrics: known,
    window,
    interval,
    stepMs,
    aggregations: aggregations.filter((name) => name !== undefined),
    filter,
    rollUp: new Set((text.rollUp ?? '').toLowerCase().split(',')),
    top,
  };
}

function windowOf(text: QuestionText, now: Instant): Window | undefined {
  if (text.start === undefined && text.end === undefined) return { start: now - hourMs, end: now };
  if (!utc.test(text.start ?? '') || !utc.test(text.end ?? '')) return undefined;
  const start = Date.parse(text.start ?? '');
  const end = Date.parse(text.end ?? '');
  if (!(start < end)) return undefined;
  return { start: end - start > longestSpanMs ? end - answeredSpanMs : start, end };
}
