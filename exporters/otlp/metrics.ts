import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resources } from '@opentelemetry/sdk-node';
import type { BilledPage } from '../../agent/core/billed-feed.ts';
import type {
  ExportOutcome,
  MetricsExporter,
  SettledFeed,
  SettledPage,
} from '../../agent/core/exporter.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import type { Log } from '../../agent/core/log.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { TeamOf } from './attributes.ts';
import { billedPoints } from './billed-points.ts';
import { correctionPoints } from './correction-points.ts';
import { pagePoints } from './page-points.ts';
import type { Temporality } from './page-points.ts';
import type { MetricPoint } from './point.ts';
import { createPostMetrics } from './post-metrics.ts';
import { byResource, resourceMetrics } from './resource-metrics.ts';
import { sendPoints } from './send-points.ts';

export interface MetricsSettings {
  /** `http://127.0.0.1:4318`; metrics are posted to `/v1/metrics` below it. */
  readonly endpoint: string;
  /** Asked for each request, so that a rotated secret is seen. What it gives or throws: no value reaches the log. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly temporality: Temporality;
  readonly serviceVersion: string;
  /** Whose pages it gets, and what the ledger says now of what was told. */
  readonly feed: Pick<SettledFeed, 'name' | 'corrections'>;
  readonly teamOf?: TeamOf | undefined;
  readonly now: () => Instant;
  readonly log: Log;
  /** Of one request. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Collectors take 20 MiB at most, unpacked, unless told otherwise; others less. */
const mostBytes = 4_000_000;
const mostPoints = 2_000;
/** Corrections are states: nobody needs each of them. */
const correctionsEveryMs = 5 * minuteMs;

/** Sends settled periods to one OTLP endpoint. What it took of a page is remembered until the page is done. */
export function createMetricsExporter(settings: MetricsSettings): MetricsExporter {
  const { endpoint, protocol, temporality, feed, teamOf, now, log } = settings;
  const serializer = protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const post = createPostMetrics({
    endpoint,
    headers: settings.headers,
    contentType: protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    userAgent: `crossbill/${settings.serviceVersion}`,
    timeoutMs: settings.timeoutMs ?? 10_000,
    now,
  });
  const sender = {
    serviceVersion: settings.serviceVersion,
    temporality,
    process: resources.detectResources({ detectors: [resources.envDetector] }),
  };
  const encode = (points: readonly MetricPoint[]): Uint8Array =>
    serializer.serializeRequest(resourceMetrics(points, sender)) ?? new Uint8Array();
  const sending = { encode, post, mostBytes, mostPoints };

  let stamped: ReadonlyMap<number, Instant> = new Map();
  let unfinished: UnfinishedPage | undefined;
  let correctionsAt = Number.NEGATIVE_INFINITY;
  let corrected: ReadonlyMap<string, MetricPoint> = new Map();

  async function sendPage(page: SettledPage, signal: AbortSignal): Promise<ExportOutcome> {
    const encoded = pagePoints(page, { temporality, teamOf, stamped });
    const state = unfinished?.number === page.number ? unfinished : startPage(page.number);
    unfinished = state;
    const left = encoded.points.filter((point) => !state.done.has(identityOf(point)));
    await sendPoints(byResource(left), sending, signal, ({ done, rejected, message }) => {
      for (const point of done) state.done.add(identityOf(point));
      state.rejected += rejected;
      state.message ||= message;
    });
    unfinished = undefined;
    stamped = new Map([...stamped, ...encoded.stamped]);
    const { unsayable } = encoded;
    return {
      rejected: state.rejected + unsayable,
      message: state.message || (unsayable > 0 ? 'numbers that OTLP cannot say exactly' : ''),
    };
  }

  /** Of a page that fails all is sent again: the same numbers of the same days. */
  async function sendBilled(page: BilledPage, signal: AbortSignal): Promise<ExportOutcome> {
    let all: ExportOutcome = { rejected: 0, message: '' };
    await sendPoints(byResource(billedPoints(page)), sending, signal, ({ rejected, message }) => {
      all = { rejected: all.rejected + rejected, message: all.message || message };
    });
    return all;
  }

  /** Never fails a page: that has arrived. What is not told now is told with the next one. */
  async function sendCorrections(signal: AbortSignal): Promise<void> {
    const at = now();
    if (at - correctionsAt < correctionsEveryMs) return;
    const { points } = correctionPoints(feed.corrections(), at, teamOf);
    const states = new Map(points.map((point) => [seriesOf(point), point]));
    // What was off and no longer is says so once.
    const over = [...corrected].filter(([series]) => !states.has(series));
    const zeros = over.map(([, point]) => ({ ...point, start: at, end: at, value: 0 }));
    try {
      await sendPoints(byResource([...points, ...zeros]), sending, signal, () => undefined);
      correctionsAt = at;
      corrected = states;
    } catch (error) {
      if (!(error instanceof ExternalError)) throw error;
      log.debug('corrections not delivered', { endpoint, reason: error.reason });
    }
  }

  return {
    name: feed.name,
    async export(page, signal) {
      const outcome = await sendPage(page, signal);
      await sendCorrections(signal);
      return outcome;
    },
    exportBilled: sendBilled,
    close: () => Promise.resolve(),
  };
}

/** A page of which the other side has some. */
interface UnfinishedPage {
  readonly number: number;
  readonly done: Set<string>;
  rejected: number;
  message: string;
}

function startPage(number: number): UnfinishedPage {
  return { number, done: new Set(), rejected: 0, message: '' };
}

function seriesOf({ metric, name, attributes }: MetricPoint): string {
  return JSON.stringify([metric.name, name.id, attributes]);
}

function identityOf(point: MetricPoint): string {
  const { metric, name, attributes, start, end } = point;
  return `${metric.name} ${name.id} ${attributes['crossbill.outcome'] ?? ''} ${start} ${end}`;
}
