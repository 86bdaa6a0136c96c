import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sample, Target } from '../../../agent/core/collector.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import type { CommitResult, Ledger, UsageBatch } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { dumpLedger } from '../../support/ledger-dump.ts';
import { day0, rows, targetOf, unitOf } from '../../support/ledger-world.ts';

/**
 * A commit derives only the minutes that changed, from what it has in hand. Whatever it is told, that must end where
 * deriving everything anew from the file ends.
 */
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const hours = 3;
const minutes = hours * 60;
const later = day0 + 2 * dayMs;

const latencyRow: CatalogRow = {
  ...(rows[0] as CatalogRow),
  id: 'latency',
  metricNames: ['InvocationLatency'],
  statistics: ['Sum', 'SampleCount', 'Maximum'],
  measure: { kind: 'latency', phase: 'request' },
  contract: 'plain',
};
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const flex = { ...sol, ServiceTier: 'flex', ResolvedServiceTier: 'flex' };
const meters = ['in', 'out', 'read', 'write', 'req', 'in.tier'] as const;
const units = [
  ...meters.map((rowId) =>
    unitOf({ rowId, dimensions: rowId === 'in.tier' ? flex : sol, values: [] }),
  ),
  { key: 'latency', rowId: 'latency', metric: 'InvocationLatency', dimensions: sol },
];
const target: Target = { ...targetOf([]), rows: [...rows, latencyRow], units };

/** What the cloud says from some moment on; undefined is silence, 0 is a zero that is said. */
type Told = readonly (number | undefined)[];

interface Read {
  readonly window: Window;
  readonly periodSeconds: 60 | 3_600;
  /** By unit. */
  readonly told: readonly Told[];
}

function samplesOf({ window, periodSeconds, told }: Read, listed: number): readonly Sample[] {
  return units.slice(0, listed).flatMap((unit, index) => {
    const values = told[index] ?? [];
    const row = target.rows.find(({ id }) => id === unit.rowId);
    return (row?.statistics ?? []).map((statistic, nth): Sample => {
      const points: [number, number][] = [];
      for (let start = window.start; start < window.end; start += periodSeconds * 1_000) {
        const first = (start - day0) / minuteMs;
        const said = values
          .slice(first, first + periodSeconds / 60)
          .filter((one) => one !== undefined);
        const sum = said.reduce<number>((total, one) => total + one, 0);
        if (said.length > 0) points.push([start, sum + nth]);
      }
      return {
        unitKey: unit.key,
        rowId: unit.rowId,
        metric: unit.metric,
        dimensions: unit.dimensions,
        statistic,
        starts: points.map(([start]) => start),
        values: points.map(([, value]) => value),
      };
    });
  });
}

function batchOf(read: Read, listed = units.length): UsageBatch {
  const { window, periodSeconds } = read;
  const request = { target, units: units.slice(0, listed), window, periodSeconds };
  return { ...request, ...normalize(request, samplesOf(read, listed)), readAt: later };
}

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-changed-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(version: string, file = path): Ledger {
  const ledger = openLedger(file, { ...interpretation, contractVersion: version }, day0);
  const found = { scopes: ['aws'], targets: [target], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, day0);
  return ledger;
}

async function contents(ledger: Ledger, file: string) {
  const identities = await ledger.identities();
  const query = {
    grain: 'hour' as const,
    identityIds: identities.map((one) => one.id),
    window: { start: day0, end: day0 + dayMs },
    bucketMs: hourMs,
  };
  const latency = await ledger.latency(query);
  ledger.close();
  return { ...dumpLedger(file), latency };
}

const anyTold = fc.array(
  fc.array(fc.option(fc.nat({ max: 400 }), { nil: undefined }), {
    minLength: minutes,
    maxLength: minutes,
  }),
  { minLength: units.length, maxLength: units.length },
);
/** What changes from one read to the next: a few minutes of a few units. */
const anyRestated = fc.array(
  fc.record({
    unit: fc.nat(units.length - 1),
    minute: fc.nat(minutes - 1),
    value: fc.option(fc.constantFrom(0, 0, 7, 350), { nil: undefined }),
  }),
  { maxLength: 12 },
);
const anyWindow = fc
  .record({
    from: fc.nat(minutes - 1),
    length: fc.integer({ min: 1, max: 90 }),
    periodSeconds: fc.constantFrom<60 | 3_600>(60, 60, 60, 3_600),
  })
  .map(({ from, length, periodSeconds }) => {
    const step = periodSeconds / 60;
    const start = Math.floor(from / step) * step;
    const end = Math.min(minutes, start + Math.ceil(length / step) * step);
    return {
      window: { start: day0 + start * minuteMs, end: day0 + end * minuteMs },
      periodSeconds,
    };
  });

test('whatever is read, restated, corrected to zero, missed or new ends where a new derivation ends', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      anyTold,
      fc.array(
        fc.record({
          read: anyWindow,
          restated: anyRestated,
          listed: fc.integer({ min: 2, max: units.length }),
          twice: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (first, steps) => {
        const file = join(folder, `${(run += 1)}.db`);
        const ledger = open('one', file);
        const again: CommitResult[] = [];
        let told: readonly Told[] = first;
        for (const { read, restated, listed, twice } of steps) {
          for (const { unit, minute, value } of restated) {
            told = told.map((one, index) => (index === unit ? one.with(minute, value) : one));
          }
          const batch = batchOf({ ...read, told }, listed);
          ledger.commit(batch);
          if (twice) again.push(ledger.commit(batch));
        }
        const said = again.filter((one) => one.readingsChanged + one.vanished > 0);
        expect(said, 'the same a second time').toEqual([]);
        const before = await contents(ledger, file);
        expect(await contents(open('two', file), file)).toEqual(before);
      },
    ),
    { numRuns: 60 },
  );
});

const hour = { start: day0, end: day0 + hourMs };
const busy = units.map((_, index): Told => Array<number>(minutes).fill(100 - index));

/** What a second read of the same hour changes, beside how the first one told it. */
const cases: readonly (readonly [
  sentence: string,
  change: (told: readonly Told[]) => readonly Told[],
  expected: { readonly readingsChanged: number; readonly usageChanged: number },
  span: readonly [number, number] | undefined,
])[] = [
  [
    'a value restated in the middle of a window is derived alone',
    (told) => told.with(1, (told[1] as Told).with(30, 5)),
    { readingsChanged: 1, usageChanged: 1 },
    [30, 31],
  ],
  [
    'two values restated far apart are one span, and only their minutes change',
    (told) => told.with(1, (told[1] as Told).with(10, 5).with(50, 5)),
    { readingsChanged: 2, usageChanged: 2 },
    [10, 51],
  ],
  [
    'a zero that corrects a point is kept, and what was derived of it goes',
    (told) => told.with(1, (told[1] as Told).with(20, 0)),
    { readingsChanged: 1, usageChanged: 1 },
    [20, 21],
  ],
  [
    'a point that is not told any more keeps its value and derives nothing',
    (told) => told.with(1, (told[1] as Told).with(20, undefined)),
    { readingsChanged: 0, usageChanged: 0 },
    undefined,
  ],
  [
    'a part of the tier restated is taken out of its total anew',
    (told) => told.with(5, (told[5] as Told).with(40, 3)),
    { readingsChanged: 1, usageChanged: 2 },
    [40, 41],
  ],
];

test.each(cases)('%s', async (_sentence, change, expected, span) => {
  const ledger = open('one');
  const read = { window: hour, periodSeconds: 60 } as const;
  ledger.commit(batchOf({ ...read, told: busy }));
  const cursor = (await ledger.since(0, 100)).at(-1)?.sequence ?? 0;
  expect(ledger.commit(batchOf({ ...read, told: change(busy) }))).toMatchObject(expected);
  const revisions = await ledger.since(cursor, 100);
  expect(revisions.map(({ window }) => [window.start, window.end])).toEqual(
    span === undefined ? [] : [span.map((minute) => day0 + minute * minuteMs)],
  );
  ledger.close();
});

test('a series that moves to another unit is compared with what was read under the first', async () => {
  const ledger = open('one');
  const read = { window: hour, periodSeconds: 60, told: busy } as const;
  ledger.commit(batchOf(read));
  const renamed = units.map((unit) => ({ ...unit, key: `new ${unit.key}` }));
  const moved = { ...target, units: renamed };
  const found = { scopes: ['aws'], targets: [moved], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, later);
  const request = { target: moved, units: renamed, window: hour, periodSeconds: 60 };
  const samples = samplesOf({ ...read, told: busy.with(1, (busy[1] as Told).with(30, 0)) }, 7);
  const told = samples.map((one) => ({ ...one, unitKey: `new ${one.unitKey}` }));
  const again = ledger.commit({ ...request, ...normalize(request, told), readAt: later });
  expect(again).toMatchObject({ readingsChanged: 1, usageChanged: 1 });
  ledger.close();
});

/** Reads in turn; the last one is what the ledger had to be derived anew for, and was not. */
const late: readonly (readonly [sentence: string, reads: readonly (readonly [Read, number])[]])[] =
  [
    [
      'a part that comes to light in silence leaves the zeros of its total as they were',
      (() => {
        const told = units.map((_, index): Told => {
          const nothing: Told = Array<undefined>(minutes).fill(undefined);
          if (index === 0) return nothing.with(176, 0);
          return units[index]?.rowId === 'req' ? nothing.with(176, 1) : nothing;
        });
        const first = { start: day0, end: day0 + minuteMs };
        const last = { start: day0 + 176 * minuteMs, end: day0 + 177 * minuteMs };
        const said = told.with(0, (told[0] as Told).with(176, 5));
        return [
          [{ window: last, periodSeconds: 60, told: said }, 5],
          [{ window: last, periodSeconds: 60, told }, 5],
          [{ window: first, periodSeconds: 60, told }, units.length],
        ];
      })(),
    ],
    [
      'a series that comes to light has a say in which grain the hours before it are made of',
      (() => {
        const nothing: Told = Array<undefined>(minutes).fill(undefined);
        const told = units.map((_, index): Told => (index === 0 ? nothing.with(120, 7) : nothing));
        const third = { start: day0 + 2 * hourMs, end: day0 + 3 * hourMs };
        return [
          [{ window: third, periodSeconds: 3_600, told }, 4],
          [{ window: third, periodSeconds: 60, told }, 4],
          [{ window: hour, periodSeconds: 60, told }, 5],
        ];
      })(),
    ],
  ];

test.each(late)('%s', async (_sentence, reads) => {
  const ledger = open('one');
  for (const [read, listed] of reads) ledger.commit(batchOf(read, listed));
  const before = await contents(ledger, path);
  expect(await contents(open('two'), path)).toEqual(before);
});
