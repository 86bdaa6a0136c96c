import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * A program of a folder of tests, this one unless named, as one file that Node runs as it is, for a process of its own.
 * @param name without its ending
 * @param folder where it goes, with what it loads beside it
 * @returns its path
 */
export async function bundleProgram(
  name: string,
  folder: string,
  from = 'test/faults',
): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build({
    absWorkingDir: root,
    entryPoints: [`${from}/${name}.ts`],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['better-sqlite3', 'better-sqlite3-napi'],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return join(folder, `${name}.mjs`);
}
