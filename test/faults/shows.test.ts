import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ledger } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { hourMs, isoUtc, minuteMs } from '../../agent/core/time.ts';
import type { SourceRow } from '../../agent/query/sources.ts';
import { createFaultScript } from '../../collectors/emulator/faults/create.ts';
import { openDatabase } from '../../exporters/sqlite/database.ts';
import { ledgerOver } from '../../exporters/sqlite/ledger.ts';
import { apiWorld } from '../support/api-world.ts';
import { integrityOf } from '../support/ledger-dump.ts';
import { figureColumns } from '../support/figures.ts';
import { interpretation } from './interpretation.ts';
import { everySeconds, runWorld } from './running-world.ts';
import type { RunningWorld } from './running-world.ts';

/** A whole agent in trouble, on both clouds: what it says meanwhile, and that nothing is lost or doubled afterwards. */
vi.setConfig({ testTimeout: 180_000 });

const clouds = ['aws', 'azure'] as const;
const noon = Date.UTC(2026, 10, 18, 12);
/** Ten seconds past noon. */
const start = noon + 10_000;
/** Within what a first start fills. */
const early = noon - 20 * hourMs;

type Row = Readonly<Record<string, string | number | null>>;

/** The API over the agent's ledger, as anybody reads it. */
function apiOf({ ledger, clock }: RunningWorld) {
  const { api } = apiWorld({ reader: ledger, status: ledger, clock, everySeconds });
  const get = async <T>(path: string): Promise<readonly T[]> => {
    const response = await api.request(`http://127.0.0.1${path}`, {
      headers: { host: '127.0.0.1' },
    });
    expect(response.status, path).toBe(200);
    return (await response.json()) as readonly T[];
  };
  return {
    sources: () => get<SourceRow>('/api/v1/sources'),
    /** By the minute. */
    usage: (span: Window) =>
      get<Row>(
        `/api/v1/usage?from=${isoUtc(span.start)}&to=${isoUtc(span.end)}&step=1m&group_by=region,endpoint`,
      ),
  };
}

function distinctFigures(rows: readonly Row[]): readonly unknown[] {
  return [...new Set(rows.flatMap((row) => figureColumns.map((column) => row[column])))];
}

const failing = (rows: readonly SourceRow[]) => rows.filter((row) => row.state === 'failing');
const reading = (rows: readonly SourceRow[]) => rows.filter((row) => row.watermark !== null);

test.each(clouds)(
  'while %s cannot be reached in one place, the API names it with what to do, its minutes are unknown, and the others go on',
  async (cloud) => {
    const faults = (now: () => Instant) =>
      createFaultScript('reset', {
        cloud,
        now,
        from: noon + hourMs,
        to: noon + 2 * hourMs,
        match: ({ account, region }) =>
          region === 'eastus' || (account === '111122223333' && region === 'us-east-1'),
      });
    const world = await runWorld({ cloud, start, faults });
    await world.clock.advance(hourMs + 50 * minuteMs);
    const api = apiOf(world);
    const rows = await api.sources();
    const place = cloud === 'aws' ? 'us-east-1' : 'eastus';
    const blind = { start: noon + hourMs + 5 * minuteMs, end: noon + hourMs + 32 * minuteMs };
    const [failed, ...further] = failing(reading(rows));
    expect(further).toEqual([]);
    expect(failed).toMatchObject({ region: place, reason: 'unreachable' });
    expect(failed?.hint).toMatch(/\w{3,} \w+/);
    expect(failed?.operation).toMatch(/GetMetricData|metrics\/read/);
    const others = reading(rows).filter((row) => row !== failed);
    expect(others.length).toBe(2);
    for (const row of others) expect(Date.parse(row.watermark ?? '')).toBeGreaterThan(blind.end);
    const usage = await api.usage(blind);
    const isBlind = (row: Row) => row['region'] === place && row['endpoint'] !== 'mantle';
    expect(distinctFigures(usage.filter(isBlind))).toEqual([null]);
    const seen = usage.filter((row) => !isBlind(row)).map((row) => row['requests']);
    expect(seen.length).toBeGreaterThan(50);
    expect(seen).not.toContain(null);

    await world.clock.advance(hourMs);
    expect(failing(await api.sources())).toEqual([]);
    expect(await world.untrue({ start: early, end: noon + 2.5 * hourMs })).toEqual([]);
    await world.close();
  },
);

/** A ledger file whose disk is full from the middle of its fourth commit on. */
function ledgerOnSmallDisk(path: string) {
  const db = openDatabase(path, 'write');
  const ledger = ledgerOver(db, path, interpretation, start, { release: () => undefined });
  const setPages = (count: number) => void db.pragma(`max_page_count = ${count}`);
  let commits = 0;
  return {
    ledger: {
      ...ledger,
      commit(batch: Parameters<Ledger['commit']>[0]) {
        commits += 1;
        // No page more than the file has now; SQLite then says what it says of a full disk.
        if (commits === 4) setPages(Number(db.pragma('page_count', { simple: true })));
        return ledger.commit(batch);
      },
    },
    empty: () => setPages(1_000_000),
  };
}

test.each(clouds)(
  'a disk that is full in the middle of what %s answers is told with what to do; nothing is lost, nothing doubled',
  async (cloud) => {
    const folder = mkdtempSync(join(tmpdir(), 'crossbill-shows-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'ledger.db');
    const disk = ledgerOnSmallDisk(path);
    const openLedger = () => disk.ledger;
    const world = await runWorld({ cloud, start, settled: true, openLedger });
    await world.clock.advance(40 * minuteMs);
    const api = apiOf(world);
    const full = failing(await api.sources());
    expect(full.length).toBeGreaterThan(0);
    for (const row of full) {
      expect(row).toMatchObject({ reason: 'unreachable', operation: 'ledger:write' });
      expect(row.message).toContain('full');
      expect(row.hint).toContain('Free space');
    }
    const meanwhile = await world.amiss({ start: early, end: noon + 30 * minuteMs }, '1m');
    expect(meanwhile.length).toBeGreaterThan(1_000);
    expect(meanwhile.filter((line) => !/ledger (null|undefined)$/.test(line))).toEqual([]);

    disk.empty();
    await world.clock.advance(2 * hourMs);
    expect(failing(await api.sources())).toEqual([]);
    expect(await world.untrue({ start: early, end: noon + 2 * hourMs })).toEqual([]);
    await world.close();
    expect(integrityOf(path)).toEqual([]);
  },
);

/** None is read later than its cadence says, whatever the clock did. */
async function expectPolled(world: RunningWorld): Promise<void> {
  const now = world.clock.now();
  const rows = reading(await world.sources());
  expect(rows.length).toBe(3);
  for (const { target, next_poll: nextPoll } of rows) {
    expect(Date.parse(nextPoll ?? ''), target).toBeLessThanOrEqual(now + everySeconds * 1_000);
  }
}

test.each(clouds)(
  'a clock that is set back two hours while %s is read, and right again later, loses nothing and doubles nothing',
  async (cloud) => {
    const world = await runWorld({ cloud, start });
    await world.clock.advance(hourMs);
    world.setClock(-2 * hourMs);
    await world.clock.advance(20 * minuteMs);
    await expectPolled(world);
    await world.clock.advance(3 * hourMs);
    world.setClock(2 * hourMs);
    await world.clock.advance(hourMs);
    await expectPolled(world);
    expect(world.cloudAheadMs).toBe(0);
    expect(failing(await world.sources())).toEqual([]);
    expect(await world.untrue({ start: early, end: noon + 5 * hourMs })).toEqual([]);
    await world.close();
  },
);

test.each(clouds)(
  'a clock that was two hours ahead of that of %s and is set back leaves no invented zero behind the next re-read',
  async (cloud) => {
    const world = await runWorld({ cloud, start: start + 2 * hourMs, cloudAheadMs: -2 * hourMs });
    await world.clock.advance(3 * hourMs);
    world.setClock(-2 * hourMs);
    await world.clock.advance(20 * minuteMs);
    await expectPolled(world);
    await world.clock.advance(9 * hourMs);
    expect(failing(await world.sources())).toEqual([]);
    expect(await world.untrue({ start: early + 2 * hourMs, end: noon + 12 * hourMs })).toEqual([]);
    await world.close();
  },
);

async function expectWholeDay(world: RunningWorld): Promise<void> {
  await world.clock.advance(hourMs);
  await expectPolled(world);
  expect(failing(await world.sources())).toEqual([]);
  expect(await world.untrue({ start: early, end: noon + 25.5 * hourMs })).toEqual([]);
  await world.close();
}

test.each(clouds)(
  'an agent of %s that slept for a day, its timers with it, does not know the day at first and then has it',
  async (cloud) => {
    const world = await runWorld({ cloud, start });
    await world.clock.advance(hourMs);
    world.clock.shift(24 * hourMs);
    const slept = { start: noon + 2 * hourMs, end: noon + 4 * hourMs };
    expect(distinctFigures(await apiOf(world).usage(slept))).toEqual([null]);
    await expectWholeDay(world);
  },
);

test.each(clouds)(
  'an agent of %s whose timers have all run off when it wakes a day later has the day',
  async (cloud) => {
    const world = await runWorld({ cloud, start });
    await world.clock.advance(hourMs);
    await world.clock.jump(24 * hourMs);
    await expectWholeDay(world);
  },
);
