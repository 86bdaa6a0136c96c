import { Hono } from 'hono';
import type { Context } from 'hono';
import { TooManyRowsError } from '../query/too-many-rows.ts';
import { admit } from './auth.ts';
import type { ApiToken } from './auth.ts';
import { answerHealth, answerReady } from './health.ts';
import { checkHost } from './hosts.ts';
import { openApi } from './openapi.ts';
import { answerProblem, ProblemError } from './problem.ts';
import type { Suggest } from './read-params.ts';
import type { Route, RouteDeps } from './route.ts';
import { routes } from './routes.ts';

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
  api.use(async (c, next) => {
    c.header('X-Content-Type-Options', 'nosniff');
    if (deps.demo) c.header('Crossbill-Demo', 'true');
    if (c.req.path.startsWith('/api/')) c.header('Cache-Control', 'no-store');
    if (!healthPaths.has(c.req.path)) checkHost(hostOf(c), hosts);
    await next();
  });
  api.onError((error, c) => answerProblem(c, asProblem(error, c, deps)));
  api.notFound((c) => {
    const known = ['/openapi.json', ...routes.map(({ path }) => path)];
    return answerProblem(
      c,
      new ProblemError('not-found', `no such path; ${deps.suggest(c.req.path, known)}`),
    );
  });

  get(api, '/healthz', answerHealth);
  get(api, '/readyz', (c) => answerReady(c, deps.waitingFor()));
  // Made when it is first asked for, so that no start waits for it.
  let document: ReturnType<typeof openApi> | undefined;
  get(api, '/openapi.json', (c) => {
    admit(deps.tokens, c.req.header('Authorization'), 'read', unreadable(deps));
    document ??= openApi(routes, deps.version);
    return c.json(document);
  });
  for (const route of routes) get(api, route.path, (c) => answerRows(c, route, deps));
  return api;
}

/** GET and HEAD; any other method is a problem that says so. */
function get(api: Hono, path: string, answer: (c: Context) => Response | Promise<Response>): void {
  api.get(path, answer);
  api.all(path, (c) => {
    c.header('Allow', 'GET, HEAD');
    return answerProblem(c, new ProblemError('method-not-allowed', `${path} answers GET`));
  });
}

async function answerRows(c: Context, route: Route, deps: ApiDeps): Promise<Response> {
  const access = admit(deps.tokens, c.req.header('Authorization'), route.scope, unreadable(deps));
  const search = new URL(c.req.url).searchParams;
  const { rows, headers } = await route.answer(search, access, deps, deps.suggest);
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value);
  return c.json(rows);
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
