import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

/** One number as it arrived, with whom it is of. */
export interface ReceivedPoint {
  readonly metric: string;
  readonly unit: string;
  /** `sum delta monotonic`, `gauge`, `histogram delta`. */
  readonly kind: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly start: number;
  readonly end: number;
  /** A histogram's: count, sum, min, max. */
  readonly value: number | Readonly<Record<string, number>>;
}

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Unpacked. */
  readonly body: Buffer;
}

/** `hang` never answers, `reset` closes without a word. */
export type ReceiverReply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  | 'hang'
  | 'reset';

export interface MetricsReceiver {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Of the requests that were answered with success, in order; JSON bodies only. */
  points(): readonly ReceivedPoint[];
  close(): Promise<void>;
}

const json = { 'content-type': 'application/json' };

/** A receiver of OTLP metrics on loopback. */
export async function startMetricsReceiver(
  reply: (request: ReceivedRequest, index: number) => ReceiverReply = () => ({}),
): Promise<MetricsReceiver> {
  const requests: ReceivedRequest[] = [];
  const accepted: ReceivedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: gunzipSync(Buffer.concat(chunks)),
      };
      requests.push(request);
      const answer = reply(request, requests.length - 1);
      if (typeof answer === 'object' && (answer.status ?? 200) < 300) accepted.push(request);
      send(outgoing, answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    requests,
    points: () => accepted.flatMap(({ body }) => pointsOf(body.toString())),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

function send(outgoing: ServerResponse, reply: ReceiverReply): void {
  if (reply === 'hang') return;
  if (reply === 'reset') {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(reply.status ?? 200, { ...json, ...reply.headers });
  outgoing.end(reply.body ?? '{}');
}

const whole = z.union([z.int(), z.string().regex(/^-?\d+$/)]).transform(Number);
const anyValue = z
  .object({ stringValue: z.string(), intValue: whole, doubleValue: z.number() })
  .partial()
  .transform((one) => Object.values(one)[0]);
const attributes = z
  .array(z.object({ key: z.string(), value: anyValue }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])));
const millis = z
  .string()
  .regex(/^\d+$/)
  .default('0')
  .transform((text) => Number(BigInt(text) / 1_000_000n));
const point = z.object({
  attributes,
  startTimeUnixNano: millis,
  timeUnixNano: millis,
  asInt: whole.optional(),
  asDouble: z.number().optional(),
  count: whole.optional(),
  sum: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});
const dataPoints = z.array(point);
const temporality = z
  .union([z.literal(1), z.literal(2)])
  .transform((n) => (n === 1 ? 'delta' : 'cumulative'));
const metric = z.object({
  name: z.string(),
  unit: z.string(),
  sum: z
    .object({ aggregationTemporality: temporality, isMonotonic: z.literal(true), dataPoints })
    .optional(),
  gauge: z.object({ dataPoints }).optional(),
  histogram: z.object({ aggregationTemporality: temporality, dataPoints }).optional(),
});
const exportRequest = z.object({
  resourceMetrics: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeMetrics: z.array(
        z.object({ scope: z.object({ name: z.string() }), metrics: z.array(metric) }),
      ),
    }),
  ),
});

/** Every point of a request in OTLP's JSON, whoever wrote it. Throws at what is none. */
export function pointsOf(body: string): readonly ReceivedPoint[] {
  return exportRequest
    .parse(JSON.parse(body))
    .resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ name, unit, sum, gauge, histogram }) => {
          const kind = sum
            ? `sum ${sum.aggregationTemporality} monotonic`
            : histogram
              ? `histogram ${histogram.aggregationTemporality}`
              : 'gauge';
          const list = sum?.dataPoints ?? histogram?.dataPoints ?? gauge?.dataPoints ?? [];
          return list.map((one) => ({
            metric: name,
            unit,
            kind,
            resource: resource.attributes,
            attributes: one.attributes,
            start: one.startTimeUnixNano,
            end: one.timeUnixNano,
            value: one.asInt ?? one.asDouble ?? population(one),
          }));
        }),
      ),
    );
}

function population({ count, sum, min, max }: z.output<typeof point>): Record<string, number> {
  return {
    ...(count !== undefined && { count }),
    ...(sum !== undefined && { sum }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
}
