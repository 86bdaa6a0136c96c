import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page, Route } from 'playwright-core';
import type { InfinityTarget } from '../../test/dashboards/grafana/board-schema.ts';
import { runInfinity } from '../../test/dashboards/grafana/infinity-emulator.ts';
import type { Viewer } from '../../test/dashboards/grafana/infinity-emulator.ts';
import type { Given } from './view/given.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const boards = fileURLToPath(new URL('../../dashboards/grafana/generated/', import.meta.url));
const packages = join(here, 'node_modules');
const icons = join(packages, '@grafana/ui/dist/public/img/icons');
const font = join(packages, '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2');

export interface Look extends Omit<Given, 'board'> {
  /** The file of the board, without `.json`. */
  readonly uid: string;
  /** In pixels. */
  readonly width: number;
}

/** Opens a page with a board as Grafana's own components draw it; `agentUrl` answers what the panels ask. */
export type OpenBoard = (browser: Browser, agentUrl: string, look: Look) => Promise<Page>;

/** Fetches Grafana's components where they are not here yet, and bundles them. */
export async function boardDrawer(): Promise<OpenBoard> {
  if (!existsSync(packages)) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: here,
      stdio: 'inherit',
    });
  }
  const { outputFiles } = await build({
    entryPoints: [join(here, 'view/main.tsx')],
    bundle: true,
    write: false,
    outdir: '/bundle',
    format: 'iife',
    platform: 'browser',
    jsx: 'automatic',
    minify: true,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
    loader: {
      '.svg': 'dataurl',
      '.ttf': 'dataurl',
      '.woff': 'dataurl',
      '.woff2': 'dataurl',
      '.png': 'dataurl',
    },
  });
  const bundled = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  const files = new Map<string, readonly [type: string, body: string | Buffer]>([
    ['/', ['text/html', html]],
    ['/main.js', ['text/javascript', bundled('.js')]],
    ['/main.css', ['text/css', bundled('.css')]],
    ['/inter.woff2', ['font/woff2', await readFile(font)]],
  ]);
  return async (browser, agentUrl, { uid, width, ...look }) => {
    const colorScheme = look.dark ? 'dark' : 'light';
    const page = await browser.newPage({ viewport: { width, height: 1_000 }, colorScheme });
    page.on('pageerror', (error) => process.stderr.write(`${uid}: ${error.stack}\n`));
    await page.route('**/*', (route) => answer(route, files));
    await page.exposeFunction('ask', (target: InfinityTarget, viewer: Viewer) =>
      runInfinity(target, viewer, (path, init) => fetched(`${agentUrl}${path}`, init)),
    );
    await page.goto('http://boards.invalid/');
    const board: Given['board'] = JSON.parse(await readFile(join(boards, `${uid}.json`), 'utf8'));
    await page.evaluate((given) => window.draw(given), { board, ...look });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height });
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState('networkidle');
    return page;
  };
}

const html = `<!doctype html><meta charset="utf-8"><title>Boards</title>
<link rel="stylesheet" href="/main.css">
<style>body { margin: 0 }</style>
<body><script src="/main.js"></script></body>`;

/** Nothing comes from a network: the bundle, and the icons out of the package. */
async function answer(
  route: Route,
  files: ReadonlyMap<string, readonly [type: string, body: string | Buffer]>,
): Promise<void> {
  const { pathname } = new URL(route.request().url());
  const known = pathname.includes('/fonts/inter/') ? '/inter.woff2' : pathname;
  const [contentType, body] = files.get(known) ?? [];
  if (body !== undefined && contentType !== undefined) return route.fulfill({ contentType, body });
  const [, icon] = /\/img\/icons\/([\w/-]+\.svg)$/.exec(pathname) ?? [];
  if (icon !== undefined) return route.fulfill({ path: join(icons, icon) });
  return route.fulfill({ status: 404 });
}

/** Node's fetch has unzipped the body already but still says it is zipped. */
async function fetched(url: string, init: RequestInit): Promise<Response> {
  const { status, body } = await fetch(url, init);
  return new Response(body, { status });
}
