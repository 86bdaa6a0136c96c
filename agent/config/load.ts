import { dirname, resolve } from 'node:path';
import { crossProblems } from './cross-checks.ts';
import { describeConfig } from './describe.ts';
import { readDocument } from './document.ts';
import type { Path, Place } from './document.ts';
import { onceOnly } from './fields.ts';
import { issueProblems } from './issue-problems.ts';
import { ConfigError, dottedPath } from './problems.ts';
import { readUtf8 } from './read-text.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';
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
  const ifMissing = 'write one as the README shows it, or name another with --config';
  return parseConfig(readUtf8(file, ifMissing), { file, env });
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
  const result = configSchema.safeParse(document.tree, onceOnly);
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
