import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { openDatabase } from '../../../exporters/sqlite/database.ts';
import type { Db } from '../../../exporters/sqlite/database.ts';
import { openHourPacks } from '../../../exporters/sqlite/hour-packs.ts';
import { createHourPacking } from '../../../exporters/sqlite/hour-pack-writer.ts';
import { createBlock, createSlots } from '../../../exporters/sqlite/sum-blocks.ts';
import { figureNames } from '../../../exporters/sqlite/sum-figures.ts';
import { openSumTexts } from '../../../exporters/sqlite/sum-texts.ts';
import { figureValues } from '../../../exporters/sqlite/sum-figures.ts';

const day = 20_000;
const start = (day * dayMs) / minuteMs;
const packAt = (day + 1) * dayMs + hourMs;
const output = 1 << figureNames.indexOf('output');
/** Two packs of them. */
const ids = Array.from({ length: 300 }, (_, index) => index + 1);

/** A ledger whose hours are put by hand. */
function opened(): Db {
  const db = openDatabase(':memory:', 'write');
  db.pragma('foreign_keys = OFF');
  const columns = db.pragma('table_info(identity)') as {
    readonly name: string;
    readonly type: string;
  }[];
  const put = db.prepare(
    `INSERT INTO identity (${columns.map(({ name }) => name).join(', ')})
     VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const id of ids) {
    put.run(
      ...columns.map(({ name, type }) => (name === 'id' || type === 'INTEGER' ? id : `${id}`)),
    );
  }
  return db;
}

function putHour(db: Db, id: number, hour: number, tokens: number | null): void {
  db.prepare(
    'INSERT OR REPLACE INTO usage_hour (identity_id, minute, input, output) VALUES (?, ?, 1, ?)',
  ).run(id, start + hour * 60, tokens);
}

function packAll(db: Db): number {
  const pack = createHourPacking(db);
  let steps = 0;
  while (pack(packAt)) steps += 1;
  return steps;
}

/** Of each hour of the day what everybody put out, and who had to be read from the rows. */
function outputOf(db: Db, isPacked: boolean) {
  const block = createBlock(
    { grain: 'hour', start, end: start + 1_440, step: 60 },
    figureNames.length,
    createSlots(),
  );
  if (isPacked) openHourPacks(db).fill(block, ids, output);
  const read = block.missing([ids], output);
  for (const id of read) block.close(id, output);
  openSumTexts(db, figureValues).read(block, read, output);
  const sums = figureNames.map((name) =>
    name === 'output' ? new Float64Array(24).fill(Number.NaN) : undefined,
  );
  block.addTo(sums, ids, 0, 24, (period) => period);
  return { sums, read };
}

const change = fc.record({
  kind: fc.constantFrom('put' as const, 'changed' as const, 'gone' as const, 'packed' as const),
  id: fc.constantFrom(...ids.slice(0, 6), ...ids.slice(-3)),
  hour: fc.nat(23),
  tokens: fc.option(fc.nat(1_000)),
});

test('what is packed says what the rows say, whatever becomes of them', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const db = opened();
      for (const { kind, id, hour, tokens } of changes) {
        const minute = start + hour * 60;
        if (kind === 'put') putHour(db, id, hour, tokens);
        else if (kind === 'packed') packAll(db);
        else if (kind === 'gone') {
          db.prepare('DELETE FROM usage_hour WHERE identity_id = ? AND minute = ?').run(id, minute);
        } else {
          db.prepare('UPDATE usage_hour SET output = ? WHERE identity_id = ?').run(tokens, id);
        }
        expect(outputOf(db, true).sums).toEqual(outputOf(db, false).sums);
      }
      db.close();
    }),
    { numRuns: 30 },
  );
});

test('only who changed since is read from the rows, and of many a pack is made anew', () => {
  const db = opened();
  for (const id of ids) putHour(db, id, 3, id);
  expect(outputOf(db, true).read, 'nothing is packed yet').toEqual(ids);
  // Eight days of two packs each; seven of them have no hours.
  expect(packAll(db)).toBe(16);
  expect(outputOf(db, true).read).toEqual([]);
  for (const id of ids.slice(0, 8)) putHour(db, id, 4, id);
  expect(outputOf(db, true).read).toEqual(ids.slice(0, 8));
  expect(packAll(db), 'eight are left as they are').toBe(0);
  putHour(db, 9, 4, 9);
  expect(packAll(db)).toBe(1);
  expect(outputOf(db, true).read).toEqual([]);
  db.close();
});

test('a day is packed when it has been over for an hour, and given up after eight', () => {
  const db = opened();
  const pack = createHourPacking(db);
  const days = (now: number) => {
    while (pack(now));
    return db.prepare('SELECT DISTINCT day FROM hour_pack ORDER BY day').pluck().all();
  };
  const eight = (last: number) => Array.from({ length: 8 }, (_, index) => last - 7 + index);
  expect(days(packAt - 1)).toEqual(eight(day - 1));
  expect(days(packAt)).toEqual(eight(day));
  expect(days(packAt + dayMs)).toEqual(eight(day + 1));
  db.close();
});
