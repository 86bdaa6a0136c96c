// Puts what every start needs, which the bundler splits into fifty files, into one script, and keeps each of them once.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `run` loads until it listens, main first, the others each by an `import()`. */
export const startSources = [
  'agent/main.ts',
  'agent/cli/run.ts',
  'agent/cli/serve.ts',
  'exporters/sqlite/ledger.ts',
];

// The value of the whole is the function: for who runs it as a script, and for Node's own loader.
const scriptHead = [
  "(typeof module === 'object' ? module : {}).exports =",
  "function (exports, require, importLater, importMetaUrl) { 'use strict';",
].join(' ');

/**
 * @param {import('esbuild').BuildResult} built split, not written, with `metafile` and maps; all files in one folder
 * @param {readonly string[]} sources what a start loads, main first: each an entry, or imported by `import()`
 * @returns {Promise<ReadonlyMap<string, string | undefined>>} by name, files to write in place of those of `built`, or beside
 *   them; undefined: not to be written
 */
export async function bundleStart(built, sources) {
  const split = {
    texts: new Map(built.outputFiles.map(({ path, text }) => [basename(path), text])),
    outputs: new Map(
      Object.entries(built.metafile.outputs).map(([path, it]) => [basename(path), it]),
    ),
  };
  const [main, ...others] = sources.map((source) => nameOf(source, split));
  const inStart = staticClosure([main, ...others], split);
  const asked = [main, ...askedByOthers(inStart, split)];
  const { code, map } = await oneScript(asked, inStart, split);
  // Its name is its content, so that V8 is never given the code of another.
  const name = `start-${createHash('sha256').update(code).digest('hex').slice(0, 8)}`;
  const files = new Map();
  for (const one of inStart) {
    for (const suffix of ['', '.map', '.LEGAL.txt']) files.set(`${one}${suffix}`, undefined);
  }
  for (const one of asked) files.set(one, standIn(one, split.outputs.get(one).exports));
  const licences = [...inStart].flatMap((one) => split.texts.get(`${one}.LEGAL.txt`) ?? []);
  if (licences.length > 0) files.set(`${name}.cjs.LEGAL.txt`, licences.join('\n'));
  return files
    .set(`${name}.cjs`, `${code}//# sourceMappingURL=${name}.cjs.map\n`)
    .set(`${name}.cjs.map`, map)
    .set('start.js', await starter(name));
}

function nameOf(source, { outputs }) {
  for (const [name, { entryPoint }] of outputs) if (entryPoint === source) return name;
  throw new Error(`${source} is in no file of its own: nothing imports it by import()`);
}

function staticClosure(roots, { outputs }) {
  const found = new Set();
  const left = [...roots];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const { path, kind, external } of outputs.get(name).imports) {
      if (kind === 'import-statement' && !external) left.push(basename(path));
    }
  }
  return found;
}

function askedByOthers(inStart, { outputs }) {
  const others = [...outputs].filter(([name]) => !inStart.has(name));
  const asked = others.flatMap(([, { imports }]) => imports.map(({ path }) => basename(path)));
  return new Set(asked.filter((name) => inStart.has(name)));
}

async function oneScript(asked, inStart, { texts }) {
  const parts = asked.map((name) => `${JSON.stringify(name)}: () => require('./${name}')`);
  const { outputFiles, metafile } = await build({
    stdin: { contents: `exports.parts = { ${parts.join(', ')} };`, resolveDir: '/' },
    outfile: '/start.cjs',
    write: false,
    metafile: true,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    charset: 'ascii',
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: scriptHead },
    footer: { js: '};' },
    logLevel: 'warning',
    plugins: [
      {
        name: 'split-files',
        setup(files) {
          files.onResolve({ filter: /^\.\// }, ({ path }) => ({
            path: basename(path),
            namespace: 'split',
          }));
          files.onLoad({ filter: /./, namespace: 'split' }, ({ path }) => ({
            contents: withMap(importingLater(texts.get(path), inStart), texts.get(`${path}.map`)),
          }));
        },
      },
    ],
  });
  // Node finds nothing for an import() in a script that was taken from a cache.
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const left = imports.find(({ kind }) => kind === 'dynamic-import');
  if (left) throw new Error(`import() of ${left.path} is written as nobody here expects`);
  const textOf = (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix)).text;
  return { code: textOf('.cjs'), map: textOf('.map') };
}

/** But for what stands in the same script. */
function importingLater(code, inStart) {
  return code.replaceAll(/\bimport\("([^"]+)"\)/g, (whole, name) =>
    inStart.has(basename(name)) ? whole : `importLater("${name}")`,
  );
}

function withMap(code, map) {
  const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  return code.replace(/\/\/# sourceMappingURL=\S+\s*$/, `//# sourceMappingURL=${url}\n`);
}

async function starter(name) {
  const contents = `import { createRequire } from 'node:module';
    import { loadStart, nodeName } from './agent/cli/start-script.ts';
    const at = (name) => new URL(name, import.meta.url);
    const modules = { load: createRequire(import.meta.url), loadLater: (name) => import(name) };
    export const cache = at(\`./${name}.\${nodeName(process)}.cache\`);
    export const start = loadStart(at('./${name}.cjs'), cache, modules);`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
  });
  return outputFiles[0].text;
}

/** For what is loaded later, and imports a file that is in the script by its name. */
function standIn(name, exported) {
  const values = exported.map((one, n) => `const e${n} = part.${one};\n`);
  const names = exported.map((one, n) => `e${n} as ${one}`);
  return `#!/usr/bin/env node
import { start } from './start.js';
const part = start.part(${JSON.stringify(name)});
${values.join('')}export { ${names.join(', ')} };
`;
}
