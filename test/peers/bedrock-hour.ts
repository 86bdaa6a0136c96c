import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { day0 } from '../support/ledger-world.ts';

/**
 * An hour of two models behind Bedrock's runtime and two projects behind Mantle, as the meters CloudWatch would hold and
 * as the rows that must come out at the other end.
 */
export const hour: Window = {
  start: day0 + 3 * dayMs + 10 * hourMs,
  end: day0 + 3 * dayMs + 11 * hourMs,
};

type Row = readonly (number | null)[];

/** What happened in one minute. */
interface Figures {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  readonly throttles: number;
}

interface Lane {
  readonly namespace: string;
  /** Sorted by name, the order in which the collector asks: moto takes another order for another series. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  /** Other sets of dimensions under which the cloud counts the same traffic again. */
  readonly otherLevels: readonly (readonly string[])[];
  readonly meters: (figures: Figures) => Readonly<Record<string, number>>;
  /** As `figureColumns`; null for what the meters do not tell. */
  readonly row: (figures: Figures) => Row;
  /** Tokens of a busy minute. */
  readonly scale: number;
}

/** @param holdsCached whether the model's input meter counts cached tokens too */
function runtime(modelId: string, holdsCached: boolean, scale: number): Lane {
  return {
    namespace: 'AWS/Bedrock',
    dimensions: [['ModelId', modelId]],
    otherLevels: [[]],
    scale,
    meters: (it) => ({
      InputTokenCount: it.input + (holdsCached ? it.cacheRead + it.cacheWrite : 0),
      CacheReadInputTokens: it.cacheRead,
      CacheWriteInputTokens: it.cacheWrite,
      OutputTokenCount: it.output,
      OutputImageCount: 1,
      Invocations: it.requests,
      InvocationClientErrors: it.clientErrors,
      InvocationServerErrors: it.serverErrors,
      InvocationThrottles: it.throttles,
    }),
    row: (it) => {
      const tokens = [it.input, it.cacheRead, it.cacheWrite, it.output, null];
      return [...tokens, it.requests, it.clientErrors + it.serverErrors, it.throttles];
    },
  };
}

function mantle(model: string, project: string, scale: number): Lane {
  return {
    namespace: 'AWS/BedrockMantle',
    dimensions: [
      ['Model', model],
      ['Project', project],
    ],
    otherLevels: [[], ['Model'], ['Project']],
    scale,
    meters: (it) => ({
      InputTokens: it.input,
      OutputTokens: it.output,
      Inferences: it.requests,
      InferenceClientErrors: it.clientErrors,
    }),
    row: (it) => [null, null, null, it.output, it.input, it.requests, it.clientErrors, null],
  };
}

/** By the row's account-wide name: model, endpoint and deployment. */
const lanes: ReadonlyMap<string, Lane> = new Map([
  [
    'anthropic/claude-sonnet-4-6 runtime ',
    runtime('us.anthropic.claude-sonnet-4-6', false, 90_000),
  ],
  ['openai/gpt-5.6-sol runtime ', runtime('us.openai.gpt-5.6-sol', true, 8_000_000_000)],
  ['openai/gpt-oss-120b mantle search', mantle('openai.gpt-oss-120b', 'search', 4_000)],
  ['openai/gpt-oss-120b mantle default', mantle('openai.gpt-oss-120b', 'default', 600)],
]);

/** How many series of the hour are read; the other ones say the same again, or count no tokens. */
export const seriesRead = { 'AWS/Bedrock': 16, 'AWS/BedrockMantle': 8 };

/** Each account its own numbers, each minute of each lane too; some minutes are silent. */
function figuresAt(account: number, lane: number, scale: number, minute: number) {
  if (minute % 7 === lane) return undefined;
  let draws = 0;
  const any = (most: number): number => {
    draws += 1;
    const mixed = Math.imul(account * 1_009 + lane * 613 + minute * 31 + draws, 2_654_435_761);
    return (Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 0) % most;
  };
  return {
    input: any(scale),
    cacheRead: any(scale),
    cacheWrite: any(scale),
    output: any(scale),
    requests: 20 + any(200),
    clientErrors: any(3),
    serverErrors: any(2),
    throttles: any(4),
  };
}

function* happened(account: number) {
  for (const [index, [name, lane]] of [...lanes].entries()) {
    for (let minute = 0; minute < 60; minute += 1) {
      const figures = figuresAt(account, index, lane.scale, minute);
      if (figures !== undefined)
        yield { name, lane, figures, at: hour.start + minute * minuteMs, minute };
    }
  }
}

/** The hour's meters by namespace, those that must not be read first. */
export function datumsOf(account: number): ReadonlyMap<string, readonly MetricDatum[]> {
  const others = new Map<string, MetricDatum[]>();
  const read = new Map<string, MetricDatum[]>();
  for (const { lane, figures, at, minute } of happened(account)) {
    for (const [MetricName, value] of Object.entries(lane.meters(figures))) {
      const put = (into: Map<string, MetricDatum[]>, names: readonly string[] | undefined) => {
        const Dimensions = lane.dimensions
          .filter(([name]) => names?.includes(name) ?? true)
          .map(([Name, Value]) => ({ Name, Value }));
        const known = into.get(lane.namespace) ?? [];
        into.set(lane.namespace, known);
        for (const part of partsOf(value, minute)) {
          // Somewhere within the minute: whose it is, the reader's period decides.
          known.push({ MetricName, Dimensions, Timestamp: new Date(at + 37_000), ...part });
        }
      };
      for (const level of lane.otherLevels) put(others, level);
      put(read, undefined);
    }
  }
  return new Map(
    [...read].map(([namespace, datums]) => [
      namespace,
      [...(others.get(namespace) ?? []), ...datums],
    ]),
  );
}

/** In all ways a datum can be put: as a value, as statistics of many, and in two halves. */
function partsOf(value: number, minute: number): readonly Partial<MetricDatum>[] {
  if (minute % 3 === 0) return [{ Value: value }];
  const half = Math.floor(value / 2);
  if (minute % 3 === 1) return [{ Value: half }, { Value: value - half }];
  return [{ StatisticValues: { Sum: value, SampleCount: 7, Minimum: 0, Maximum: value } }];
}

/** What a query must tell of the hour: `2026-11-13T10:00:00.000Z model endpoint deployment` → row. */
export function rowsOf(
  account: number,
  bucketOf: (at: Instant) => Instant,
): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const [name, lane] of lanes) {
    const nothing = lane.row({
      input: 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: 0,
      requests: 0,
      clientErrors: 0,
      serverErrors: 0,
      throttles: 0,
    });
    for (let at = hour.start; at < hour.end; at += minuteMs) {
      rows.set(`${new Date(bucketOf(at)).toISOString()} ${name}`, nothing);
    }
  }
  for (const { name, lane, figures, at } of happened(account)) {
    const key = `${new Date(bucketOf(at)).toISOString()} ${name}`;
    const sum = rows.get(key) ?? [];
    const more = lane.row(figures);
    rows.set(
      key,
      sum.map((value, i) => (value === null ? null : value + (more[i] ?? 0))),
    );
  }
  return rows;
}
