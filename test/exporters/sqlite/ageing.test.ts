import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import type { Ledger, LedgerRetention } from '../../../agent/core/store.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Step } from '../../../agent/query/step.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import { dueWithin } from '../../../agent/schedule/due.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

// Sixty hours of seven meters, many times over.
vi.setConfig({ testTimeout: 120_000 });

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const oss = { ModelId: 'openai.gpt-oss-120b-1:0' };
const flex = { ...oss, ServiceTier: 'flex', ResolvedServiceTier: 'flex' };

const hours = 60;
const span = { start: day0, end: day0 + hours * hourMs };
/** Long after everything has settled. */
const readAt = day0 + 4 * dayMs;
const daySeconds = 86_400;
const keep = (minutes: number, hourDays = Infinity, days = Infinity): LedgerRetention => ({
  minuteSeconds: minutes * 60,
  hourSeconds: hourDays * daySeconds,
  daySeconds: days * daySeconds,
});

/** Sixty hours of three models' traffic, no two minutes alike, silent now and then. */
const world: readonly TrueSeries[] = [
  series('in', sol, (m) => (m % 7 === 0 ? 0 : 900 + ((m * 37) % 400))),
  series('read', sol, (m) => (m % 7 === 0 || m % 3 === 0 ? 0 : 100 + ((m * 11) % 200))),
  series('out', sol, (m) => (m % 7 === 0 ? 0 : 20 + ((m * 13) % 90))),
  series('req', sol, (m) => (m % 7 === 0 ? 0 : 1 + (m % 4))),
  series('in', oss, (m) => 50 + ((m * 29) % 60)),
  series('in.tier', flex, (m) => (m * 17) % 50),
  series('out', oss, (m) => (m * 5) % 30),
];

function series(
  rowId: string,
  dimensions: Readonly<Record<string, string>>,
  valueAt: (minute: number) => number,
): TrueSeries {
  return {
    rowId,
    dimensions,
    values: Array.from({ length: hours * 60 }, (_, minute) => valueAt(minute)),
  };
}

interface Read {
  readonly window: Window;
  readonly periodSeconds: number;
  readonly readAt?: Instant;
}
const everything: Read = { window: span, periodSeconds: 60 };

function ledgerOf(reads: readonly Read[], path = ':memory:'): Ledger {
  const ledger = openLedger(path, interpretation, day0);
  const found = { scopes: ['aws'], targets: [targetOf(world)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, day0);
  for (const read of reads) {
    ledger.commit(batchOf(world, read.window, read.periodSeconds, read.readAt ?? readAt));
  }
  return ledger;
}

function ageAll(ledger: Ledger, now: Instant, retention: LedgerRetention): number {
  let deleted = 0;
  for (let steps = 0; ; steps += 1) {
    const step = ledger.age(now, retention);
    deleted += step.deleted;
    if (!step.more) return deleted;
    if (steps > 1_000) throw new Error('ageing never ends');
  }
}

async function answers(ledger: Ledger, stepMs: Step, window: Window = span) {
  const { rows } = await queryUsage(ledger, {
    from: window.start,
    to: window.end,
    stepMs,
    groupBy: ['model', 'tier'],
    filters: new Map(),
    teams: [],
    maxRows: 1_000_000,
  });
  return rows;
}

const anyRead = fc
  .record({
    from: fc.nat(hours * 60 - 1),
    length: fc.integer({ min: 1, max: 20 * 60 }),
    periodSeconds: fc.constantFrom(60, 60, 60, 3_600),
    early: fc.boolean(),
  })
  .map(({ from, length, periodSeconds, early }): Read => {
    const step = periodSeconds / 60;
    const start = Math.floor(from / step) * step;
    const end = Math.min(hours * 60, start + Math.ceil(length / step) * step);
    const window = { start: day0 + start * minuteMs, end: day0 + end * minuteMs };
    return { window, periodSeconds, readAt: early ? window.end : readAt };
  });

test('whatever was read, in whatever order: hours, days and totals stay what they were, to the token', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRead, { minLength: 1, maxLength: 7 }),
      fc.nat(hours),
      async (reads, agedHours) => {
        const ledger = ledgerOf(reads);
        const before = {
          hours: await answers(ledger, hourMs),
          days: await answers(ledger, dayMs),
          total: await answers(ledger, 'total'),
        };
        const now = day0 + agedHours * hourMs + 2 * hourMs;
        ageAll(ledger, now, keep(120));
        expect(await answers(ledger, hourMs)).toEqual(before.hours);
        expect(await answers(ledger, dayMs)).toEqual(before.days);
        expect(await answers(ledger, 'total')).toEqual(before.total);
        expect(ageAll(ledger, now, keep(120)), 'a second time there is nothing to do').toBe(0);
        ledger.close();
      },
    ),
    { numRuns: 20 },
  );
});

test('an aged minute is null, one that is kept still tells, and the cut is the last whole hour', async () => {
  const ledger = ledgerOf([everything]);
  const before = await answers(ledger, minuteMs);
  ageAll(ledger, day0 + 12 * hourMs + 59 * minuteMs, keep(120));
  const cut = new Date(day0 + 10 * hourMs).toISOString();
  const after = await answers(ledger, minuteMs);
  expect(after.filter((row) => row.time >= cut)).toEqual(before.filter((row) => row.time >= cut));
  const aged = after.filter((row) => row.time < cut);
  expect(aged.length).toBeGreaterThan(10 * 60);
  for (const name of ['output_tokens', 'unsplit_input_tokens', 'requests', 'settled'] as const) {
    expect(new Set(aged.map((row) => row[name])), name).toEqual(new Set([null]));
  }
  ledger.close();
});

test('hours that were given up are null, their days stay, and days that were given up are null', async () => {
  const ledger = ledgerOf([everything]);
  const before = await answers(ledger, dayMs);
  ageAll(ledger, day0 + 3 * dayMs + hourMs, keep(120, 2));
  expect(await answers(ledger, dayMs)).toEqual(before);
  const [first, last] = [day0, day0 + dayMs].map((start) => ({ start, end: start + dayMs }));
  const ofFirstDay = await answers(ledger, hourMs, first);
  expect(new Set(ofFirstDay.map((row) => row.output_tokens))).toEqual(new Set([null]));
  const ofNextDay = await answers(ledger, hourMs, last);
  expect(ofNextDay.every((row) => row.output_tokens !== null || row.tier === 'flex')).toBe(true);
  ageAll(ledger, day0 + 3 * dayMs + hourMs, keep(120, 2, 2));
  const days = await answers(ledger, dayMs);
  expect(new Set(days.slice(0, before.length / 3).map((row) => row.output_tokens))).toEqual(
    new Set([null]),
  );
  expect(days.slice(before.length / 3)).toEqual(before.slice(before.length / 3));
  ledger.close();
});

test('what has aged is not due again, at any moment of the hour', () => {
  const target = targetOf(world);
  const ledger = ledgerOf([everything]);
  const settings = {
    overlapSeconds: 1_800,
    backfillSeconds: 30 * daySeconds,
    minuteRetentionSeconds: 12 * 3_600,
    hourRetentionSeconds: 2 * daySeconds,
  };
  const retention = {
    minuteSeconds: 12 * 3_600,
    hourSeconds: 2 * daySeconds,
    daySeconds: Infinity,
  };
  for (let minute = 0; minute <= 120; minute += 1) {
    const now = day0 + 2 * dayMs + 10 * hourMs + minute * minuteMs;
    ageAll(ledger, now, retention);
    const due = dueWithin(target, ledger.coverage(target.id), now, settings, {
      start: day0,
      end: span.end,
    });
    expect(due, `${minute} minutes past`).toEqual([]);
  }
  ledger.close();
});

test('collecting goes on beside ageing, and ends where a ledger that never aged ends', async () => {
  const aged = ledgerOf([]);
  const whole = ledgerOf([]);
  for (let hour = 1; hour <= hours; hour += 1) {
    const end = day0 + hour * hourMs;
    const window = { start: Math.max(day0, end - 90 * minuteMs), end };
    for (const ledger of [aged, whole])
      ledger.commit(batchOf(world, window, 60, end + 15 * minuteMs));
    ageAll(aged, end + 20 * minuteMs, keep(6 * 60));
  }
  expect(await answers(aged, hourMs)).toEqual(await answers(whole, hourMs));
  expect(await answers(aged, dayMs)).toEqual(await answers(whole, dayMs));
  const newest = { start: span.end - 4 * hourMs, end: span.end };
  expect(await answers(aged, minuteMs, newest)).toEqual(await answers(whole, minuteMs, newest));
  aged.close();
  whole.close();
});

test('hour-long readings over an aged span change nothing but what they say anew', async () => {
  const ledger = ledgerOf([everything]);
  const before = await answers(ledger, hourMs);
  ageAll(ledger, day0 + 40 * hourMs, keep(120));
  ledger.commit(batchOf(world, { start: day0, end: day0 + dayMs }, 3_600, readAt));
  expect(await answers(ledger, hourMs)).toEqual(before);
  ledger.commit(batchOf(world, span, 60, readAt));
  expect(await answers(ledger, hourMs), 'minutes read again').toEqual(before);
  ledger.close();
});

test('minutes that come for an hour in part, after it has aged, take nothing away from it', async () => {
  const ledger = ledgerOf([everything]);
  const before = await answers(ledger, hourMs);
  ageAll(ledger, day0 + 40 * hourMs, keep(120));
  const late = { start: day0 + 9.5 * hourMs, end: day0 + 9.75 * hourMs };
  ledger.commit(batchOf(world, late, 60, readAt));
  expect(await answers(ledger, hourMs)).toEqual(before);
  ageAll(ledger, day0 + 40 * hourMs, keep(120));
  expect(await answers(ledger, hourMs), 'and are gone at the next ageing').toEqual(before);
  ledger.close();
});

test('no minute goes before the slowest meter has settled, whatever the retention', async () => {
  const ledger = ledgerOf([everything]);
  const before = await answers(ledger, minuteMs);
  ageAll(ledger, day0 + 69 * minuteMs, keep(0));
  expect(await answers(ledger, minuteMs)).toEqual(before);
  expect(ageAll(ledger, day0 + 130 * minuteMs, keep(0))).toBeGreaterThan(0);
  ledger.close();
});

test('revisions older than 35 days go, the newest stays, and a cursor that kept up sees what it saw', async () => {
  const ledger = ledgerOf([]);
  // More than one step of ageing takes.
  const commits = 5_200;
  const minute = { start: day0, end: day0 + minuteMs };
  let newest = 0;
  for (let n = 1; n <= commits; n += 1) {
    const at = n <= commits - 10 ? readAt + n : readAt + 30 * dayMs + n;
    const other = [series('in', sol, () => n)];
    ({ sequence: newest } = ledger.commit(batchOf(other, minute, 60, at)));
  }
  expect(newest).toBe(commits);
  const kept = await ledger.since(0, 100_000);
  const cut = readAt + 20 * dayMs;
  const expected = kept.filter(({ at }) => at >= cut);
  expect(expected.length).toBe(10);
  ageAll(ledger, cut + 35 * dayMs, keep(Infinity));
  expect(await ledger.since(0, 100_000)).toEqual(expected);
  ageAll(ledger, cut + 400 * dayMs, keep(Infinity));
  expect((await ledger.since(0, 100_000)).map(({ sequence }) => sequence)).toEqual([newest]);
  const { sequence: next } = ledger.commit(batchOf(world, span, 60, cut + 401 * dayMs));
  expect(next).toBeGreaterThan(newest);
  ledger.close();
});
