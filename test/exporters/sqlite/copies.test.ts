import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { backupLedger, restoreLedger } from '../../../exporters/sqlite/copies.ts';
import { Driver } from '../../../exporters/sqlite/driver.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { dumpLedger, integrityOf } from '../../support/ledger-dump.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const world = ['in', 'out'].map((rowId) => ({
  rowId,
  dimensions: { ModelId: 'us.openai.gpt-5.6-sol' },
  values: Array.from({ length: 1_440 }, (_, minute) => 1 + ((minute * 31) % 500)),
}));
const readAt = day0 + 2 * dayMs;
const asideName = 'ledger.db.before-restore-20261112T000000Z';

let folder: string;
let path: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-copies-'));
  path = join(folder, 'ledger.db');
  file = join(folder, 'copy.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fill(ledger: Ledger, hours: number): void {
  const found = { scopes: ['aws'], targets: [targetOf(world)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, day0);
  const window = { start: day0, end: day0 + hours * hourMs };
  if (hours > 0) ledger.commit(batchOf(world, window, 60, readAt));
}

function filled(hours: number): Ledger {
  const ledger = openLedger(path, interpretation, day0);
  fill(ledger, hours);
  return ledger;
}

test('a backup beside a running writer is one whole file, and what is written later is not in it', async () => {
  const writer = filled(5);
  const before = dumpLedger(path);
  const { bytes } = await backupLedger(path, file, { force: false });
  fill(writer, 20);
  expect(bytes).toBe(readFileSync(file).length);
  expect(integrityOf(file)).toEqual([]);
  expect(dumpLedger(file)).toEqual(before);
  expect(dumpLedger(path).readings.length).toBeGreaterThan(before.readings.length);
  expect(readdirSync(folder).filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db']);
  writer.close();
});

test('a writer that commits while the copy is made is in it whole or not at all', async () => {
  const writer = filled(1);
  const states = [dumpLedger(path)];
  const copying = backupLedger(path, file, { force: false });
  for (const hours of [6, 12, 24]) {
    fill(writer, hours);
    states.push(dumpLedger(path));
    await new Promise((resolve) => void setImmediate(resolve));
  }
  await copying;
  expect(states).toContainEqual(dumpLedger(file));
  writer.close();
});

test('a file that is there is replaced only when that is said, and the ledger itself never', async () => {
  filled(1).close();
  writeFileSync(file, 'precious');
  await expect(backupLedger(path, file, { force: false })).rejects.toThrow(
    /there already.*--force/,
  );
  expect(readFileSync(file, 'utf8')).toBe('precious');
  await backupLedger(path, file, { force: true });
  expect(dumpLedger(file)).toEqual(dumpLedger(path));
  await expect(backupLedger(path, path, { force: true })).rejects.toThrow(/the ledger itself/);
});

test('what cannot be backed up is refused, and no half of a copy is left', async () => {
  await expect(backupLedger(path, file, { force: false })).rejects.toThrow(/no ledger to back up/);
  filled(1).close();
  const nowhere = join(folder, 'no', 'folder.db');
  await expect(backupLedger(path, nowhere, { force: false })).rejects.toThrow(/folder exists/);
  const other = join(folder, 'other.db');
  new Driver(other).exec('CREATE TABLE a (b)').close();
  await expect(backupLedger(other, file, { force: false })).rejects.toThrow(/is not a ledger/);
  expect(existsSync(file)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('.part-'))).toEqual([]);
});

test('restore puts the backup in place and keeps what was there, with all it had not yet taken in', async () => {
  filled(5).close();
  await backupLedger(path, file, { force: false });
  const saved = dumpLedger(file);
  filled(20).close();
  const present = dumpLedger(path);
  const { aside, bytes } = await restoreLedger(path, file, readAt);
  expect(aside).toBe(join(folder, asideName));
  expect(bytes).toBe(readFileSync(file).length);
  expect(dumpLedger(path)).toEqual(saved);
  expect(dumpLedger(join(folder, asideName))).toEqual(present);
  const again = openLedger(path, interpretation, readAt);
  fill(again, 20);
  again.close();
  expect(dumpLedger(path)).toEqual(present);
});

test('a report that still reads goes on reading what was there', async () => {
  filled(5).close();
  await backupLedger(path, file, { force: false });
  filled(20).close();
  const reader = openLedgerReader(path, interpretation);
  const revisions = await reader.since(0, 100);
  await restoreLedger(path, file, readAt);
  expect(await reader.since(0, 100)).toEqual(revisions);
  reader.close();
  expect(integrityOf(path)).toEqual([]);
  expect(dumpLedger(path)).toEqual(dumpLedger(file));
});

test('where there is no ledger, or one that is damaged, restore makes one', async () => {
  filled(5).close();
  await backupLedger(path, file, { force: false });
  rmSync(path);
  expect((await restoreLedger(path, file, readAt)).aside).toBeUndefined();
  expect(dumpLedger(path)).toEqual(dumpLedger(file));
  writeFileSync(path, 'this was a ledger once, long ago and far away '.repeat(200));
  expect(() => openLedger(path, interpretation, readAt)).toThrow(/crossbill restore FILE/);
  await restoreLedger(path, file, readAt);
  expect(dumpLedger(path)).toEqual(dumpLedger(file));
  expect(readFileSync(join(folder, asideName), 'utf8')).toMatch(/^this was a ledger once/);
});

test('a restore that is refused changes nothing', async () => {
  const writer = filled(5);
  await backupLedger(path, file, { force: false });
  await expect(restoreLedger(path, file, readAt)).rejects.toThrow(/held by another Crossbill/);
  writer.close();
  const before = dumpLedger(path);

  await expect(restoreLedger(path, join(folder, 'none.db'), readAt)).rejects.toThrow(
    /no such file/,
  );
  await expect(restoreLedger(path, path, readAt)).rejects.toThrow(/the ledger itself/);
  const text = join(folder, 'text.db');
  writeFileSync(text, 'no database at all, only some words in a file '.repeat(200));
  await expect(restoreLedger(path, text, readAt)).rejects.toThrow(/is not a ledger, or is damaged/);
  const newer = join(folder, 'newer.db');
  await backupLedger(path, newer, { force: false });
  const db = new Driver(newer);
  db.pragma('user_version = 99');
  db.close();
  await expect(restoreLedger(path, newer, readAt)).rejects.toThrow(/newer Crossbill \(schema 99/);
  const bytes = readFileSync(file);
  const cut = join(folder, 'cut.db');
  writeFileSync(cut, bytes.fill(0xa5, 12_288, 40_960));
  await expect(restoreLedger(path, cut, readAt)).rejects.toThrow(/damaged/);

  expect(dumpLedger(path)).toEqual(before);
  expect(readdirSync(folder).filter((name) => /part-|before-restore/.test(name))).toEqual([]);
  openLedger(path, interpretation, readAt).close();
});

test('a ledger with a damaged page is not opened for writing, and says what to do', () => {
  filled(10).close();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xa5, 12_288, bytes.length - 4_096));
  expect(() => openLedger(path, interpretation, readAt)).toThrow(
    /damaged .*crossbill restore FILE/,
  );
});
