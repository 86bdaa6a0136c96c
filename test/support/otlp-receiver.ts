import { z } from 'zod';
import { startScriptedServer } from './scripted-server.ts';
import type { ScriptedReply, ScriptedRequest } from './scripted-server.ts';

/** A span as it arrived, its attributes as a plain mapping. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** On the wire: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string };
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: { readonly name: string; readonly version: string };
}

export interface OtlpReceiver {
  /** `http://127.0.0.1:41234`, to be given as the endpoint. */
  readonly url: string;
  /** Every request, accepted or not, in order. */
  readonly requests: readonly ScriptedRequest[];
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** The spans of every request, accepted or not; throws at a body that is no OTLP. */
  spans(): readonly ReceivedSpan[];
  close(): Promise<void>;
}

const accepted: ScriptedReply = { headers: { 'content-type': 'application/json' }, body: '{}' };

/**
 * An OTLP/HTTP receiver of traces in JSON on loopback, at the path of the protocol only.
 * @param reply what to answer a request, by default that all was accepted
 */
export async function startOtlpReceiver(
  reply: (request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply> = () => accepted,
): Promise<OtlpReceiver> {
  const waiting: { readonly count: number; readonly go: () => void }[] = [];
  const server = await startScriptedServer([
    (request) => {
      for (const { count, go } of waiting) if (server.requests.length >= count) go();
      const isOurs = request.method === 'POST' && request.url === '/v1/traces';
      return isOurs ? reply(request) : { status: 404, body: 'traces go to POST /v1/traces' };
    },
  ]);
  return {
    url: server.url,
    requests: server.requests,
    arrived: (count) =>
      new Promise((go) => {
        if (server.requests.length >= count) go();
        else waiting.push({ count, go });
      }),
    spans: () => server.requests.flatMap(({ body }) => spansOf(body)),
    close: () => server.close(),
  };
}

const value = z
  .strictObject({
    stringValue: z.string(),
    boolValue: z.boolean(),
    intValue: z.union([z.int(), z.string().regex(/^-?\d+$/)]).transform(Number),
    doubleValue: z.number(),
  })
  .partial()
  .refine((one) => Object.keys(one).length === 1)
  .transform((one) => Object.values(one)[0]);

const attributes = z
  .array(z.strictObject({ key: z.string(), value }))
  .transform((list) => Object.fromEntries(list.map((one) => [one.key, one.value])));

const nanos = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => Number(BigInt(text) / 1_000_000n));

/** https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          scope: z.object({ name: z.string(), version: z.string() }),
          spans: z.array(
            z.object({
              name: z.string(),
              traceId: z.string().regex(/^[\da-f]{32}$/),
              spanId: z.string().regex(/^[\da-f]{16}$/),
              parentSpanId: z.string().default(''),
              startTimeUnixNano: nanos,
              endTimeUnixNano: nanos,
              attributes,
              status: z.object({ code: z.int(), message: z.string().default('') }),
            }),
          ),
        }),
      ),
    }),
  ),
});

function spansOf(body: string): ReceivedSpan[] {
  return exportRequest.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, ...span }) => ({
        ...span,
        startMs: startTimeUnixNano,
        endMs: endTimeUnixNano,
        resource: resource.attributes,
        scope,
      })),
    ),
  );
}
