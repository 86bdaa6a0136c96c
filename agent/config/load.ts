import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { crossProblems } from './cross-checks.ts';
import { describeConfig } from './describe.ts';
import { readDocument, valueAt } from './document.ts';
import type { Path, Place, ReadDocument } from './document.ts';
import { ConfigError, dottedPath } from './problems.ts';
import type { Problem } from './problems.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';
import { whyUnreadable } from './secrets.ts';
import type { ReferenceScope } from './secrets.ts';

export interface LoadedConfig {
  /** As it was named to the loader. */
  readonly file: string;
  /** The folder that relative paths in it count from, absolute. */
  readonly directory: string;
  readonly config: Config;
  /** Where a value stands in the file, for a remark about it later: `placeOf(['rules', 0])`. */
  placeOf(path: Path): Place;
}

/** Reads and checks a configuration file. Throws a ConfigError with every problem found. */
export function loadConfig(file: string, { env }: Pick<ReferenceScope, 'env'>): LoadedConfig {
  return parseConfig(readUtf8(file), { file, env });
}

/** Checks the text of a configuration file; relative paths count from the folder of `file`. Throws a ConfigError. */
export function parseConfig(
  text: string,
  { file, env }: { readonly file: string } & Pick<ReferenceScope, 'env'>,
): LoadedConfig {
  const directory = dirname(resolve(file));
  const document = readDocument(text, file, { env, directory });
  if (document.tree === undefined) throw new ConfigError(document.problems);
  if (document.tree === null) {
    const message = 'the file is empty; the README shows a first one';
    throw new ConfigError([{ file, line: 1, column: 1, path: '', message }]);
  }
  const result = configSchema.safeParse(document.tree);
  const told = new Set(document.problems.map(({ path }) => path));
  const found = [
    ...(result.error?.issues ?? []).flatMap((issue) => issueProblems(issue, file, document)),
    ...crossProblems(document.tree).map(({ path, message }) => ({
      file,
      path: dottedPath(path),
      ...document.placeOf(path, 'value'),
      message,
    })),
  ];
  const problems = [...document.problems, ...found.filter(({ path }) => !told.has(path))];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return {
    file,
    directory,
    config: printable(anchored(result.data, directory)),
    placeOf: (path) => document.placeOf(path, 'value'),
  };
}

/**
 * An issue about unknown keys becomes a problem for each, at the key; every other stands at the value. An unknown key that
 * has no value may be a value that lost its key, so it is not shown.
 */
function issueProblems(
  issue: z.core.$ZodIssue,
  file: string,
  document: ReadDocument,
): readonly Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code !== 'unrecognized_keys') {
    const place = document.placeOf(path, 'value');
    return [{ file, path: dottedPath(path), ...place, message: issue.message }];
  }
  const messages = issue.message.split('\n');
  return issue.keys.map((key, index) => {
    const at = [...path, key];
    const shown = valueAt(document.tree, at) === null ? [...path, '***'] : at;
    const message = messages[index] ?? 'unknown key';
    return { file, path: dottedPath(shown), ...document.placeOf(at, 'key'), message };
  });
}

function anchored(config: Config, directory: string): Config {
  const { ledger, prices, tls } = config;
  const from = (path: string): string => resolve(directory, path);
  return {
    ...config,
    ledger: { path: from(ledger.path) },
    prices: { ...prices, file: prices.file === undefined ? undefined : from(prices.file) },
    tls: tls === undefined ? undefined : { cert: from(tls.cert), key: from(tls.key) },
  };
}

/** JSON.stringify knows no bigint: a configuration that reaches a log describes itself. */
function printable(config: Config): Config {
  return Object.defineProperty({ ...config }, 'toJSON', { value: () => describeConfig(config) });
}

function readUtf8(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const message = `cannot be read: ${whyUnreadable(error)}; write one as the README shows it, or name another with --config`;
    throw new ConfigError([{ file, path: '', message }]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ file, path: '', message: 'not UTF-8 text; save it as UTF-8' }]);
  }
}
