import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packageFile = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string };

/** Outside the tree, kept from run to run. */
const cache = join(tmpdir(), `crossbill-peers-${version}`);
const installMs = 240_000;

/**
 * The Python of a virtual environment that holds `requirements` (`moto==5.2.1`), made at first use. Throws with what to
 * do where it cannot be had: a peer is never left out.
 */
export async function ensureVenv(
  name: string,
  requirements: readonly string[],
  interpreter = 'python3',
): Promise<{ readonly python: string; readonly folder: string }> {
  const folder = await installed(name, requirements, 'python3 (with venv) and PyPI', async (at) => {
    await run(interpreter, ['-m', 'venv', at], { timeout: installMs });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(join(at, 'bin', 'python'), [...pip, ...requirements], { timeout: installMs });
  });
  // Not the scripts beside it: they name the folder they were installed into, which has been renamed.
  return { python: join(folder, 'bin', 'python'), folder };
}

/**
 * A Python of that version or a later one, by its path: `python3` where it is one, else one of a version in its name, that of
 * pyenv too. Throws with what to do where there is none.
 */
export async function findPython(major: number, minor: number): Promise<string> {
  const told = 'import sys; print(*sys.version_info[:2], sys.executable)';
  const named = Array.from({ length: 6 }, (_, more) => `${major}.${minor + more}`);
  const candidates = [undefined, ...named];
  for (const wanted of candidates) {
    try {
      const env = { ...process.env, ...(wanted !== undefined && { PYENV_VERSION: wanted }) };
      const { stdout } = await run(`python${wanted ?? major}`, ['-c', told], { env });
      const [, a, b, path] = /^(\d+) (\d+) (.+)$/m.exec(stdout) ?? [];
      if (Number(a) === major && Number(b) >= minor && path !== undefined) return path;
    } catch {
      // Not this one.
    }
  }
  throw new Error(
    `no Python from ${major}.${minor} on; install one (python${major}.${minor}), tests with peers fail without it`,
  );
}

/** A folder in which `require` finds the packages (`@elastic/mockotlpserver@0.10.0`). Else as `ensureVenv`. */
export function ensureNpmPackages(name: string, packages: readonly string[]): Promise<string> {
  return installed(name, packages, 'npm and its registry', async (at) => {
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', '--prefix', at, ...quiet, ...packages], { timeout: installMs });
  });
}

/** A folder with the program of a Go module: `github.com/a/b/cmd/c@v1.2.3` is `c` in it. Else as `ensureVenv`. */
export function ensureGoModule(name: string, module: string): Promise<string> {
  return installed(name, [module], needsGo, async (at) => {
    const env = { ...process.env, GOBIN: at };
    await run('go', ['install', ...goFlags, module], { timeout: goBuildMs, env });
  });
}

/** A folder with the program `name`, built from a folder of Go source. Else as `ensureVenv`. */
export function ensureGoProgram(name: string, source: string): Promise<string> {
  const files = ['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(join(source, file)));
  return installed(name, files.map(String), needsGo, async (at) => {
    const args = ['build', ...goFlags, '-o', join(at, name), '.'];
    await run('go', args, { timeout: goBuildMs, cwd: source });
  });
}

const needsGo = 'go (1.26 or newer) and its module proxy';
const goFlags = ['-trimpath', '-ldflags=-s -w'];
const goBuildMs = 900_000;

/**
 * A folder with what a Debian package holds (`prometheus-alertmanager=0.25.0-1*`), unpacked without being installed, so
 * without root. Else as `ensureVenv`.
 */
export function ensureDebianPackage(name: string, wanted: string): Promise<string> {
  const needs = 'a Debian with its package lists (apt-get update) and a mirror';
  return installed(name, [wanted], needs, async (at) => {
    await run('apt-get', ['download', wanted], { cwd: at, timeout: installMs });
    for (const file of await readdir(at)) {
      await run('dpkg', ['-x', file, '.'], { cwd: at, timeout: installMs });
    }
  });
}

/** Installs beside the final folder and renames, so that a folder of that name is whole, whoever made it. */
async function installed(
  name: string,
  pins: readonly string[],
  needs: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(pins.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cache, `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    await install(unfinished);
    await rename(unfinished, folder);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    if (existsSync(folder)) return folder;
    const why = cause instanceof Error ? lastOf(cause.message.split('\n')) : String(cause);
    throw new Error(
      `the peer ${name} cannot be installed; it needs ${needs}, and tests with peers fail without it:\n${why}`,
      { cause },
    );
  }
  return folder;
}

/** A program of somebody else, running beside the test. */
export interface Peer {
  /**
   * What the first group of `pattern` caught in the first line that matches, said already or still to come, on either
   * output. Rejects when the peer ends, and after `withinMs`.
   */
  said(pattern: RegExp, withinMs?: number): Promise<string>;
  /** At once; `SIGTERM` lets it end by itself. */
  stop(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** Starts a peer in the folder it was installed into; that it is ready is a line to wait for. */
export function startPeer(
  name: string,
  command: string,
  args: readonly string[],
  cwd: string,
): Peer {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const looking = new Set<() => void>();
  let ending: string | undefined;
  const look = (): void => {
    for (const again of looking) again();
  };
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      look();
    });
  }
  const ended = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      ending ??= how;
      look();
      resolve();
    };
    child.once('error', (error) => end(`cannot be started: ${error.message}`));
    child.once('close', (code, signal) => end(`ended with ${code ?? signal}`));
  });
  return {
    said: (pattern, withinMs = 30_000) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          looking.delete(again);
        };
        const fail = (why: string): void => {
          settle();
          const folder = `from ${cwd}, which may be deleted to have it installed anew`;
          reject(new Error(`${name} (${folder}) ${why}. Its last lines:\n${lastOf(lines)}`));
        };
        const again = (): void => {
          for (const line of lines) {
            const caught = pattern.exec(line)?.[1];
            if (caught === undefined) continue;
            settle();
            resolve(caught);
            return;
          }
          if (ending !== undefined) fail(ending);
        };
        const timer = setTimeout(() => fail(`did not say ${pattern} in ${withinMs} ms`), withinMs);
        looking.add(again);
        again();
      }),
    async stop(signal = 'SIGKILL') {
      child.kill(signal);
      await ended;
    },
  };
}

function lastOf(lines: readonly string[]): string {
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-15)
    .join('\n');
}
