import { SpanStatusCode } from '@opentelemetry/api';
import type { Span as OtelSpan, Tracer as OtelTracer } from '@opentelemetry/api';
import { ExternalError } from '../../agent/core/errors.ts';
import type { Span, Tracer } from '../../agent/core/tracer.ts';

/** The port over OpenTelemetry's tracer: a span's parent is the one active in the caller's async context. */
export function createTracer(otel: OtelTracer): Tracer {
  return {
    span: (name, attributes, work) =>
      otel.startActiveSpan(name, { attributes }, async (active) => {
        const span = spanOver(active);
        try {
          return await work(span);
        } catch (error) {
          span.fail(error);
          throw error;
        } finally {
          span.end();
        }
      }),
  };
}

/** OpenTelemetry complains of every call on an ended span; here they do nothing. */
function spanOver(active: OtelSpan): Span {
  return {
    set(attributes) {
      if (active.isRecording()) active.setAttributes(attributes);
    },
    fail(error) {
      if (!active.isRecording()) return;
      active.setAttribute('error.type', errorType(error));
      active.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    },
    end() {
      if (active.isRecording()) active.end();
    },
  };
}

/**
 * Few values, so that failures can be grouped by it; `_OTHER` is the convention's own word.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
 */
function errorType(error: unknown): string {
  if (error instanceof ExternalError) return error.reason;
  return error instanceof Error ? error.name : '_OTHER';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
