import type { Readings } from '../../agent/core/reading.ts';
import { dayMs, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import type { Rater } from '../../agent/core/rating.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { Driver } from '../../exporters/sqlite/driver.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { day0, sources } from './ingest-world.ts';
import type { Poll } from './ingest-world.ts';

/** Where polls go. */
export interface Sink {
  /** Returns how many rows it was. */
  take(poll: Poll): number;
  /** After the last poll of a window. */
  end(window: Window): void;
  /** What it took since it was asked before. */
  spent(): Spent;
  close(): void;
}

/** What work took: of the clock, and of the processor, all threads of the process together. */
export interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** @param rater without it nothing has a price, and no cost is written */
export function openOurs(path: string, rater: Rater | undefined): Sink {
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
  const { timed, spent } = createWatch();
  return {
    take: ({ request, samples }) =>
      timed(() => {
        const normalized = normalize(request, samples);
        ledger.commit({ ...request, ...normalized, readAt: day0 + dayMs });
        return normalized.readings.reduce((sum, { starts }) => sum + starts.length, 0);
      }),
    end: () => undefined,
    spent,
    close: () => ledger.close(),
  };
}

const statistics = ['sum', 'count', 'min', 'max', 'avg', 'p90'] as const;

/** The same rows, settings and transactions, and nothing but the upserts timed. */
export function openRaw(path: string, order: 'series' | 'time'): Sink {
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

  const { timed, spent } = createWatch();
  let held: (readonly [number, Readings])[] = [];
  return {
    take({ request, samples }) {
      const numbered = normalize(request, samples).readings.map(
        (readings) => [idOf(readings), readings] as const,
      );
      if (order === 'series') timed(() => bySeries(numbered));
      else held = [...held, ...numbered];
      return numbered.reduce((count, [, { starts }]) => count + starts.length, 0);
    },
    end({ start, end }) {
      const minutes = held.length === 0 ? 0 : (end - start) / minuteMs;
      for (let i = 0; i < minutes; i += 1) timed(() => ofMinute(held, i));
      held = [];
    },
    spent,
    close: () => void db.close(),
  };
}

interface Watch {
  readonly timed: <T>(work: () => T) => T;
  readonly spent: () => Spent;
}

/** Adds up what pieces of work take. */
function createWatch(): Watch {
  let wallMs = 0;
  let cpuMs = 0;
  return {
    timed<T>(work: () => T): T {
      const from = performance.now();
      const used = process.cpuUsage();
      const made = work();
      const { user, system } = process.cpuUsage(used);
      wallMs += performance.now() - from;
      cpuMs += (user + system) / 1_000;
      return made;
    },
    spent(): Spent {
      const told = { wallMs, cpuMs };
      wallMs = 0;
      cpuMs = 0;
      return told;
    },
  };
}
