// The build: every process bundled into dist/, with the data files it reads beside it.
import { findProvider } from '@pydantic/genai-prices';
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { bundleStart, startSources } from './start/bundle.mjs';

const root = new URL('..', import.meta.url).pathname;
const dist = join(root, 'dist');
const sourceFolders = ['agent', 'collectors', 'exporters', 'dashboards'];

/** One line a process: the file's name in dist/ and the source it starts from. */
const entryPoints = {
  main: 'agent/main.ts',
  emulator: 'collectors/emulator/main.ts',
};

// The hashbang is for emulator.js, which is a command; in the other files it is an ordinary comment. `require` is for the
// CommonJS packages inside the bundle.
const banner = [
  '#!/usr/bin/env node',
  "import { createRequire as createRequireForBundle } from 'node:module';",
  'const require = createRequireForBundle(import.meta.url);',
].join('\n');

/**
 * zod's one namespace holds its messages in 50 languages, which no bundler can leave out; 160 KB are read and compiled at
 * every start for the one that is used.
 */
const zodInEnglish = {
  name: 'zod-in-english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** Only a first start reads the default prices: from a file, for 470 KB of code would stay in memory for ever. */
const pricesFromFile = {
  name: 'prices-from-file',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/packaged\.ts$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, 'packaged-file.ts'),
    }));
  },
};

/** From source the page's script and style are made when they are asked for; the bundle finds them made. */
const pageFromFiles = {
  name: 'page-from-files',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/assets\/from-source\.ts$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, 'assets/from-files.ts'),
    }));
  },
};

/** The start as one script, and the rest as it was split. */
async function writeBundle(built) {
  const files = new Map(
    built.outputFiles.map(({ path, text }) => {
      const name = basename(path);
      return [name, name.endsWith('.js') ? `${banner}\n${text}` : text];
    }),
  );
  for (const [name, text] of await bundleStart(built, startSources)) files.set(name, text);
  for (const [name, text] of files) if (text !== undefined) await writeFile(join(dist, name), text);
}

/** V8's own code for the start. Without it, as where this machine cannot run the agent, every start compiles. */
async function writeCache() {
  const argv = [join(root, '.ci/start/warm.mjs'), dist];
  await promisify(execFile)(process.execPath, argv, { timeout: 60_000 }).catch((error) => {
    process.stderr.write(`the start is slower, for it could not be tried: ${error.message}\n`);
  });
}

/** The page's script and style, for browsers, each compressed beside it. */
async function buildPage() {
  const options = JSON.parse(
    await readFile(join(root, 'dashboards/page/client/build.json'), 'utf8'),
  );
  const folder = join(dist, options.outdir);
  await build({ ...options, absWorkingDir: root, outdir: folder });
  for (const name of await readdir(folder)) {
    const contents = await readFile(join(folder, name));
    await writeFile(join(folder, `${name}.br`), brotliCompressSync(contents));
    await writeFile(join(folder, `${name}.gz`), gzipSync(contents));
  }
}

/** The providers that the default prices come from. A line each: the id, a tab, and the provider as JSON. */
async function writePrices() {
  const contents = "export { providersOf } from './agent/pricing/genai/default-prices.ts';";
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: 'esm',
    external: ['./packaged.ts'],
    write: false,
  });
  const code = encodeURIComponent(outputFiles[0].text);
  const { providersOf } = await import(`data:text/javascript,${code}`);
  const lines = Object.values(providersOf)
    .flat()
    .map((providerId) => `${providerId}\t${JSON.stringify(findProvider({ providerId }))}\n`);
  await writeFile(join(dist, 'genai-prices.jsonl'), lines.join(''));
}

/** Bundled modules all stand flat in dist/, so `new URL('./x.json', import.meta.url)` finds x.json only there. */
async function copyAssets() {
  const copiedFrom = new Map();
  for (const folder of sourceFolders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !isAsset(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const earlier = copiedFrom.get(entry.name);
      if (earlier) throw new Error(`${path} and ${earlier} share a name in dist/: rename one`);
      copiedFrom.set(entry.name, path);
      await copyFile(path, join(dist, entry.name));
    }
  }
}

/** Files that no process reads. */
const notData = ['tsconfig.json', 'build.json', 'compose.yaml', 'pod.yaml'];

function isAsset(name) {
  const code = ['.ts', '.tsx', '.css', '.md'].includes(extname(name));
  return !code && !notData.includes(name) && !name.startsWith('.');
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const built = await build({
  absWorkingDir: root,
  entryPoints,
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // A package's ES build where it has one: it tree-shakes, and its names survive a dynamic import, which CommonJS ones do not.
  mainFields: ['module', 'main'],
  minify: true,
  plugins: [zodInEnglish, pricesFromFile, pageFromFiles],
  sourcemap: true,
  sourcesContent: false, // file and line are enough, at a third of the size
  legalComments: 'external',
  external: ['better-sqlite3', 'better-sqlite3-napi'],
  metafile: true,
  write: false,
  logLevel: 'warning',
});
await writeBundle(built);
await buildPage();
await copyAssets();
await writePrices();
await writeCache();
await chmod(join(dist, 'main.js'), 0o755);
