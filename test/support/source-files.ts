import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders that hold no source of the program. */
const passedOver = ['node_modules', 'dist', 'coverage', 'test'];

/** Every source file of the program, wherever it lies: path from the root to text. Tool configs are none. */
export function sourceFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const read = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && !passedOver.includes(path)) read(path);
      } else if (/(?<!\.config)\.tsx?$/.test(entry.name)) {
        files.set(path, readFileSync(join(root, path), 'utf8'));
      }
    }
  };
  read('');
  return files;
}
