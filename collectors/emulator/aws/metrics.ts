import type { Column } from '../aggregate.ts';
import type { Lane, Request } from '../lane.ts';
import { meteredInput, quotaUsed } from '../meters.ts';

/** One CloudWatch metric: what a request adds to it, and where the sums kept by the minute have the same. */
export interface AwsMetric {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds';
  /** The datum of one request; undefined where it sends none. Zeros are never sent. */
  readonly datum: (lane: Lane, request: Request) => number | undefined;
  /** True: the requests of a minute are one datum together, not one each. */
  readonly byMinute?: boolean;
  readonly kept: {
    readonly sum: readonly Column[];
    /** Absent: how many datums there were is not kept and must be counted. So for the other three. */
    readonly count?: readonly Column[];
    readonly min?: Column;
    readonly max?: Column;
    readonly p90?: Column;
  };
}

type Datum = AwsMetric['datum'];

function counted(
  name: string,
  statuses: readonly Request['status'][],
  kept: readonly Column[],
): AwsMetric {
  const datum: Datum = (_lane, { status }) => (statuses.includes(status) ? 1 : undefined);
  return { name, unit: 'Count', datum, kept: { sum: kept, count: kept } };
}

function served(value: (lane: Lane, request: Request) => number): Datum {
  return (lane, request) => {
    if (request.status !== 200) return undefined;
    const amount = value(lane, request);
    return amount === 0 ? undefined : amount;
  };
}

const accepted: readonly Column[] = ['served', 'clientErrors', 'serverErrors'];

function inputTokens(name: string): AwsMetric {
  return {
    name,
    unit: 'Count',
    datum: served(meteredInput),
    kept: { sum: ['metered'], count: ['served'], min: 'meteredMin', max: 'meteredMax' },
  };
}

function outputTokens(name: string): AwsMetric {
  return {
    name,
    unit: 'Count',
    datum: served((_lane, request) => request.output),
    kept: { sum: ['output'], count: ['served'], min: 'outputMin', max: 'outputMax' },
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-runtime-metrics.html */
export const runtimeMetrics: readonly AwsMetric[] = [
  counted('Invocations', [200, 400, 500], accepted),
  counted('InvocationClientErrors', [400], ['clientErrors']),
  counted('InvocationServerErrors', [500], ['serverErrors']),
  counted('InvocationThrottles', [429], ['throttles']),
  inputTokens('InputTokenCount'),
  outputTokens('OutputTokenCount'),
  {
    name: 'InvocationLatency',
    unit: 'Milliseconds',
    datum: served((_lane, request) => request.latencyMs),
    kept: {
      sum: ['latencyMs'],
      count: ['served'],
      min: 'latencyMsMin',
      max: 'latencyMsMax',
      p90: 'latencyMsP90',
    },
  },
  {
    name: 'TimeToFirstToken',
    unit: 'Milliseconds',
    datum: served((_lane, request) => request.firstTokenMs),
    kept: {
      sum: ['firstTokenMs'],
      count: ['served'],
      min: 'firstTokenMsMin',
      max: 'firstTokenMsMax',
      p90: 'firstTokenMsP90',
    },
  },
  {
    name: 'EstimatedTPMQuotaUsage',
    unit: 'Count',
    datum: served(quotaUsed),
    byMinute: true,
    kept: { sum: ['quotaUsed'] },
  },
];

/** Their names have two spellings in the wild, so the lane says which. */
export function cacheMetrics(spelling: 'InputTokens' | 'InputTokenCount'): readonly AwsMetric[] {
  return [
    {
      name: `CacheRead${spelling}`,
      unit: 'Count',
      datum: served((_lane, request) => request.cacheRead),
      kept: { sum: ['cacheRead'], max: 'cacheReadMax' },
    },
    {
      name: `CacheWrite${spelling}`,
      unit: 'Count',
      datum: served((_lane, request) => request.cacheWrite),
      kept: { sum: ['cacheWrite'], max: 'cacheWriteMax' },
    },
  ];
}

const inferences = counted('Inferences', [200, 400, 500], accepted);
const inferenceErrors = counted('InferenceClientErrors', [400], ['clientErrors']);

/**
 * Mantle's, at the level of project and model and at the three above it. No throttles, no server errors, no latency, no
 * cache. https://docs.aws.amazon.com/bedrock/latest/userguide/monitoring-mantle-metrics.html
 */
export const mantleMetrics = {
  projectAndModel: [
    inferences,
    inferenceErrors,
    inputTokens('InputTokens'),
    outputTokens('OutputTokens'),
  ],
  above: [
    inferences,
    inferenceErrors,
    inputTokens('TotalInputTokens'),
    outputTokens('TotalOutputTokens'),
  ],
} as const satisfies Readonly<Record<string, readonly AwsMetric[]>>;
