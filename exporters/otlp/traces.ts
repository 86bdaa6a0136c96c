import { DiagLogLevel, context, diag, trace } from '@opentelemetry/api';
import { NodeSDK, resources, tracing } from '@opentelemetry/sdk-node';
import type { Log } from '../../agent/core/log.ts';
import type { Tracer } from '../../agent/core/tracer.ts';
import { createDelivery } from './delivery.ts';
import type { Delivery, TracesEndpoint } from './delivery.ts';
import { createTracer } from './tracer.ts';

export interface TracesSettings {
  /** One or more; each gets every span, and a slow one does not hold up the others. */
  readonly endpoints: readonly TracesEndpoint[];
  readonly serviceVersion: string;
  readonly log: Log;
  /** How long a delivery may take, and with it the last one at shutdown. Default 3,000. */
  readonly timeoutMs?: number;
}

export interface Traces {
  readonly tracer: Tracer;
  /** Sends what is left, within the time of a delivery. Never rejects; a second call is the first one. */
  shutdown(): Promise<void>;
}

/** Of the SDK's own complaints, enough to recognise one. Characters. */
const shownComplaint = 500;

/**
 * Starts OpenTelemetry's SDK for spans only: nothing of the process is instrumented, and no context leaves it in a header.
 * OpenTelemetry allows one SDK in a process, so shut one down before the next is started.
 */
export function startTraces({
  endpoints,
  serviceVersion,
  log,
  timeoutMs = 3_000,
}: TracesSettings): Traces {
  const deliveries = endpoints.map((endpoint) => createDelivery(endpoint, log, timeoutMs));
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(
      resources.resourceFromAttributes({
        'service.name': 'crossbill',
        'service.version': serviceVersion,
      }),
    ),
    resourceDetectors: [resources.envDetector],
    spanProcessors: deliveries.map(({ exporter }) => new tracing.BatchSpanProcessor(exporter)),
    // Left out, these three would be read from the environment: exporters of metrics and logs, and a propagator.
    metricReaders: [],
    logRecordProcessors: [],
    textMapPropagator: null,
  });
  // After the SDK was made: with OTEL_LOG_LEVEL set it takes the console for its own words.
  routeComplaints(deliveries, log);
  sdk.start();

  async function stop(): Promise<void> {
    const flushed = sdk.shutdown().catch((error: unknown) => {
      log.warn('traces did not stop cleanly', { message: String(error) });
    });
    if (!(await settlesWithin(timeoutMs, flushed))) {
      log.warn('last traces not delivered', { gaveUpAfterMs: timeoutMs });
    }
    for (const delivery of deliveries) delivery.abandon();
    trace.disable();
    context.disable();
    diag.disable();
  }

  let stopped: Promise<void> | undefined;
  return {
    tracer: createTracer(trace.getTracer('crossbill', serviceVersion)),
    shutdown: () => (stopped ??= stop()),
  };
}

/** What the SDK has to say (rejected spans, dropped spans, its own faults), as lines of the agent's log. */
function routeComplaints(deliveries: readonly Delivery[], log: Log): void {
  const complain = (...parts: unknown[]): void => {
    const text = parts.filter((part) => typeof part === 'string').join(' ');
    const redacted = deliveries.reduce((left, delivery) => delivery.redact(left), text);
    log.warn('traces: OpenTelemetry reports', { message: redacted.slice(0, shownComplaint) });
  };
  diag.setLogger(
    { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function ignore(): void {}

async function settlesWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
