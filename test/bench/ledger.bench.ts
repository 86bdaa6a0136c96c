import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, describe } from 'vitest';
import type { UsageBatch } from '../../agent/core/store.ts';
import { dayMs, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { Driver } from '../../exporters/sqlite/driver.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../support/ledger-world.ts';
import type { TrueSeries } from '../support/ledger-world.ts';

/**
 * What a commit costs beside the cheapest thing that could be done with the same points: an upsert of each into a bare
 * table, in one transaction of a file under the same settings. Opening files is not timed.
 */
const models = 12;
const meters = ['in', 'out', 'read', 'write', 'req'];
const days = 3;
const readAt = day0 + days * dayMs;
const day = { start: day0, end: day0 + dayMs };

/** 60 series without a silent minute, so that every row is written. */
const world: readonly TrueSeries[] = Array.from({ length: models }, (_, model) =>
  meters.map((rowId, meter) => ({
    rowId,
    dimensions: { ModelId: `us.openai.gpt-5.${model}-sol` },
    values: Array.from({ length: days * 1_440 }, (_unused, minute) => {
      const mixed = Math.imul(model * 7_919 + meter * 104_729 + minute, 2_654_435_761);
      // Input holds what was read and written of the cache.
      return 1 + ((mixed >>> 8) % 90_000) + (rowId === 'in' ? 200_000 : 0);
    }),
  })),
).flat();

const wholeDay = batch(day);
/** The window of each poll: 25 minutes read before, 5 new ones. */
const polls = Array.from({ length: 300 }, (_, n) => {
  const end = day.end + (n + 1) * 5 * minuteMs;
  return batch({ start: end - 30 * minuteMs, end });
});

function batch(window: Window): UsageBatch {
  return batchOf(world, window, 60, readAt);
}

/** Where batches go. */
interface Sink {
  take(one: UsageBatch): void;
  close(): void;
}

function openRaw(path: string): Sink {
  const db = new Driver(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -16384');
  db.exec(
    'CREATE TABLE point (series INTEGER, ts INTEGER, value REAL, PRIMARY KEY (series, ts)) WITHOUT ROWID',
  );
  const upsert = db.prepare(
    'INSERT INTO point VALUES (?, ?, ?) ON CONFLICT (series, ts) DO UPDATE SET value = excluded.value',
  );
  return {
    take: db.transaction((one: UsageBatch) => {
      for (const [series, { starts, columns }] of one.readings.entries()) {
        for (const [i, start] of starts.entries()) {
          upsert.run(series, start / minuteMs, columns.sum?.[i] ?? null);
        }
      }
    }),
    close: () => void db.close(),
  };
}

function openOurs(path: string): Sink {
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(path, interpretation, day0);
  const targets = [targetOf(world)];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  return { take: (one) => void ledger.commit(one), close: () => ledger.close() };
}

const sinks = { 'raw upserts': openRaw, 'ledger.commit': openOurs };

interface Case {
  readonly iterations: number;
  /** What the file holds already. */
  readonly before: readonly UsageBatch[];
  /** A file of its own for each iteration, or one for all of them. */
  readonly fresh: boolean;
  readonly next: (iteration: number) => UsageBatch;
}

/**
 * Both sinks, the floor first. Prints rows a second of either and what a row costs in raw ones, by the fastest of the
 * iterations: the one that whatever else runs on the machine disturbed least.
 */
function compare(title: string, { iterations, before, fresh, next }: Case): void {
  const rows = next(0).readings.reduce((sum, { starts }) => sum + starts.length, 0);
  let floor = 0;
  describe(`${title}, ${rows} rows`, () => {
    for (const [name, open] of Object.entries(sinks)) {
      let folder = '';
      let files: readonly Sink[] = [];
      let spentMs: number[] = [];
      bench(
        name,
        () => {
          const iteration = spentMs.length;
          const file = files[fresh ? iteration : 0];
          if (file === undefined) throw new Error(`no file for iteration ${iteration}`);
          const one = next(iteration);
          const from = performance.now();
          file.take(one);
          spentMs.push(performance.now() - from);
        },
        {
          iterations,
          time: 0,
          warmupIterations: fresh ? 2 : iterations,
          warmupTime: 0,
          setup() {
            folder = mkdtempSync(join(tmpdir(), 'crossbill-bench-'));
            spentMs = [];
            // One more than asked for: the runner's first call only looks whether the work is asynchronous.
            files = Array.from({ length: fresh ? iterations + 1 : 1 }, (_, n) => {
              const file = open(join(folder, `${n}.db`));
              for (const one of before) file.take(one);
              return file;
            });
          },
          teardown(_task, mode) {
            for (const file of files) file.close();
            rmSync(folder, { recursive: true });
            if (mode === 'warmup') return;
            const fastestMs = Math.min(...spentMs);
            floor ||= fastestMs;
            const perSecond = Math.round((rows / fastestMs) * 1_000).toLocaleString('en');
            const ratio = (fastestMs / floor).toFixed(2);
            process.stdout.write(`${title}: ${name} ${perSecond} rows/s, ${ratio} of the floor\n`);
          },
        },
      );
    }
  });
}

compare('a day into an empty file', {
  iterations: 20,
  before: [],
  fresh: true,
  next: () => wholeDay,
});
compare('the same day again', {
  iterations: 20,
  before: [wholeDay],
  fresh: false,
  next: () => wholeDay,
});
compare('half an hour, five minutes of it new', {
  iterations: 250,
  before: [wholeDay],
  fresh: false,
  next: (iteration) => polls[iteration] ?? wholeDay,
});
