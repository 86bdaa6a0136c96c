import { expect, test } from 'vitest';
import { importsOf } from '../support/import-check.ts';
import { sourceFiles } from '../support/source-files.ts';

const files = sourceFiles();

/** What is loaded as soon as the file is: files of ours, and packages. */
function loadedWith(file: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { form, target } of importsOf(path, files.get(path) ?? '')) {
      if (form === 'load') load(target);
    }
  };
  load(file);
  return loaded;
}

function packagesOf(loaded: ReadonlySet<string>): readonly string[] {
  return [...loaded].filter((name) => !files.has(name) && !name.startsWith('node:')).toSorted();
}

test('the process starts with what reads its arguments and what logs, and nothing else', () => {
  expect(packagesOf(loadedWith('agent/main.ts'))).toEqual([
    'commander',
    'fastest-levenshtein',
    'pino',
  ]);
});

test('no verb is loaded before it is called', () => {
  const loaded = loadedWith('agent/cli/verbs.ts');
  const verbs = ['run', 'demo', 'check', 'backfill', 'verify', 'copies', 'report-verb', 'prices'];
  for (const verb of verbs) {
    expect(files.has(`agent/cli/${verb}.ts`), `${verb}.ts is there`).toBe(true);
    expect(loaded.has(`agent/cli/${verb}.ts`), verb).toBe(false);
  }
});

test('the agent loads neither a cloud nor a driver nor a server before it needs it', () => {
  const packages = packagesOf(loadedWith('agent/cli/run.ts'));
  expect(packages).toContain('zod');
  const dear = /^(@aws-sdk|@smithy|@azure|@opentelemetry|@hono|@pydantic|better-sqlite3|cli-)/;
  // It reads three fields of a socket, and loads nothing of the server.
  const cheap = '@hono/node-server/conninfo';
  expect(packages.filter((name) => dear.test(name) && name !== cheap)).toEqual([]);
});
