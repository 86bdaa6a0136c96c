import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

/** What every start needs, by the files that the bundler had split it into; one is run when it is first asked for. */
type Parts = Readonly<Record<string, () => object>>;
type Run = (
  exports: { parts?: Parts },
  require: (name: string) => unknown,
  importLater: (name: string) => Promise<unknown>,
  importMetaUrl: string,
) => void;

/** As a module of the bundle may, from where it is. */
export interface Modules {
  readonly load: (name: string) => unknown;
  /** What a script that was taken from a cache cannot do by itself. */
  readonly loadLater: (name: string) => Promise<unknown>;
}

export interface StartScript {
  part(name: string): object;
  /** V8's code for all that ran by now, for the next process that has the same V8 under the same flags. */
  createCache(): Buffer;
  /** Whether V8 took its code from the cache. */
  readonly isCached: boolean;
}

/**
 * The start of the bundle as one script, read at once, and not compiled where V8's own code for it is at hand. V8 takes no code
 * of another version of it, or made under other flags; then, and where there is none, the script is compiled as any other.
 * @param file ASCII, which is read without being decoded
 * @param cache what `createCache` gave for this very file under this very Node: V8 knows a script by no more than its length
 */
export function loadStart(file: URL, cache: URL, modules: Modules): StartScript {
  const path = fileURLToPath(file);
  const cachedData = readIfThere(cache);
  const source = readFileSync(file, 'latin1');
  const script = new Script(source, { filename: path, ...(cachedData && { cachedData }) });
  // Node maps stacks back to sources only in what its own loader has read.
  const run = process.sourceMapsEnabled ? modules.load(path) : script.runInThisContext();
  if (!isRun(run)) throw new Error(`${path} is not what the build makes; build again`);
  const exports: { parts?: Parts } = {};
  run(exports, modules.load, modules.loadLater, file.href);
  return {
    part(name) {
      const part = exports.parts?.[name];
      if (part === undefined) throw new Error(`${path} has no part ${name}`);
      return part();
    },
    createCache: () => script.createCachedData(),
    isCached: cachedData !== undefined && script.cachedDataRejected === false,
  };
}

/** Tells this Node from every other, for V8 knows only its own version: not what Node changed in it, nor for which machine. */
export function nodeName({
  version,
  versions,
  platform,
  arch,
}: Pick<NodeJS.Process, 'version' | 'versions' | 'platform' | 'arch'>): string {
  return [version, versions.v8, platform, arch].join('-');
}

function isRun(value: unknown): value is Run {
  return typeof value === 'function';
}

function readIfThere(file: URL): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
