import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Readings } from '../../agent/core/reading.ts';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { canonicalOf } from '../../agent/normalize/canonical-of.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { defaultPrices } from '../../agent/pricing/genai/default-prices.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { Driver } from '../../exporters/sqlite/driver.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { day0, polls, seriesCount, sources } from './ingest-world.ts';

/**
 * One side of the ingest benchmark, a process of its own: reads rounds of polls into an empty file and prints what each
 * took. `ledger`, `priced` with the default prices, or a bare table: by `series`, each poll's rows as it delivers them, or by `time`, minute by minute.
 */
const side = process.argv[2] ?? 'ledger';
// As the agent does.
setFlagsFromString('--optimize-for-size');

const first = { start: day0 + 12 * hourMs, end: day0 + 12.5 * hourMs };
const overlap = { start: first.start + 5 * minuteMs, end: first.end + 5 * minuteMs };
const next = { start: overlap.end, end: overlap.end + 30 * minuteMs };
const rounds: readonly (readonly [name: string, window: Window])[] = [
  ['the first half hour', first],
  ['the same again', first],
  ['five new minutes of thirty', overlap],
  ['the next half hour', next],
];

const statistics = ['sum', 'count', 'min', 'max', 'avg', 'p90'] as const;

interface Sink {
  /** @param most polls; all of the round unless given */
  round(
    window: Window,
    most?: number,
  ): Promise<{ readonly spentMs: number; readonly rows: number }>;
  close(): void;
}

const rater = side === 'priced' ? createRater(await defaultPrices(canonicalOf), []) : undefined;
const open = (path: string) =>
  side === 'ledger' || side === 'priced' ? openOurs(path) : openRaw(path, side);
const folder = mkdtempSync(join(tmpdir(), 'crossbill-ingest-'));
// An agent has run for a while: so has the code, into another file.
const other = open(join(folder, 'other.db'));
await other.round({ start: day0, end: day0 + 30 * minuteMs }, 10);
other.close();
const sink = open(join(folder, 'measured.db'));
const delay = monitorEventLoopDelay({ resolution: 1 });
const took: Record<string, number> = {};
let rows = 0;
delay.enable();
for (const [name, window] of rounds) {
  const done = await sink.round(window);
  took[name] = done.spentMs;
  rows = done.rows;
}
delay.disable();
sink.close();
rmSync(folder, { recursive: true });
const told = {
  spentMs: took,
  series: seriesCount,
  rows,
  peakRssMb: peakRssMb(),
  p99Ms: delay.percentile(99) / 1e6,
  longestMs: delay.max / 1e6,
};
process.stdout.write(`${JSON.stringify(told)}\n`);

function openOurs(path: string): Sink {
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(path, interpretation, day0);
  if (rater !== undefined) ledger.rateWith(rater, day0);
  for (const source of ['aws', 'azure']) {
    const targets = sources.map(({ target }) => target).filter((one) => one.source === source);
    const discovery = { scopes: [source], targets, inventory: [], failures: [] };
    ledger.recordDiscovery(source, discovery, day0);
  }
  return {
    async round(window, most) {
      let spentMs = 0;
      let count = 0;
      for (const { request, samples } of polls(window, most)) {
        await setImmediate();
        const from = performance.now();
        const normalized = normalize(request, samples);
        ledger.commit({ ...request, ...normalized, readAt: day0 + dayMs });
        spentMs += performance.now() - from;
        count += normalized.readings.reduce((sum, { starts }) => sum + starts.length, 0);
        await setImmediate();
      }
      return { spentMs, rows: count };
    },
    close: () => ledger.close(),
  };
}

/** The same rows, settings and transactions, and nothing but the upserts timed. */
function openRaw(path: string, order: string): Sink {
  const db = new Driver(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -16384');
  db.exec(
    `CREATE TABLE point (series INTEGER NOT NULL, ts INTEGER NOT NULL,
       ${statistics.map((name) => `${name} REAL`).join(', ')}, PRIMARY KEY (series, ts)) WITHOUT ROWID`,
  );
  const upsertOf = (columns: readonly string[]) =>
    db.prepare(
      `INSERT INTO point (series, ts, ${columns.join(', ')}) VALUES (?, ?${', ?'.repeat(columns.length)})
       ON CONFLICT (series, ts) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    );
  const sum = upsertOf(['sum']);
  const all = upsertOf(statistics);
  const ids = new Map<string, number>();
  const idOf = ({ series }: Readings) => {
    const name = JSON.stringify([series.key]);
    const id = ids.get(name) ?? ids.size;
    ids.set(name, id);
    return id;
  };

  function put(id: number, { starts, columns }: Readings, i: number): void {
    const ts = (starts[i] ?? 0) / minuteMs;
    if (Object.keys(columns).length === 1) sum.run(id, ts, columns.sum?.[i] ?? null);
    else
      all.run(
        id,
        ts,
        columns.sum?.[i] ?? null,
        columns.count?.[i] ?? null,
        columns.min?.[i] ?? null,
        columns.max?.[i] ?? null,
        columns.avg?.[i] ?? null,
        columns.p90?.[i] ?? null,
      );
  }

  const bySeries = db.transaction((some: readonly (readonly [number, Readings])[]) => {
    for (const [id, readings] of some) {
      for (let i = 0; i < readings.starts.length; i += 1) put(id, readings, i);
    }
  });
  const ofMinute = db.transaction((some: readonly (readonly [number, Readings])[], i: number) => {
    for (const [id, readings] of some) put(id, readings, i);
  });

  return {
    async round(window, most) {
      let spentMs = 0;
      let count = 0;
      let held: (readonly [number, Readings])[] = [];
      const timed = (work: () => void) => {
        const from = performance.now();
        work();
        spentMs += performance.now() - from;
      };
      for (const { request, samples } of polls(window, most)) {
        const numbered = normalize(request, samples).readings.map(
          (readings) => [idOf(readings), readings] as const,
        );
        count += numbered.reduce((sumOf, [, { starts }]) => sumOf + starts.length, 0);
        if (order === 'series') timed(() => bySeries(numbered));
        else held = [...held, ...numbered];
        await setImmediate();
      }
      const minutes = held.length === 0 ? 0 : (window.end - window.start) / minuteMs;
      for (let i = 0; i < minutes; i += 1) timed(() => ofMinute(held, i));
      return { spentMs, rows: count };
    },
    close: () => void db.close(),
  };
}

/** Of this process alone: what the system calls its maximum counts the parent's pages too, from before the start. */
function peakRssMb(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
  } catch {
    return process.resourceUsage().maxRSS / 1_024;
  }
}
