import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../support/source-files.ts';

const { startSources }: { readonly startSources: readonly string[] } = await import(
  new URL('../../.ci/start/bundle.mjs', import.meta.url).href
);

interface Start {
  /** Minified bytes of our own, by file. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Packages, but for Node's own. */
  readonly packages: ReadonlySet<string>;
}

/** As the build splits it, but for the packages, which stay outside. */
async function readStart(): Promise<Start> {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: [...startSources],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const bytes = new Map<string, number>();
  const packages = new Set<string>();
  const seen = new Set<string>();
  const left = Object.keys(metafile.outputs).filter((path) =>
    startSources.includes(metafile.outputs[path]?.entryPoint ?? ''),
  );
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const output = metafile.outputs[path];
    if (output === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0) bytes.set(file, bytesInOutput);
    }
    for (const { path: imported, kind, external } of output.imports) {
      if (kind !== 'import-statement') continue;
      if (external !== true) left.push(imported);
      else if (!imported.startsWith('node:')) packages.add(packageOf(imported));
    }
  }
  return { bytes, packages };
}

function packageOf(imported: string): string {
  return imported.split('/', imported.startsWith('@') ? 2 : 1).join('/');
}

const cases: readonly { readonly title: string; readonly path: RegExp }[] = [
  { title: 'the clouds', path: /^collectors\/(?!index\.ts$)/ },
  { title: 'what carries data out', path: /^exporters\/(otlp|webhook|focus)\// },
  { title: 'budgets, rules and messages', path: /^agent\/alerts\// },
  { title: 'the audit', path: /^agent\/(reconcile\/|cli\/audit)/ },
  { title: 'the loops', path: /^agent\/(app\.ts|upkeep\/|schedule\/.*-loop\.ts)/ },
  { title: 'what makes usage of readings', path: /^agent\/normalize\/normalize\.ts/ },
  { title: 'the pumps and what Prometheus is told', path: /^agent\/export\/(pump|prometheus\/m)/ },
  { title: 'the default prices', path: /^agent\/pricing\/genai\// },
  {
    title: 'what few ask for',
    path: /^agent\/query\/(caching|changes|charges|explain|explain-nothing|latency)\.ts$/,
  },
  { title: 'the page', path: /^dashboards\// },
];

describe('what run loads before it listens', async () => {
  const { bytes, packages } = await readStart();

  it.each(cases)('leaves out $title', ({ path }) => {
    expect([...bytes.keys()].filter((file) => path.test(file))).toEqual([]);
  });

  it('is what answers and what keeps, so that the cases above see what is there', () => {
    expect([...bytes.keys()]).toEqual(
      expect.arrayContaining(['agent/api/api.ts', 'exporters/sqlite/ledger.ts']),
    );
  });

  it('takes these packages and no other', () => {
    expect([...packages].toSorted()).toEqual([
      '@hono/node-server',
      'commander',
      'fastest-levenshtein',
      'hono',
      'pino',
      'yaml',
      'zod',
    ]);
  });

  it('is at most 350 KB of our own', () => {
    const all = [...bytes.values()].reduce((sum, one) => sum + one, 0);
    expect(all).toBeLessThan(350_000);
  });

  it('makes no format of `Intl` before something is written in it: what they read is 6 MB', () => {
    const eager = [...sourceFiles()].filter(
      ([path, text]) =>
        !/^(collectors\/files|dashboards)\//.test(path) &&
        /^(?:export )?const [^=]+ = (?:new )?Intl\./m.test(text),
    );
    expect(eager.map(([path]) => path)).toEqual([]);
  });

  // The build gives what is loaded later the values that the start's files have by then.
  it('gives no name away that is set anew', () => {
    const changing = [...sourceFiles()].filter(([, text]) => /^export (?:let|var) /m.test(text));
    expect(changing.map(([path]) => path)).toEqual([]);
  });

  it('takes zod as a namespace everywhere, of which a bundler leaves out what nobody uses', () => {
    const whole = [...sourceFiles()].filter(([, text]) =>
      /^import \{[^}]*\bz\b[^}]*\} from 'zod'/m.test(text),
    );
    expect(whole.map(([path]) => path)).toEqual([]);
  });
});
