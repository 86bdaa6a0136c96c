import { Hono } from 'hono';
import type { Context } from 'hono';
import { silentLog } from '../core/log.ts';
import { checkLength, TooManyRowsError } from '../query/too-many-rows.ts';
import { answerAction, answerForm } from './answer-action.ts';
import type { ApiToken } from './auth.ts';
import { answerTagged, tagged } from './etag.ts';
import { createGate } from './gate.ts';
import type { Gate, GuardSettings } from './gate.ts';
import { grafanaAnswers } from './grafana.ts';
import type { GrafanaDeps } from './grafana.ts';
import { guardRequests, loginPathFor, noteRefusal } from './guard.ts';
import { answerHealth, answerReady } from './health.ts';
import { loginAnswers } from './login-answers.ts';
import { loginPage } from './login.ts';
import { answerMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import type { Pages } from './pages.ts';
import { answerProblem, ProblemError } from './problem.ts';
import { isStream, streamOf } from './stream.ts';
import type { Suggest } from './read-params.ts';
import type { Route, RouteDeps } from './route.ts';
import { createSharing } from './sharing.ts';
import { actions, routes } from './routes.ts';

export interface ApiDeps extends RouteDeps {
  /** What has neither been read nor failed with a reason yet; nothing: the agent is ready. */
  readonly waitingFor: () => readonly string[];
  /** Without any, and without a proxy that names users, everyone who reaches the agent may read all of it. */
  readonly tokens: readonly ApiToken[];
  /** Who else may ask, and what one of them may take; absent: tokens only, as much as they like. */
  readonly guard?: GuardSettings | undefined;
  /** What people look at; absent: nothing answers there. */
  readonly pages?: Pages | undefined;
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
  /** What another one of means that the ledger changed; absent: no answer is kept. */
  readonly changeMark?: (() => string) | undefined;
  /** Hears that somebody who may asks for what is in the ledger: not health, not what Prometheus is told. */
  readonly onAsked?: (() => void) | undefined;
  /** Hears what failed inside; the asker is only told that something did. */
  readonly onError: (error: unknown, doing: string) => void;
}

/** The HTTP interface as a value: it does not listen. Further paths can be mounted on it, behind the same host check. */
export function createApi(deps: ApiDeps): Hono {
  const api = new Hono();
  const settings = deps.guard ?? tokensOnly(deps);
  const publicHost = deps.publicUrl === undefined ? undefined : new URL(deps.publicUrl).host;
  const gate = heard(createGate(settings, deps.tokens, publicHost, unreadable(deps)), deps);
  const grafana = deps.grafana ? grafanaAnswers(deps.grafana, !gate.isOpen) : {};
  guardRequests(api, gate, settings, allowedHosts(deps));
  api.use(async (c, next) => {
    if (deps.demo) c.header('Crossbill-Demo', 'true');
    if (c.req.path.startsWith('/api/')) c.header('Cache-Control', 'no-store');
    await next();
  });
  api.onError((error, c) => {
    const problem = asProblem(error, c, deps);
    const login = loginPathFor(c, problem, gate);
    if (login !== undefined) return c.redirect(login, 303);
    noteRefusal(c, problem, gate);
    return answerProblem(c, problem);
  });
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
  const { metrics, pages } = deps;
  const login = loginAnswers(gate, settings, pages?.login ?? loginPage, publicHost);
  serve(api, '/login', { GET: login.show, POST: login.logIn });
  serve(api, '/logout', { POST: login.logOut });
  for (const [path, answer] of Object.entries(pages?.open ?? {})) serve(api, path, { GET: answer });
  for (const [path, answer] of Object.entries(pages?.guarded ?? {})) {
    serve(api, path, { GET: (c) => answer(c, gate.admit(c, 'read'), gate.mayWrite(c)) });
  }
  for (const [path, answer] of Object.entries(pages?.forms ?? {})) {
    serve(api, path, { POST: (c) => answerForm(c, path, answer, gate) });
  }
  if (metrics !== undefined) {
    serve(api, '/metrics', {
      GET: (c) => answerMetrics(c, metrics, gate.admit(c, 'scrape')),
    });
  }
  for (const [path, answer] of Object.entries(grafana)) {
    serve(api, path, {
      GET(c) {
        gate.admit(c, 'read');
        return answer(c);
      },
    });
  }
  // Made when it is first asked for, so that no start waits for it.
  let document: ReturnType<typeof tagged> | undefined;
  serve(api, '/openapi.json', {
    async GET(c) {
      gate.admit(c, 'read');
      const { openApi } = await import('./openapi.ts');
      document ??= tagged(
        openApi(routes, actions, {
          version: deps.version,
          isOpen: gate.isOpen,
          metricsType: metrics?.type,
          hasGrafana: deps.grafana !== undefined,
        }),
      );
      return answerTagged(c, document);
    },
  });
  const share = createSharing(deps.changeMark);
  for (const path of new Set([...routes, ...actions].map((one) => one.path))) {
    const methods = new Map<string, Answer>();
    for (const route of routes) {
      if (route.path === path) methods.set('GET', (c) => answerRows(c, route, gate, deps, share));
    }
    for (const action of actions) {
      if (action.path !== path) continue;
      methods.set(action.method.toUpperCase(), (c) => answerAction(c, action, gate, deps));
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

async function answerRows(
  c: Context,
  route: Route,
  gate: Gate,
  deps: ApiDeps,
  share: ReturnType<typeof createSharing>,
): Promise<Response> {
  const access = gate.admit(c, route.scope);
  const { searchParams } = new URL(c.req.url);
  const ask = () => route.answer(searchParams, access, deps, deps.suggest);
  if (route.mediaType !== undefined) {
    const { rows, headers = {} } = await ask();
    setHeaders(c, headers);
    c.header('Content-Type', route.mediaType);
    if (!isStream(rows)) throw new TypeError(`${route.path} answers with what is no stream`);
    return c.body(streamOf(rows, (error) => deps.onError(error, `GET ${route.path}`)));
  }
  const make = async () => {
    const { rows, headers = {} } = await ask();
    if (Array.isArray(rows)) checkLength(rows);
    return { answer: tagged(rows), headers };
  };
  const isShared = route.sharing !== undefined;
  const made = await (isShared ? share(route, searchParams, access, make) : make());
  setHeaders(c, made.headers);
  return answerTagged(c, made.answer);
}

function setHeaders(c: Context, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}

function allowedHosts({ listenHost, publicUrl, allowedHosts: more }: ApiDeps): readonly string[] {
  return [listenHost, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname]), ...more];
}

function tokensOnly({ clock }: ApiDeps): GuardSettings {
  const session = { idleSeconds: 43_200, longestSeconds: 604_800 };
  return { clock, log: silentLog, session, isTls: false };
}

function heard(gate: Gate, { onAsked }: ApiDeps): Gate {
  return {
    ...gate,
    admit(c, needed) {
      const access = gate.admit(c, needed);
      if (needed !== 'scrape') onAsked?.();
      return access;
    },
  };
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
