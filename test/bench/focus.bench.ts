import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bench, describe } from 'vitest';

/**
 * Ten million rows of FOCUS, of charges that are made up as they are asked for: each format in a process of its own, so that
 * the memory is that of the work alone.
 */
const rows = Number(process.env['FOCUS_ROWS'] ?? 10_000_000);
const mostRssMb = 200;

/** What `focus-run.ts` prints. */
interface Told {
  readonly seconds: number;
  readonly bytes: number;
  readonly peakRssMb: number;
}

const entry = fileURLToPath(new URL('./focus-run.ts', import.meta.url));
/** Inside the repository, so that the driver is found. */
const outdir = fileURLToPath(new URL('../../node_modules/.cache/focus-run', import.meta.url));

async function measure(name: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  const folder = await mkdtemp(join(tmpdir(), 'focus-bench-'));
  try {
    const script = join(outdir, 'focus-run.mjs');
    const argv = [script, String(rows), join(folder, name)];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    const { seconds, bytes, peakRssMb } = JSON.parse(stdout) as Told;
    process.stdout.write(
      `${name}: ${rows.toLocaleString('en')} rows in ${seconds.toFixed(0)} s, ` +
        `${Math.round(rows / seconds).toLocaleString('en')} rows/s, ${(bytes / 1e6).toFixed(0)} MB, ` +
        `at most ${peakRssMb.toFixed(0)} MB of memory (${peakRssMb < mostRssMb ? 'below' : 'ABOVE'} ${mostRssMb})\n`,
    );
  } finally {
    await rm(folder, { recursive: true });
    await rm(outdir, { recursive: true });
  }
}

/** Once, however often it is asked for. */
const measured = new Map<string, Promise<void>>();

describe('a FOCUS file', () => {
  for (const name of ['x.csv', 'x.csv.gz', 'x.parquet']) {
    const once = () => {
      const known = measured.get(name) ?? measure(name);
      measured.set(name, known);
      return known;
    };
    bench(name, once, {
      iterations: 1,
      time: 0,
      warmupIterations: 0,
      warmupTime: 0,
    });
  }
});
