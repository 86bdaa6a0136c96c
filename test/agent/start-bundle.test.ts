import { build } from 'esbuild';
import type { BuildResult } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

interface Bundling {
  readonly bundleStart: (
    built: BuildResult,
    sources: readonly string[],
  ) => Promise<ReadonlyMap<string, string | undefined>>;
}

const { bundleStart }: Bundling = await import(
  new URL('../../.ci/start/bundle.mjs', import.meta.url).href
);

/** `run` is of the start, `late` is not; both, and the second process, share what `shared.js` keeps. */
const program = {
  'main.js': `
    import { count } from './shared.js';
    count();
    import('./run.js').then(({ run }) => run());`,
  'run.js': `
    import { count, Failure } from './shared.js';
    import { join } from 'node:path';
    export async function run() {
      const { late } = await import('./late.js');
      const os = await import('node:os');
      console.log(JSON.stringify({
        counted: [count(), late(), count()],
        failure: (await import('./late.js')).fail() instanceof Failure,
        isBeside: new URL('./x', import.meta.url).href.startsWith('file:'),
        isStrict: (function () { return this === undefined; })(),
        builtIns: [typeof join, typeof os.tmpdir],
        text: 'Zürich €',
      }));
    }`,
  'late.js': `
    import { count, Failure } from './shared.js';
    export const late = () => count();
    export const fail = () => new Failure('late');`,
  'shared.js': `
    let n = 0;
    export const count = () => ++n;
    export class Failure extends Error {}`,
  'other.js': `
    import { count } from './shared.js';
    console.log(JSON.stringify([count(), count()]));`,
};

async function bundled(files: Readonly<Record<string, string>>, sources: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const built = await build({
    absWorkingDir: folder,
    entryPoints: ['main.js', 'other.js'],
    outdir: '.',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    minify: true,
    sourcemap: true,
    metafile: true,
    write: false,
  });
  const written = new Map<string, string | undefined>(
    built.outputFiles.map(({ path, text }) => [basename(path), text]),
  );
  for (const [name, text] of await bundleStart(built, sources)) written.set(name, text);
  for (const [name, text] of written) {
    if (text !== undefined) writeFileSync(join(folder, name), text);
  }
  return { folder, written };
}

function output(folder: string, name: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, name)], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('keeps one of everything, whoever asks for it and when', async () => {
  const { folder } = await bundled(program, ['main.js', 'run.js']);
  expect(output(folder, 'main.js')).toEqual({
    counted: [2, 3, 4],
    failure: true,
    isBeside: true,
    isStrict: true,
    builtIns: ['function', 'function'],
    text: 'Zürich €',
  });
  expect(output(folder, 'other.js')).toEqual([1, 2]);
});

it('puts the start into one script of ASCII, and leaves out what nobody else asks for', async () => {
  const { written } = await bundled(program, ['main.js', 'run.js']);
  const [script, ...more] = [...written].filter(([name]) => name.endsWith('.cjs'));
  expect(more).toEqual([]);
  expect(script?.[1]).toMatch(/^[\n\x20-\x7e]+$/);
  expect(script?.[1]).toContain('extends Error');
  expect(script?.[1]).not.toMatch(/\bimport\(/);
  const isWritten = (source: RegExp) =>
    [...written].filter(([name, text]) => source.test(name) && text !== undefined);
  expect(isWritten(/^run-\w+\.js$/)).toEqual([]);
  expect(isWritten(/^late-\w+\.js$/)).toHaveLength(1);
});

it('says so where a source of the start is in no file of its own', async () => {
  await expect(bundled(program, ['main.js', 'shared.js'])).rejects.toThrow(
    'shared.js is in no file of its own: nothing imports it by import()',
  );
});
