import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { isoUtc } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';

/** A request as the scripted server got it; `target` is the request line's, slashes as sent. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly authorization: string;
}

export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as it is, anything else as JSON. */
  readonly body?: unknown;
  /** `cut`: half the body, then the connection is gone. `hang`: no answer at all. */
  readonly trouble?: 'cut' | 'hang';
}

export interface ScriptedServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** A server on loopback that answers as the test says; an error of the script is a 500 that tells it. */
export async function scriptedServer(
  script: (asked: Asked) => Scripted | Promise<Scripted>,
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const target = request.url ?? '/';
      const [path = '', query = ''] = target.split('?');
      const one: Asked = {
        method: request.method ?? '',
        target,
        path,
        query: new URLSearchParams(query),
        body: Buffer.concat(chunks).toString('utf8'),
        authorization: request.headers.authorization ?? '',
      };
      asked.push(one);
      Promise.resolve()
        .then(() => script(one))
        .then(
          (answer) => send(response, answer),
          (thrown: unknown) => send(response, { status: 500, body: String(thrown) }),
        )
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Scripted): void {
  if (answer.trouble === 'hang') return;
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
  const headers = { 'content-type': 'application/json; charset=utf-8', ...answer.headers };
  if (answer.trouble === 'cut') {
    response.writeHead(answer.status ?? 200, {
      ...headers,
      'content-length': Buffer.byteLength(body),
    });
    response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy());
    return;
  }
  response.writeHead(answer.status ?? 200, headers);
  response.end(body);
}

export type Point = Readonly<Record<string, unknown>>;

/** A series as Azure sends it: dimension names in lower case, as objects. */
export function seriesJson(dimensions: Readonly<Record<string, string>>, data: readonly Point[]) {
  return {
    metadatavalues: Object.entries(dimensions).map(([name, value]) => ({
      name: { value: name.toLowerCase(), localizedValue: name.toLowerCase() },
      value,
    })),
    data,
  };
}

export function metricJson(
  name: string,
  timeseries: readonly unknown[],
  rest: Readonly<Record<string, unknown>> = { errorCode: 'Success' },
) {
  return {
    id: `/subscriptions/s/providers/Microsoft.Insights/metrics/${name}`,
    type: 'Microsoft.Insights/metrics',
    name: { value: name, localizedValue: name },
    unit: 'Count',
    timeseries,
    ...rest,
  };
}

/** An answer to `asked` that covers just what it asks, with these metrics. */
export function metricsJson(asked: Asked, value: readonly unknown[]) {
  return {
    cost: 59,
    timespan: asked.query.get('timespan'),
    interval: asked.query.get('interval'),
    namespace: 'Microsoft.CognitiveServices/accounts',
    resourceregion: 'eastus',
    value,
  };
}

/** What the query's `timespan` asks for. */
export function windowAsked(asked: Asked): Window {
  const [start = '', end = ''] = (asked.query.get('timespan') ?? '').split('/');
  return { start: Date.parse(start), end: Date.parse(end) };
}

/** Points of one aggregation, one every minute of the window. */
export function minutePoints(
  window: Window,
  valueAt: (start: number) => number,
  key = 'total',
): readonly Point[] {
  const points: Point[] = [];
  for (let start = window.start; start < window.end; start += 60_000) {
    points.push({ timeStamp: isoUtc(start), [key]: valueAt(start) });
  }
  return points;
}
