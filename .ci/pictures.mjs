// The pictures of the READMEs, taken of the demo: `npm run pictures`. Needs Chromium, at the path in
// CHROMIUM or where Debian puts it; those of the boards need Grafana's components, half a gigabyte of packages
// that are fetched once, into .ci/boards.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { boardDrawer } from './boards/draw.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
if (executablePath === undefined) {
  throw new Error('no Chromium: install one, or name its path in CHROMIUM');
}

/** What is seen where. Height: what of the page is in the picture, in pixels. */
const pictures = [
  { name: 'page', path: '/', width: 1_280, height: 1_000, colorScheme: 'light' },
  { name: 'page-dark', path: '/', width: 1_280, height: 1_000, colorScheme: 'dark' },
  { name: 'page-narrow', path: '/', width: 390, height: 1_000, colorScheme: 'light' },
];

/** The boards, drawn with Grafana's own components. Height: absent for all of it. */
const boards = [
  { name: 'board-spend', uid: 'crossbill-spend', width: 1_280, height: 1_340, dark: false },
  { name: 'board-spend-dark', uid: 'crossbill-spend', width: 1_280, height: 1_340, dark: true },
  { name: 'board-spend-narrow', uid: 'crossbill-spend', width: 390, height: 1_400, dark: false },
  { name: 'board-tokens', uid: 'crossbill-tokens', width: 1_280, height: 1_185, dark: false },
  { name: 'board-one-model', uid: 'crossbill-one-model', width: 1_280, height: 1_415, dark: false },
  { name: 'board-trust', uid: 'crossbill-trust', width: 1_280, height: 1_450, dark: false },
  { name: 'board-budgets', uid: 'crossbill-budgets', width: 1_280, dark: false },
];
/** A model that the demo has on both clouds. */
const chosen = { 'crossbill-one-model': { model: 'openai/gpt-5.6-sol' } };

const drawn = await boardDrawer();
const demo = spawn(
  process.execPath,
  [join(root, 'dist/main.js'), 'demo', '--listen', '127.0.0.1:0'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
try {
  const url = await filled(demo);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  for (const { name, path, width, height, colorScheme } of pictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`${url}${path}`, { waitUntil: 'networkidle' });
    const file = join(root, '.github', `${name}.png`);
    await page.screenshot({ path: file });
    process.stdout.write(`${file}\n`);
    await page.close();
  }
  for (const { name, uid, width, height, dark } of boards) {
    const page = await drawn(browser, url, { uid, width, dark, chosen: chosen[uid] ?? {} });
    const file = join(root, '.github', `${name}.png`);
    const clip = height === undefined ? {} : { clip: { x: 0, y: 0, width, height } };
    await page.screenshot({ path: file, fullPage: true, ...clip });
    process.stdout.write(`${file}\n`);
    await page.close();
  }
  await browser.close();
} finally {
  demo.kill('SIGTERM');
}

/** Where the demo listens, once all of its history is read. */
function filled(started) {
  return new Promise((resolve, reject) => {
    let url = '';
    started.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
    createInterface({ input: started.stdout }).on('line', (line) => {
      url ||= /API\s+(http:\/\/[\d.:]+)/.exec(line)?.[1] ?? '';
      if (line.includes('days filled')) resolve(url);
    });
  });
}
