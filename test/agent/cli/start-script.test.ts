import { transformSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadStart, nodeName } from '../../../agent/cli/start-script.ts';
import type { Modules } from '../../../agent/cli/start-script.ts';

/** As the build writes it. */
const script = `(typeof module === 'object' ? module : {}).exports =
function (exports, require, importLater, importMetaUrl) {
  'use strict';
  let runs = 0, counted;
  exports.parts = {
    count: () => counted ??= { runs: ++runs, url: importMetaUrl },
    sum: () => ({ sum: [1, 2, 3].reduce((sum, one) => sum + one, 0) }),
    path: () => ({ join: require('node:path').join }),
    later: () => ({ load: () => importLater('node:os') }),
    stack: () => ({ stack: new Error('here').stack }),
  };
};`;

const modules: Modules = {
  load: createRequire(import.meta.url),
  loadLater: (name) => import(name),
};

function writeStart(cache?: Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => pathToFileURL(join(folder, name));
  writeFileSync(at('start.cjs'), script);
  if (cache !== undefined) writeFileSync(at('start.cache'), cache);
  return { file: at('start.cjs'), cache: at('start.cache') };
}

function makeCache(): Buffer {
  const { file, cache } = writeStart();
  const start = loadStart(file, cache, modules);
  start.part('sum');
  return start.createCache();
}

function changed(cache: Buffer, at: number): Buffer {
  const copy = Buffer.from(cache);
  copy.writeUInt32LE((copy.readUInt32LE(at) ^ 0x5a5a5a5a) >>> 0, at);
  return copy;
}

// V8's header: a magic number, then hashes of its version, the source and the flags.
const caches: readonly {
  readonly title: string;
  readonly isCached: boolean;
  readonly cacheOf: (made: Buffer) => Buffer | undefined;
}[] = [
  { title: 'its own', isCached: true, cacheOf: (made) => made },
  { title: 'none', isCached: false, cacheOf: () => undefined },
  { title: 'one of another V8', isCached: false, cacheOf: (made) => changed(made, 4) },
  { title: 'one of another script', isCached: false, cacheOf: (made) => changed(made, 8) },
  { title: 'one made under other flags', isCached: false, cacheOf: (made) => changed(made, 12) },
  {
    title: 'one cut short',
    isCached: false,
    cacheOf: (made) => made.subarray(0, made.length >> 1),
  },
  { title: 'an empty one', isCached: false, cacheOf: () => Buffer.alloc(0) },
  { title: 'one that is none', isCached: false, cacheOf: () => Buffer.from('not of V8 at all') },
];

it.each(caches)('runs the same with this cache: $title', async ({ cacheOf, isCached }) => {
  const at = writeStart(cacheOf(makeCache()));
  const start = loadStart(at.file, at.cache, modules);
  expect(start.isCached).toBe(isCached);
  expect(start.part('sum')).toEqual({ sum: 6 });
  expect(start.part('path')).toEqual({ join });
  const later: { load?: () => Promise<object> } = start.part('later');
  await expect(later.load?.()).resolves.toHaveProperty('tmpdir', tmpdir);
});

it('runs a part once, when it is first asked for', () => {
  const at = writeStart();
  const start = loadStart(at.file, at.cache, modules);
  const expected = { runs: 1, url: at.file.href };
  expect([start.part('count'), start.part('count')]).toEqual([expected, expected]);
});

it('says which part it has not', () => {
  const at = writeStart();
  expect(() => loadStart(at.file, at.cache, modules).part('other')).toThrow(
    /start\.cjs has no part other$/,
  );
});

it('names the sources in a stack where Node was told to', () => {
  const at = writeStart(makeCache());
  const { code: mapped } = transformSync(script, { sourcemap: 'inline', sourcefile: 'told.ts' });
  writeFileSync(at.file, mapped);
  const code = `
    import { createRequire } from 'node:module';
    import { loadStart } from './agent/cli/start-script.ts';
    const at = [new URL('${at.file.href}'), new URL('${at.cache.href}')];
    const start = loadStart(...at, { load: createRequire(at[0]), loadLater: () => undefined });
    console.log(JSON.stringify([start.part('sum'), start.part('stack')]));`;
  const argv = ['--enable-source-maps', '--import', 'tsx', '--input-type=module', '--eval', code];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual([
    { sum: 6 },
    { stack: expect.stringMatching(/told\.ts:10:/) },
  ]);
});

it('takes a Node for another where anything of it differs', () => {
  const one = {
    version: 'v20.20.2',
    versions: { ...process.versions, v8: '11.3.244.8-node.33' },
    platform: 'linux',
    arch: 'x64',
  } as const;
  const names = [
    one,
    { ...one, version: 'v20.20.1' },
    { ...one, versions: { ...one.versions, v8: '11.3.244.8-node.32' } },
    { ...one, platform: 'darwin' as const },
    { ...one, arch: 'arm64' as const },
  ].map(nodeName);
  expect(new Set(names).size).toBe(5);
  expect(names[0]).toBe('v20.20.2-11.3.244.8-node.33-linux-x64');
});
