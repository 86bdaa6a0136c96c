import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { core } from '@opentelemetry/sdk-node';
import type { tracing } from '@opentelemetry/sdk-node';
import { ExternalError } from '../../agent/core/errors.ts';
import type { Log } from '../../agent/core/log.ts';
import { redactHeaders } from './redact.ts';
import { checkHeaders, undelivered } from './undelivered.ts';

/** Where spans go. */
export interface TracesEndpoint {
  /** `http://127.0.0.1:4318`; spans are posted to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Asked for each request, so that a rotated secret is seen. What it gives or throws: no value reaches the log. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/** The way to one endpoint. */
export interface Delivery {
  /** Always reports success: what became of the spans is told in the log here, once a change. */
  readonly exporter: tracing.SpanExporter;
  /** The text without any value of this endpoint's headers. */
  redact(text: string): string;
  /** Ends requests under way, and tells nothing any more. */
  abandon(): void;
}

/** @param timeoutMs of one delivery with its retries */
export function createDelivery(
  { endpoint, headers }: TracesEndpoint,
  log: Log,
  timeoutMs: number,
): Delivery {
  const agents: (HttpAgent | HttpsAgent)[] = [];
  let sent: Readonly<Record<string, string>> = {};
  let lost = 0;
  let abandoned = false;
  const redact = (text: string): string => redactHeaders(text, sent);
  const otlp = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: timeoutMs,
    headers: async () => {
      if (abandoned) throw new Error('stopped');
      sent = readHeaders(headers);
      return { ...sent };
    },
    httpAgentOptions: (protocol) => {
      const agent =
        protocol === 'https:'
          ? new HttpsAgent({ keepAlive: true })
          : new HttpAgent({ keepAlive: true });
      agents.push(agent);
      return agent;
    },
  });

  function tell({ code, error }: core.ExportResult, spans: number): void {
    if (abandoned) return;
    if (code === core.ExportResultCode.SUCCESS) {
      if (lost > 0) log.info('traces delivered again', { endpoint, spansLost: lost });
      lost = 0;
      return;
    }
    if (lost === 0) log.warn('traces not delivered', { endpoint, ...undelivered(error, redact) });
    lost += spans;
  }

  return {
    redact,
    exporter: {
      export(spans, done) {
        otlp.export(spans, (result) => {
          tell(result, spans.length);
          done({ code: core.ExportResultCode.SUCCESS });
        });
      },
      forceFlush: () => otlp.forceFlush(),
      shutdown: () => otlp.shutdown(),
    },
    abandon() {
      abandoned = true;
      for (const agent of agents) agent.destroy();
    },
  };
}

function readHeaders(headers: TracesEndpoint['headers']): Readonly<Record<string, string>> {
  try {
    return headers();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ExternalError(
      message,
      { reason: 'denied', operation: 'read headers', hint: checkHeaders },
      { cause: thrown },
    );
  }
}
