import type { EvidenceSpan, SeriesEvidence, TrafficEvidence } from '../core/evidence.ts';
import type { Measure } from '../core/meter.ts';
import { isoUtc } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { intersect, subtract } from '../core/window.ts';
import type { NamedSeries } from './explain-commands.ts';
import type { TermName } from './explain-sums.ts';
import type { ExplainedReading } from './explanation.ts';

/** A series with what this figure makes of it. */
export interface TrafficSeries extends NamedSeries, TermName {
  readonly role: ExplainedReading['role'];
}

/** Every series that counts tokens or requests of the traffics, numbered. Latency and quota make no figure of usage. */
export function namedSeries(
  traffics: readonly TrafficEvidence[],
  figure: ReadonlySet<number>,
): readonly TrafficSeries[] {
  const all = traffics.flatMap((traffic) => {
    const isHour = traffic.rows.every(({ periodSeconds }) => periodSeconds > 60);
    return traffic.series
      .filter(({ series: { measure } }) => isCounted(measure))
      .toSorted((a, b) => meterOrder(a) - meterOrder(b))
      .map((evidence) => ({
        evidence,
        periodSeconds: isHour ? 3_600 : 60,
        role: roleOf(evidence, traffic, figure),
      }));
  });
  return all.map((one, index) => ({ ...one, id: `r${index + 1}`, says: saysOf(one.evidence) }));
}

function isCounted({ kind }: Measure): boolean {
  return kind === 'tokens' || kind === 'requests';
}

const meters = ['input', 'cache_read', 'cache_write', 'output'];

function meterOrder({ series: { measure, level } }: SeriesEvidence): number {
  const at = measure.kind === 'tokens' ? meters.indexOf(measure.meter) : meters.length;
  return 2 * at + (level === 'total' ? 0 : 1);
}

function roleOf(
  { series, points }: SeriesEvidence,
  { rows, series: all }: TrafficEvidence,
  figure: ReadonlySet<number>,
): ExplainedReading['role'] {
  const isSilent = points.every(({ values }) => (values.sum ?? 0) === 0);
  if (isSilent) return 'silent';
  let isElsewhere = false;
  for (const { identityId, traced } of rows) {
    const terms = traced?.meters.flatMap((meter) => meter.terms) ?? [];
    if (!terms.some((term) => term.seriesId === series.id && term.value > term.toldApart)) continue;
    if (figure.has(identityId)) return 'counted';
    isElsewhere = true;
  }
  if (isElsewhere) return 'elsewhere';
  const hasParts = all.some(
    (one) =>
      one.series.level === 'part' &&
      one.points.length > 0 &&
      JSON.stringify(one.series.measure) === JSON.stringify(series.measure),
  );
  return series.level === 'total' && hasParts ? 'told_apart' : 'repeated';
}

/** `InputTokenCount Sum`, as the vendor says it. */
function saysOf({ series, statistics }: SeriesEvidence): string {
  const sum = statistics.find((word) => word === 'Sum' || word === 'Total') ?? 'sum';
  return `${series.key.metric} ${sum}`;
}

export function readingsSaid(
  series: readonly TrafficSeries[],
  window: Window,
): readonly ExplainedReading[] {
  return series.map(({ id, evidence, periodSeconds, role }) => ({
    id,
    target: evidence.target,
    namespace: evidence.series.key.namespace,
    metric: evidence.series.key.metric,
    dimensions: evidence.series.key.dimensions,
    measure: measureSaid(evidence.series.measure),
    role,
    period_seconds: periodSeconds,
    points: evidence.points
      .filter((point) => point.periodSeconds === periodSeconds)
      .map(({ start, values, vanishedAt }) => ({
        time: isoUtc(start),
        values: { ...values },
        vanished_at: vanishedAt === null ? null : isoUtc(vanishedAt),
      })),
    read: readSaid(evidence.spans, periodSeconds, window),
  }));
}

function measureSaid(measure: Measure): string {
  if (measure.kind === 'tokens') return `${measure.meter} tokens`;
  return measure.kind === 'requests' ? `${measure.outcome} requests` : measure.kind;
}

/** The span that holds the window, or the part of it that reaches into it. */
function readSaid(
  spans: readonly EvidenceSpan[],
  periodSeconds: number,
  window: Window,
): ExplainedReading['read'] {
  const own = spans.filter((span) => span.periodSeconds === periodSeconds);
  const [first] = own;
  if (first === undefined) return null;
  return {
    from: isoUtc(Math.min(...own.map(({ start }) => start))),
    to: isoUtc(Math.max(...own.map(({ end }) => end))),
    last_read_at: isoUtc(Math.max(...own.map(({ readAt }) => readAt))),
    settled: own.every(({ settled }) => settled) && subtract(window, own).length === 0,
  };
}

/** Whether every token meter that this figure counts was read whole after the last change its cloud may make. */
export function isSettled(series: readonly TrafficSeries[], window: Window): boolean {
  const tokens = series.filter(({ evidence }) => evidence.series.measure.kind === 'tokens');
  return (
    tokens.length > 0 &&
    tokens.every(({ evidence }) => {
      const settled = evidence.spans.filter((span) => span.settled && intersect(span, window));
      return subtract(window, settled).length === 0;
    })
  );
}
