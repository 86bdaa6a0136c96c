import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bench, describe } from 'vitest';
import type { Spent } from './ingest-sinks.ts';

/**
 * What it takes to read polls in, from the collector's samples to what is on disk, beside the least that could be done with
 * the same rows. Each run is a process of its own, bundled as the agent is: memory and pauses are those of the work alone.
 *
 * Rating is what a ledger with prices takes more than one without, which writes no costs: cards, arithmetic and the four
 * columns. Both take every poll in turns in one process, and the median of the runs counts, for two processes one after the
 * other differ by more than rating takes.
 */
const runs = 5;
const processes = {
  ledger: ['ledger'],
  priced: ['priced'],
  series: ['series'],
  time: ['time'],
  turns: ['ledger', 'priced'],
} as const;
type Process = keyof typeof processes;

/** What `ingest-run.ts` prints. */
interface Told {
  /** By round, then in the order of the sides. */
  readonly spent: Readonly<Record<string, readonly Spent[]>>;
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
  const told: Record<Process, Told[]> = { ledger: [], priced: [], series: [], time: [], turns: [] };
  for (let run = 0; run < runs; run += 1) {
    for (const [name, sides] of Object.entries(processes)) {
      const { stdout } = await promisify(execFile)(process.execPath, [bundle, ...sides]);
      told[name as Process].push(JSON.parse(stdout) as Told);
    }
  }
  await rm(bundle);
  process.stdout.write(`${report(told).join('\n')}\n`);
}

/**
 * Of the clock, which is what a user waits for, and of the processor's time, all threads of the process together, which says more
 * on a busy machine. Each by the fastest of the runs: the one that whatever else runs on the machine disturbed least.
 */
function report(told: Readonly<Record<Process, readonly Told[]>>): readonly string[] {
  const [any] = told.ledger;
  if (any === undefined) return [];
  const fastest = (name: Process, round: string, by: keyof Spent) =>
    Math.min(...told[name].map(({ spent }) => spent[round]?.[0]?.[by] ?? Number.NaN));
  const perSecond = (ms: number) => Math.round((any.rows / ms) * 1_000).toLocaleString('en');
  const ratiosOf = (round: string, by: keyof Spent) => {
    const [ours, priced] = [fastest('ledger', round, by), fastest('priced', round, by)];
    const floors = (['series', 'time'] as const).map((order) => {
      const floor = fastest(order, round, by);
      const ratios = `${(floor / ours).toFixed(2)} and with prices ${(floor / priced).toFixed(2)}`;
      return `${ratios} of the floor by ${order} (${perSecond(floor)})`;
    });
    return `${perSecond(ours)} rows/s, ${floors.join(', ')}`;
  };
  const lines = Object.keys(any.spent).flatMap((round) => {
    const share = median(told.turns.map(({ spent }) => ratingShare(spent[round]))) * 100;
    return [
      `${round}, by the clock: ${ratiosOf(round, 'wallMs')}`,
      `${round}, by CPU time: ${ratiosOf(round, 'cpuMs')}; rating is ${share.toFixed(0)} % of it`,
    ];
  });
  const agents = [...told.ledger, ...told.priced];
  const most = (pick: (one: Told) => number) => Math.max(...agents.map(pick)).toFixed(0);
  return [
    `${any.series.toLocaleString('en')} series, ${any.rows.toLocaleString('en')} rows a round`,
    ...lines,
    `peak memory ${most((one) => one.peakRssMb)} MB, event loop delayed by ${most((one) => one.p99Ms)} ms (p99), ` +
      `${most((one) => one.longestMs)} ms at most`,
  ];
}

function ratingShare(spent: readonly Spent[] | undefined): number {
  const [without, priced] = spent ?? [];
  return without === undefined || priced === undefined
    ? Number.NaN
    : 1 - without.cpuMs / priced.cpuMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

describe('reading in half an hour', () => {
  bench('samples to disk', measure, { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 });
});
