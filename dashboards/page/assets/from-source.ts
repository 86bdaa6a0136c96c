import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';

/** The script and the style made now, where the agent runs from source; the build puts `from-files.ts` in this one's place. */
export async function readAssetFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const text = await readFile(new URL('../client/build.json', import.meta.url), 'utf8');
  const options: BuildOptions = JSON.parse(text);
  const absWorkingDir = fileURLToPath(new URL('../../..', import.meta.url));
  const { outputFiles } = await build({ ...options, absWorkingDir, write: false });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}
