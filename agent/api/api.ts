import { Hono } from 'hono';
import type { Context } from 'hono';
import { TooManyRowsError } from '../query/too-many-rows.ts';
import { checkOrigin } from './action.ts';
import type { Action } from './action.ts';
import { admit } from './auth.ts';
import type { ApiToken } from './auth.ts';
import { grafanaAnswers } from './grafana.ts';
import type { GrafanaDeps } from './grafana.ts';
import { answerHealth, answerReady } from './health.ts';
import { checkHost } from './hosts.ts';
import { answerMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { answerProblem, ProblemError } from './problem.ts';
import { isStream, streamOf } from './stream.ts';
import type { Suggest } from './read-params.ts';
import type { Route, RouteDeps } from './route.ts';
import { actions, routes } from './routes.ts';

export interface ApiDeps extends RouteDeps {
  /** What has neither been read nor failed with a reason yet; nothing: the agent is ready. */
  readonly waitingFor: () => readonly string[];
  /** Without any, everyone who reaches the agent may read all of it. */
  readonly tokens: readonly ApiToken[];
  readonly listenHost: string;
  readonly publicUrl?: string | undefined;
  /** Further hosts by which the agent is called, with a port or for any. */
  readonly allowedHosts: readonly string[];
  /** Whether the data is a replay; every answer then says so in `Crossbill-Demo`. */
  readonly demo: boolean;
  readonly version: string;
  /** What Prometheus is told; absent: nothing answers there. */
  readonly metrics?: Metrics;
  /** Dashboards and what else Grafana needs; absent: nothing answers there. */
  readonly grafana?: GrafanaDeps | undefined;
  /** Names the word that was meant by an unknown one. */
  readonly suggest: Suggest;
  /** Hears what failed inside; the asker is only told that something did. */
  readonly onError: (error: unknown, doing: string) => void;
}

const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** The HTTP interface as a value: it does not listen. Further paths can be mounted on it, behind the same host check. */
export function createApi(deps: ApiDeps): Hono {
  const api = new Hono();
  const hosts = allowedHosts(deps);
  const grafana = deps.grafana ? grafanaAnswers(deps.grafana, deps.tokens.length > 0) : {};
  api.use(async (c, next) => {
    c.header('X-Content-Type-Options', 'nosniff');
    if (deps.demo) c.header('Crossbill-Demo', 'true');
    if (c.req.path.startsWith('/api/')) c.header('Cache-Control', 'no-store');
    if (!healthPaths.has(c.req.path)) checkHost(hostOf(c), hosts);
    await next();
  });
  api.onError((error, c) => answerProblem(c, asProblem(error, c, deps)));
  api.notFound((c) => {
    const paths = [...routes, ...actions].map(({ path }) => path);
    const known = ['/openapi.json', ...Object.keys(grafana), ...paths];
    return answerProblem(
      c,
      new ProblemError('not-found', `no such path; ${deps.suggest(c.req.path, known)}`),
    );
  });

  serve(api, '/healthz', { GET: answerHealth });
  serve(api, '/readyz', { GET: (c) => answerReady(c, deps.waitingFor()) });
  const { metrics } = deps;
  if (metrics !== undefined) {
    serve(api, '/metrics', {
      GET(c) {
        const given = c.req.header('Authorization');
        return answerMetrics(c, metrics, admit(deps.tokens, given, 'scrape', unreadable(deps)));
      },
    });
  }
  for (const [path, answer] of Object.entries(grafana)) {
    serve(api, path, {
      GET(c) {
        admit(deps.tokens, c.req.header('Authorization'), 'read', unreadable(deps));
        return answer(c);
      },
    });
  }
  // Made when it is first asked for, so that no start waits for it.
  let document: ReturnType<typeof openApi> | undefined;
  serve(api, '/openapi.json', {
    GET(c) {
      admit(deps.tokens, c.req.header('Authorization'), 'read', unreadable(deps));
      document ??= openApi(routes, actions, deps.version);
      return c.json(document);
    },
  });
  for (const path of new Set([...routes, ...actions].map((one) => one.path))) {
    const methods = new Map<string, Answer>();
    for (const route of routes) {
      if (route.path === path) methods.set('GET', (c) => answerRows(c, route, deps));
    }
    for (const action of actions) {
      if (action.path !== path) continue;
      methods.set(action.method.toUpperCase(), (c) => answerAction(c, action, deps));
    }
    serve(api, path, Object.fromEntries(methods));
  }
  return api;
}

type Answer = (c: Context) => Response | Promise<Response>;

/** These methods, and HEAD where there is GET; any other is a problem that says so. */
function serve(api: Hono, path: string, methods: Readonly<Record<string, Answer>>): void {
  const routed = path.replaceAll(/\{(\w+)\}/g, ':$1');
  for (const [method, answer] of Object.entries(methods)) api.on(method, routed, answer);
  const named = Object.keys(methods);
  api.all(routed, (c) => {
    c.header('Allow', named.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', '));
    const detail = `${path} answers ${named.join(' and ')}`;
    return answerProblem(c, new ProblemError('method-not-allowed', detail));
  });
}

async function answerAction(c: Context, action: Action, deps: ApiDeps): Promise<Response> {
  checkOrigin(c.req.header('Origin'), hostOf(c));
  const access = admit(deps.tokens, c.req.header('Authorization'), action.scope, unreadable(deps));
  const body = action.body === undefined ? undefined : await bodyOf(c);
  return c.json(await action.act({ params: c.req.param(), body }, access, deps));
}

/** As much of a body as is read, in bytes. */
const mostBodyBytes = 65_536;

async function bodyOf(c: Context): Promise<unknown> {
  if (Number(c.req.header('Content-Length') ?? Infinity) > mostBodyBytes) {
    const detail = `send a JSON object of at most ${mostBodyBytes} bytes, with its Content-Length`;
    throw new ProblemError('bad-parameter', detail);
  }
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError('bad-parameter', 'the body is not JSON; send a JSON object');
  }
}

async function answerRows(c: Context, route: Route, deps: ApiDeps): Promise<Response> {
  const access = admit(deps.tokens, c.req.header('Authorization'), route.scope, unreadable(deps));
  const search = new URL(c.req.url).searchParams;
  const { rows, headers } = await route.answer(search, access, deps, deps.suggest);
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value);
  if (!isStream(rows)) return c.json(rows);
  if (route.mediaType !== undefined) c.header('Content-Type', route.mediaType);
  return c.body(streamOf(rows, (error) => deps.onError(error, `GET ${route.path}`)));
}

function allowedHosts({ listenHost, publicUrl, allowedHosts: more }: ApiDeps): readonly string[] {
  return [listenHost, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]), ...more];
}

function hostOf(c: Context): string {
  return c.req.header('Host') ?? new URL(c.req.url).host;
}

function unreadable({ onError }: ApiDeps): (error: unknown) => void {
  return (error) => onError(error, 'reading an API token');
}

function asProblem(error: Error, c: Context, deps: ApiDeps): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof TooManyRowsError) return new ProblemError('too-many-rows', error.message);
  deps.onError(error, `${c.req.method} ${c.req.path}`);
  return new ProblemError(
    'internal',
    'the answer could not be made; the log of the agent says why',
  );
}
