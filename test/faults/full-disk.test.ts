import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { openDatabase } from '../../exporters/sqlite/database.ts';
import { ledgerOver, openLedger } from '../../exporters/sqlite/ledger.ts';
import { createScriptedCloud } from '../agent/schedule/scripted-cloud.ts';
import { createWorkbench, opening, runSource } from '../agent/schedule/running.ts';
import { temporaryFolder } from '../support/cli-world.ts';
import { dumpLedger, integrityOf, readingsAmiss } from '../support/ledger-dump.ts';
import { targetOf } from '../support/ledger-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const world = ['in', 'out', 'req'].map((rowId) => ({
  rowId,
  dimensions: { ModelId: 'us.openai.gpt-5.6-sol' },
  values: Array.from({ length: 5 * 1_440 }, (_, minute) => 1 + ((minute * 31) % 500)),
}));
const target = targetOf(world);
const listing = () => ({ scopes: ['aws'], targets: [target], inventory: [], failures: [] });

/** A file ledger whose disk the test fills and empties; the loop over it reads a small cloud. */
function runOver(path: string) {
  const db = openDatabase(path, 'write');
  const bench = createWorkbench();
  bench.ledger.close();
  const ledger = ledgerOver(db, path, interpretation, opening, { release: () => undefined });
  const cloud = createScriptedCloud(bench.clock, world, listing);
  const deps = { ...bench.deps, ledger };
  const running = runSource({ ...bench, ledger, deps }, cloud.collector);
  const setPages = (count: number) => void db.pragma(`max_page_count = ${count}`);
  return {
    clock: bench.clock,
    running,
    status: async () => (await ledger.sources(bench.clock.now()))[0],
    /** No page more than the file has now; SQLite then says what it says of a full disk. */
    fillDisk: () => setPages(Number(db.pragma('page_count', { simple: true }))),
    emptyDisk: () => setPages(1_000_000),
  };
}

test('a disk that is full in the middle of a commit loses nothing, says what to do, and doubles nothing later', async () => {
  const folder = temporaryFolder();
  const whole = join(folder, 'never-full.db');
  const path = join(folder, 'full.db');
  const never = runOver(whole);
  await never.clock.advance(100 * minuteMs);
  await never.running.stop();

  const { clock, running, status, fillDisk, emptyDisk } = runOver(path);
  // The listing is on disk, the first window is still being read.
  await clock.advance(300);
  fillDisk();
  await clock.advance(30 * minuteMs);
  const told = (await status())?.failure;
  expect(told).toMatchObject({ reason: 'unreachable', operation: 'ledger:write' });
  expect(told?.message).toContain('full');
  expect(told?.hint).toContain('Free space');
  await clock.advance(10 * minuteMs);
  expect(readingsAmiss(path, whole), 'nothing is there of a window that failed').toEqual([]);
  expect(dumpLedger(path).readings.length).toBeLessThan(1_000);
  emptyDisk();
  await clock.advance(hourMs);
  expect((await status())?.failure).toBeNull();
  await running.stop();
  expect(integrityOf(path)).toEqual([]);
  expect(readingsAmiss(path, whole)).toEqual([]);
  const { readings, usage } = dumpLedger(path);
  expect(readings.length, 'a day and more of three meters').toBeGreaterThan(3 * 1_440);
  const anew = { ...interpretation, contractVersion: 'derived anew' };
  openLedger(path, anew, opening).close();
  expect(dumpLedger(path).usage, 'usage is what the readings derive to').toEqual(usage);
});

const isRoot = process.getuid?.() === 0;

test('a folder where a ledger should be is refused with what to do', () => {
  const path = join(temporaryFolder(), 'folder.db');
  mkdirSync(path);
  expect(() => openLedger(path, interpretation, opening)).toThrow(
    /folder exists and that this user/,
  );
});

test.skipIf(isRoot)('a folder or a file that may not be written is refused with what to do', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'ledger.db');
  openLedger(path, interpretation, opening).close();
  chmodSync(path, 0o444);
  expect(() => openLedger(path, interpretation, opening)).toThrow(/cannot be (written|opened)/);
  chmodSync(path, 0o644);
  chmodSync(folder, 0o555);
  expect(() => openLedger(path, interpretation, opening)).toThrow(/cannot be (written|opened)/);
  chmodSync(folder, 0o755);
});
