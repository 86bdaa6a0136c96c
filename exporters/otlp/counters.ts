import type { FeedSums } from '../../agent/core/exporter.ts';
import { toUsd } from '../../agent/core/money.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { metricSet } from './metric-set.ts';
import type { MetricDefinition } from './metric-set.ts';
import type { PointAttributes } from './point.ts';

/** What is counted of a period, or of all of them. */
export interface Counts extends FeedSums {
  readonly succeeded: number | null;
}

/** Whole numbers, or nano-dollars. */
export type Count = number | bigint;

export interface Counter {
  readonly metric: MetricDefinition;
  readonly attributes: PointAttributes;
  readonly of: (counts: Counts) => Count | null;
}

const ofTokens: PointAttributes = { 'gen_ai.token.modality': 'unknown' };

function tokenCounter(metric: MetricDefinition, of: (amounts: Amounts) => number | null): Counter {
  return { metric, attributes: ofTokens, of: ({ amounts }) => of(amounts) };
}

function requestCounter(outcome: string, of: Counter['of']): Counter {
  return { metric: metricSet.requests, attributes: { 'crossbill.outcome': outcome }, of };
}

/** Every sum there is of a name. */
export const counters: readonly Counter[] = [
  tokenCounter(metricSet.inputTokens, allInput),
  tokenCounter(metricSet.outputTokens, ({ output }) => output),
  tokenCounter(metricSet.cacheReadTokens, ({ cacheRead }) => cacheRead),
  tokenCounter(metricSet.cacheWriteTokens, ({ cacheWrite }) => cacheWrite),
  requestCounter('succeeded', ({ succeeded }) => succeeded),
  requestCounter('failed', ({ amounts }) => amounts.errors),
  requestCounter('throttled', ({ amounts }) => amounts.throttles),
  { metric: metricSet.estimatedCost, attributes: {}, of: ({ cost }) => cost },
  {
    metric: metricSet.unpricedTokens,
    attributes: {},
    of: ({ unpricedTokens }) => (unpricedTokens === 0 ? null : unpricedTokens),
  },
];

/** Everything that went in, as OpenTelemetry counts: cached tokens are a part of it, and so is what nobody split. */
function allInput({ input, cacheRead, cacheWrite, unsplitInput }: Amounts): number | null {
  return [input, cacheRead, cacheWrite, unsplitInput].reduce<number | null>(
    (sum, part) => (part === null ? sum : (sum ?? 0) + part),
    null,
  );
}

/** Failed requests are among the accepted ones; those that were throttled are not. */
export function succeededOf({ requests, errors }: Amounts): number | null {
  return requests === null ? null : Math.max(0, requests - (errors ?? 0));
}

/** Null is no count. */
export function plus(a: Count | null, b: Count | null): Count | null {
  if (a === null || b === null) return a ?? b;
  return typeof a === 'bigint' ? a + BigInt(b) : a + Number(b);
}

/** Null: nothing is known. Undefined: it is, but OTLP cannot say it. */
export function valueOf(
  count: Count | null,
  { kind, isWhole }: MetricDefinition,
): number | null | undefined {
  if (count === null) return null;
  const value = typeof count === 'bigint' ? toUsd(count) : count;
  const isSayable = isWhole ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isSayable && (kind === 'gauge' || value >= 0) ? value : undefined;
}
