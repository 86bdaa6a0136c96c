import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { generatedFiles } from './boards.ts';

/** `npm run dashboards`: writes every board anew and removes those that are no more. */
const folder = new URL('./generated/', import.meta.url);
const files = generatedFiles();
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) {
  if (!files.has(name)) await rm(new URL(name, folder));
}
for (const [name, text] of files) await writeFile(new URL(name, folder), text);
