import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bench, describe } from 'vitest';

/**
 * What it takes to read polls in, from the collector's samples to what is on disk, beside the least that could be done with
 * the same rows. Each side is a process of its own, bundled as the agent is: memory and pauses are those of the work alone.
 */
const runs = 5;
const sides = ['ledger', 'priced', 'series', 'time'] as const;
type Side = (typeof sides)[number];

/** What `ingest-run.ts` prints. */
interface Told {
  readonly spentMs: Readonly<Record<string, number>>;
  readonly series: number;
  readonly rows: number;
  readonly peakRssMb: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

const source = fileURLToPath(new URL('./ingest-run.ts', import.meta.url));
/** Inside the repository, so that the driver is found. */
const bundle = fileURLToPath(new URL('../../node_modules/.cache/ingest-run.mjs', import.meta.url));

async function measure(): Promise<void> {
  await build({
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  const told: Record<Side, Told[]> = { ledger: [], priced: [], series: [], time: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const side of sides) {
      const { stdout } = await promisify(execFile)(process.execPath, [bundle, side]);
      told[side].push(JSON.parse(stdout) as Told);
    }
  }
  await rm(bundle);
  process.stdout.write(`${report(told).join('\n')}\n`);
}

/** By the fastest of the runs: the one that whatever else runs on the machine disturbed least. */
function report(told: Readonly<Record<Side, readonly Told[]>>): readonly string[] {
  const [any] = told.ledger;
  if (any === undefined) return [];
  const fastest = (side: Side, round: string) =>
    Math.min(...told[side].map(({ spentMs }) => spentMs[round] ?? Number.NaN));
  const perSecond = (ms: number) => Math.round((any.rows / ms) * 1_000).toLocaleString('en');
  const lines = Object.keys(any.spentMs).map((round) => {
    const ours = fastest('ledger', round);
    const floors = (['series', 'time'] as const).map((order) => {
      const floor = fastest(order, round);
      return `${(floor / ours).toFixed(2)} of the floor by ${order} (${perSecond(floor)})`;
    });
    const share = (1 - ours / fastest('priced', round)) * 100;
    return `${round}: ${perSecond(ours)} rows/s, ${floors.join(', ')}; rating takes ${share.toFixed(0)} % more of it`;
  });
  const most = (pick: (one: Told) => number) => Math.max(...told.ledger.map(pick)).toFixed(0);
  return [
    `${any.series.toLocaleString('en')} series, ${any.rows.toLocaleString('en')} rows a round`,
    ...lines,
    `peak memory ${most((one) => one.peakRssMb)} MB, event loop delayed by ${most((one) => one.p99Ms)} ms (p99), ` +
      `${most((one) => one.longestMs)} ms at most`,
  ];
}

describe('reading in half an hour', () => {
  bench('samples to disk', measure, { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 });
});
