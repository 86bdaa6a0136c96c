// The pictures of the README, taken of the demo: `npm run pictures`. Needs Chromium, at the path in
// CHROMIUM or where Debian puts it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

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
