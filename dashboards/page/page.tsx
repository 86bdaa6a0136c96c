import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Instant } from '../../agent/core/time.ts';
import { answerAsset, assetPath, pageAssets } from './assets/assets.ts';
import { readAssetFiles } from './assets/from-source.ts';
import { actOn } from './actions.ts';
import { readOverview } from './overview-data.ts';
import type { PageVisit, Told } from './reader.ts';
import { stateOf, stepLengths } from './state.ts';
import { AlertsView } from './views/alerts.tsx';
import { Controls } from './views/controls.tsx';
import { ExplainView } from './views/explain.tsx';
import { Layout } from './views/layout.tsx';
import type { Frame } from './views/layout.tsx';
import { LoginView } from './views/login.tsx';
import { OverviewView } from './views/overview.tsx';
import { SourcesView } from './views/sources.tsx';
import { splitOf, SumsView } from './views/sums.tsx';

export interface PageOptions {
  readonly now: () => Instant;
  readonly demo: boolean;
  readonly version: string;
}

/** The built-in page. Who asks, and what they may, is settled before; nothing here listens. */
export interface Page {
  /** A view: `/`, `/alerts`, `/sources` or `/explain`. */
  answer(request: Request, visit: PageVisit): Promise<Response>;
  /** What a form asks: `/alerts/` and `ack`, `silence`, `unsilence` or `retry`, by what it sent. */
  act(request: Request, path: string, body: string, visit: PageVisit): Promise<Response>;
  /** The form that lets somebody in. */
  login(view: Omit<Parameters<typeof LoginView>[0], 'css'>): Promise<HtmlEscapedString>;
  /** Style or script, for everybody. Undefined: there is no such file. */
  asset(request: Request): Response | undefined;
}

/** What a view shows, and how it stands in the page. */
interface View {
  readonly title: string;
  readonly path: string;
  readonly live: boolean;
  readonly controls?: Child;
  readonly body: Child;
  readonly status?: number;
}

export async function createPage(options: PageOptions): Promise<Page> {
  const assets = pageAssets(await readAssetFiles());

  async function render(request: Request, visit: PageVisit, view: View): Promise<Response> {
    const alerts = await visit.reader.alerts();
    const firing = alerts.ok ? alerts.value.filter(({ state }) => state === 'firing').length : 0;
    const frame: Frame = {
      now: options.now(),
      demo: options.demo,
      version: options.version,
      assets: { css: assets.css, script: assets.script },
      theme: themeIn(request),
      user: visit.user,
      firing,
    };
    const { title, path, live, controls, body } = view;
    const page = (
      <Layout frame={frame} title={title} path={path} live={live} controls={controls}>
        {body}
      </Layout>
    );
    return answerHtml(request, `<!doctype html>${await page}`, view.status ?? 200);
  }

  return {
    login: async (view) => {
      const form = <LoginView css={assets.css} {...view} />;
      return html`<!doctype html>${form}`;
    },
    asset(request) {
      const name = new URL(request.url).pathname.slice(assetPath.length);
      return answerAsset(assets, name, request.headers.get('Accept-Encoding') ?? '');
    },
    async answer(request, visit) {
      const url = new URL(request.url);
      const view = views[url.pathname] ?? views['/'];
      if (view === undefined) throw new RangeError('no such view');
      return render(request, visit, await view(visit, url.searchParams, options.now()));
    },
    async act(request, path, body, visit) {
      const done = await actOn(path, new URLSearchParams(body), visit.actions);
      if (done.ok) {
        // Shown by its own address, so that a reload does not do it again.
        return new Response(null, {
          status: 303,
          headers: { Location: `/alerts?done=${done.value}` },
        });
      }
      return render(request, visit, {
        ...(await alertsView(visit, options.now(), done)),
        status: 400,
      });
    },
  };
}

type Viewing = (visit: PageVisit, search: URLSearchParams, now: Instant) => Promise<View>;

const views: Readonly<Record<string, Viewing>> = {
  async '/'({ reader }, search, now) {
    const state = stateOf(search, now);
    const data = await readOverview(reader, state);
    return {
      title: 'Overview',
      path: '/',
      live: true,
      controls: <Controls state={state} />,
      body: <OverviewView data={data} state={state} />,
    };
  },
  async '/alerts'(visit, search, now) {
    const said = doneWords[search.get('done') ?? ''];
    return alertsView(visit, now, said === undefined ? undefined : { ok: true, value: said });
  },
  async '/sources'({ reader }) {
    const body = <SourcesView told={await reader.sources()} />;
    return { title: 'Sources', path: '/sources', live: true, body };
  },
  async '/explain'({ reader }, search, now) {
    const state = stateOf(search, now);
    const at = Date.parse(search.get('at') ?? '');
    const model = state.filters.get('model')?.join(',');
    if (model !== undefined && Number.isFinite(at)) {
      const step = search.get('step') === '1h' ? '1h' : '1m';
      const question = {
        model,
        at: at - (at % stepLengths[step]),
        step,
        filters: state.filters,
      } as const;
      const body = <ExplainView question={question} told={await reader.explain(question)} />;
      return { title: `${model} explained`, path: '/', live: false, body };
    }
    const { range, filters } = state;
    const split = splitOf(range, filters);
    const groupBy = split.by === 'model' ? (['model'] as const) : [];
    const told = await reader.usage({ range, filters, groupBy, stepMs: split.stepMs });
    const body = <SumsView sums={{ range, filters, ...split, told }} />;
    return { title: 'What adds up to it', path: '/', live: false, body };
  },
};

const doneWords: Readonly<Record<string, string>> = {
  ack: 'Taken on: it is not repeated any more.',
  silence: 'Kept quiet. What still fires when the silence ends is told then.',
  unsilence: 'The silence ended; what it kept quiet and still fires is told.',
  retry: 'It is sent again now; below stands what becomes of it.',
};

async function alertsView(visit: PageVisit, now: Instant, done?: Told<string>): Promise<View> {
  const { reader } = visit;
  const [alerts, silences, deliveries] = await Promise.all([
    reader.alerts(),
    reader.silences(),
    reader.deliveries(),
  ]);
  const data = { alerts, silences, deliveries };
  const body = <AlertsView data={data} visit={visit} now={now} done={done} />;
  return { title: 'Alerts', path: '/alerts', live: true, body };
}

const compress = promisify(gzip);

async function answerHtml(request: Request, text: string, status: number): Promise<Response> {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    Vary: 'Accept-Encoding, Cookie',
  };
  if (!/\bgzip\b/.test(request.headers.get('Accept-Encoding') ?? '')) {
    return new Response(text, { status, headers });
  }
  const body = new Uint8Array(await compress(text, { level: 5 }));
  return new Response(body, { status, headers: { ...headers, 'Content-Encoding': 'gzip' } });
}

function themeIn(request: Request): Frame['theme'] {
  const [, name] =
    /(?:^|; )crossbill_theme=(light|dark)/.exec(request.headers.get('Cookie') ?? '') ?? [];
  return name === 'light' || name === 'dark' ? name : undefined;
}
