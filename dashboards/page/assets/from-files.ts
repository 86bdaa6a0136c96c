import { readdir, readFile } from 'node:fs/promises';

/** The script and the style as the build left them beside the bundle. */
export async function readAssetFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = new URL('./page/', import.meta.url);
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(
      async (name) => [name, new Uint8Array(await readFile(new URL(name, folder)))] as const,
    ),
  );
  return new Map(files);
}
