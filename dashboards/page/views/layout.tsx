import type { Child, PropsWithChildren } from 'hono/jsx';
import { Mark } from '../charts/mark.tsx';
import { iso, moment } from '../format.ts';
import type { Instant } from '../../../agent/core/time.ts';

/** What every view stands in. */
export interface Frame {
  readonly now: Instant;
  readonly demo: boolean;
  readonly version: string;
  /** Paths of the style sheet and the script. */
  readonly assets: { readonly css: string; readonly script: string };
  /** As the visitor chose it; absent: as the system has it. */
  readonly theme?: 'light' | 'dark' | undefined;
  readonly user?: string | undefined;
  readonly firing: number;
}

const places = [
  { path: '/', text: 'Overview' },
  { path: '/alerts', text: 'Alerts' },
  { path: '/sources', text: 'Sources' },
] as const;

export function Layout(
  props: PropsWithChildren<{
    readonly frame: Frame;
    readonly title: string;
    /** The place of the three that it is under. */
    readonly path: string;
    readonly controls?: Child;
    /** A view of what does not change is not asked for again. */
    readonly live: boolean;
  }>,
) {
  const { frame, title, path, controls, live, children } = props;
  return (
    <html lang="en" data-theme={frame.theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Crossbill${frame.demo ? ' DEMO' : ''}`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={frame.assets.css} />
        <script type="module" src={frame.assets.script}></script>
      </head>
      <body data-live={live ? 'yes' : undefined}>
        <a class="skip" href="#main">
          Skip to the figures
        </a>
        <header class="top">
          <a class="brand" href="/">
            <Mark />
            Crossbill
          </a>
          {frame.demo && (
            <span class="demo" title="A recorded hour, replayed: nobody's usage">
              DEMO
            </span>
          )}
          <nav aria-label="Views">
            {places.map((place) => (
              <a href={place.path} aria-current={place.path === path ? 'page' : undefined}>
                {place.text}
                {place.path === '/alerts' && frame.firing > 0 && (
                  <span class="badge">
                    {String(frame.firing)}
                    <span class="unseen"> firing</span>
                  </span>
                )}
              </a>
            ))}
          </nav>
          <p class="as-of" data-as-of={iso(frame.now)}>
            as of <time datetime={iso(frame.now)}>{moment(frame.now)}</time> UTC
          </p>
          <button type="button" class="theme" data-theme-button hidden>
            Theme
          </button>
        </header>
        <p class="connection" role="status" data-connection></p>
        {controls}
        <main id="main" tabindex={-1}>
          {children}
        </main>
        <footer class="bottom">
          <p>
            Crossbill {frame.version}. Costs are estimates, metered tokens times the price of their
            day, unless a bill is named. All times are UTC.
          </p>
          <p>
            {frame.user !== undefined && <span>Signed in as {frame.user}. </span>}
            <a href="/openapi.json">API</a>
          </p>
          {frame.user !== undefined && (
            <form method="post" action="/logout">
              <button type="submit">Log out</button>
            </form>
          )}
        </footer>
      </body>
    </html>
  );
}
