import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ledger, SumQuery, SumRow, SumTable, UsageReader } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { Driver } from '../../../exporters/sqlite/driver.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { sumsOver } from '../../support/memory-reader.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const hours = 30;
const models = [
  'us.openai.gpt-5.6-sol',
  'openai.gpt-oss-120b-1:0',
  'moonshotai.kimi-k2.5',
  'openai.gpt-oss-20b-1:0',
  'amazon.nova-pro-v1:0',
  'amazon.nova-lite-v1:0',
];

/** Another number in every minute; `salt` makes the cloud say something else later. */
function worldOf(salt: number): readonly TrueSeries[] {
  return models.flatMap((ModelId, model) =>
    ['in', 'out', 'req'].map((rowId, row) => ({
      rowId,
      dimensions: { ModelId },
      values: Array.from(
        { length: hours * 60 },
        (_, minute) => (Math.imul(minute + salt, 2_654_435_761 + model * 7 + row) >>> 20) % 97,
      ),
    })),
  );
}

function opened(path = ':memory:'): Ledger {
  const ledger = openLedger(path, interpretation, day0);
  const targets = [targetOf(worldOf(0))];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  return ledger;
}

function read(ledger: Ledger, from: number, length: number, salt: number): void {
  const window = { start: day0 + from * minuteMs, end: day0 + (from + length) * minuteMs };
  ledger.commit(batchOf(worldOf(salt), window, 60, day0 + 2 * dayMs + salt));
}

/** The same lists for the same identities, as whoever asks again has them: what they came to may be remembered. */
const knownSets = new Map<string, readonly (readonly number[])[]>();

function setsOf(ids: readonly number[]): readonly (readonly number[])[] {
  const name = ids.join(' ');
  const sets = knownSets.get(name) ?? [ids.slice(0, 5), ids.slice(5)];
  knownSets.set(name, sets);
  return sets;
}

const knownOnes = new WeakMap<SumQuery['sets'], SumQuery['sets']>();

/** Of each identity a list of its own, in the same list for the same sets. */
function onesOf(sets: SumQuery['sets']): SumQuery['sets'] {
  const ones = knownOnes.get(sets) ?? sets.flat().map((id) => [id]);
  knownOnes.set(sets, ones);
  return ones;
}

/** Every table by every step that a plan asks it for, over parts and the whole of what is there. */
function questions(ids: readonly number[], minute = 0): readonly SumQuery[] {
  const sets = setsOf(ids);
  const ones = onesOf(sets);
  const span = (from: number, to: number) => ({ start: day0 + from, end: day0 + to });
  return [
    { grain: 'minute', window: span(90 * minuteMs, 200 * minuteMs), bucketMs: minuteMs, sets },
    { grain: 'minute', window: span(91 * minuteMs, 203 * minuteMs), bucketMs: 5 * minuteMs, sets },
    { grain: 'minute', window: span(95 * minuteMs, 120 * minuteMs), bucketMs: hourMs, sets },
    // What a range begins in, which moves on by the minute.
    { grain: 'minute', window: span(minute * minuteMs, 120 * minuteMs), bucketMs: 0, sets },
    { grain: 'minute', window: span(minute * minuteMs, 187 * minuteMs), bucketMs: dayMs, sets },
    { grain: 'minute', window: span(minute * minuteMs, 300 * minuteMs), bucketMs: 0, sets },
    { grain: 'minute', window: span(minute * minuteMs, 120 * minuteMs), bucketMs: 0, sets: ones },
    { grain: 'hour', window: span(2 * hourMs, 27 * hourMs), bucketMs: hourMs, sets },
    { grain: 'hour', window: span(2 * hourMs, 27 * hourMs), bucketMs: 4 * hourMs, sets: ones },
    { grain: 'hour', window: span(3 * hourMs, 28 * hourMs), bucketMs: dayMs, sets },
    { grain: 'hour', window: span(5 * hourMs, 28 * hourMs), bucketMs: 0, sets: [ids] },
    { grain: 'day', window: span(0, 2 * dayMs), bucketMs: dayMs, sets: sets.toReversed() },
    { grain: 'day', window: span(0, 2 * dayMs), bucketMs: 0, sets: ids.map((id) => [id]) },
  ];
}

const inOrder = (rows: readonly SumRow[]) =>
  rows.toSorted((a, b) => a.set - b.set || a.bucket - b.bucket);

/** What a table says, as rows. */
function rowsOfTable(
  { first, buckets, amounts, costs }: SumTable,
  { sets, bucketMs }: SumQuery,
): readonly SumRow[] {
  const rows: SumRow[] = [];
  for (const set of sets.keys()) {
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const figure = (column: Float64Array) => {
        const value = column[set * buckets + bucket] ?? Number.NaN;
        return Number.isNaN(value) ? null : value;
      };
      const money = (column: Float64Array) => {
        const value = figure(column);
        return value === null ? null : BigInt(value);
      };
      const unpricedTokens = figure(costs.unpricedTokens);
      const row = {
        input: figure(amounts.input),
        cacheRead: figure(amounts.cacheRead),
        cacheWrite: figure(amounts.cacheWrite),
        output: figure(amounts.output),
        unsplitInput: figure(amounts.unsplitInput),
        requests: figure(amounts.requests),
        errors: figure(amounts.errors),
        throttles: figure(amounts.throttles),
        cost: money(costs.cost),
        costLow: money(costs.costLow),
        costHigh: money(costs.costHigh),
      };
      if (unpricedTokens === null) expect(new Set(Object.values(row))).toEqual(new Set([null]));
      else rows.push({ set, bucket: first + bucket * bucketMs, ...row, unpricedTokens });
    }
  }
  return rows;
}

async function expectSame(ledger: UsageReader, minute?: number): Promise<void> {
  const ids = (await ledger.identities()).map(({ id }) => id);
  for (const question of questions(ids, minute)) {
    const slowly = inOrder(await sumsOver(ledger)(question));
    const told = await ledger.sums(question);
    expect(inOrder(told), JSON.stringify(question)).toEqual(slowly);
    const table = await ledger.sumTable?.(question);
    expect(table && rowsOfTable(table, question)).toEqual(slowly);
  }
}

const someFigures = [['output'], ['requests', 'errors'], ['input', 'output'], ['cost']] as const;

/** Whichever figures were read before, those that are asked for are the same. */
async function expectSameFigures(ledger: Ledger, minute: number, turn: number): Promise<void> {
  const ids = (await ledger.identities()).map(({ id }) => id);
  for (const [place, question] of questions(ids, minute).entries()) {
    const figures = someFigures[(place + turn) % someFigures.length] ?? ['output'];
    const slowly = inOrder(await sumsOver(ledger)(question));
    const table = await ledger.sumTable?.({ ...question, figures });
    const told = (name: (typeof figures)[number]) =>
      name === 'cost' ? table?.costs.cost : table?.amounts[name];
    for (const name of figures) {
      const expected = new Float64Array(told(name)?.length ?? 0).fill(Number.NaN);
      for (const row of slowly) {
        const first = table?.first ?? 0;
        const bucket = question.bucketMs === 0 ? 0 : (row.bucket - first) / question.bucketMs;
        expected[row.set * (table?.buckets ?? 0) + bucket] = Number(row[name] ?? Number.NaN);
      }
      expect(told(name), JSON.stringify({ ...question, figures })).toEqual(expected);
    }
  }
}

test('sums are what amounts add up to, whatever was read and asked before', async () => {
  const reads = fc.array(
    fc.tuple(fc.nat(hours * 60 - 200), fc.integer({ min: 1, max: 200 }), fc.nat(3), fc.boolean()),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(reads, async (windows) => {
      const ledger = opened();
      for (const [from, length, salt, isPacked] of windows) {
        read(ledger, from, length, salt);
        if (isPacked) pack(ledger);
        // What was read of some figures is read of others, and both are forgotten.
        for (const turn of [0, 1, 2, 2]) await expectSameFigures(ledger, 61 + (from % 50), turn);
        // The second time sets are remembered, the third they are asked of.
        for (const minute of [0, 1, 2]) await expectSame(ledger, 61 + (from % 50) + minute);
      }
      ledger.close();
    }),
    { numRuns: 8 },
  );
});

test('minutes that were given up for their age are in no sum any more, and hours still are', async () => {
  const ledger = opened();
  read(ledger, 0, hours * 60, 0);
  await expectSame(ledger);
  const retention = { minuteSeconds: 86_400, hourSeconds: 86_400 * 30, daySeconds: Infinity };
  while (ledger.age(day0 + 4 * dayMs, retention).more);
  await expectSame(ledger);
  const ids = (await ledger.identities()).slice(0, 1).map(({ id }) => id);
  const window = { start: day0 + hourMs, end: day0 + 2 * hourMs };
  const at = { window, bucketMs: 0, sets: [ids] };
  expect(await ledger.sums({ ...at, grain: 'minute' })).toEqual([]);
  expect(await ledger.sums({ ...at, grain: 'hour' })).toHaveLength(1);
  ledger.close();
});

test('a reader beside the writer sees what was committed since it was last asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-sums-'));
  const ledger = opened(join(folder, 'ledger.db'));
  read(ledger, 60, 120, 0);
  const beside = openLedgerReader(join(folder, 'ledger.db'), interpretation);
  await expectSame(beside);
  read(ledger, 90, 200, 1);
  await expectSame(beside);
  beside.close();
  ledger.close();
  rmSync(folder, { recursive: true });
});

const pack = (ledger: Ledger) => {
  while (ledger.packHours(day0 + 3 * dayMs));
};

test.each([
  ['was never packed', false],
  ['was packed before it came', true],
])('money that a double does not hold exactly and %s is added up exactly', async (_, isPacked) => {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-sums-'));
  const path = join(folder, 'ledger.db');
  const ledger = opened(path);
  read(ledger, 0, 180, 0);
  if (isPacked) pack(ledger);
  ledger.close();
  const exact = BigInt(Number.MAX_SAFE_INTEGER) + 2n;
  const db = new Driver(path);
  db.prepare('UPDATE usage_hour SET cost = ?, cost_low = ?, cost_high = ?').run(1n, 1n, exact);
  db.close();
  const reader = openLedgerReader(path, interpretation);
  const ids = (await reader.identities()).map(({ id }) => id);
  const window = { start: day0, end: day0 + 3 * hourMs };
  const query = { grain: 'hour', window, bucketMs: 0 } as const;
  const [sum] = await reader.sums({ ...query, sets: [ids] });
  expect(sum?.costHigh).toBe(exact * BigInt(3 * ids.length));
  expect(await reader.sumTable?.({ ...query, sets: [ids] })).toBeNull();
  const rows = await reader.amounts({ ...query, identityIds: ids });
  expect(rows.map(({ costHigh }) => costHigh)).toEqual(ids.map(() => exact * 3n));
  reader.close();
  rmSync(folder, { recursive: true });
});

test('while many rows are read others have their turn', async () => {
  const ledger = opened();
  read(ledger, 0, hours * 60, 0);
  const ids = (await ledger.identities()).map(({ id }) => id);
  const window = { start: day0, end: day0 + dayMs };
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await ledger.sums({ grain: 'minute', window, bucketMs: minuteMs, sets: [ids] });
  isDone = true;
  expect(turns).toBeGreaterThan(1);
  ledger.close();
});

test('knows until when anything was read', async () => {
  const ledger = opened();
  expect(await ledger.readUntil()).toBeNull();
  read(ledger, 60, 30, 0);
  expect(await ledger.readUntil()).toBe(day0 + 90 * minuteMs);
  read(ledger, 0, 30, 0);
  expect(await ledger.readUntil()).toBe(day0 + 90 * minuteMs);
  read(ledger, 100, 7, 0);
  expect(await ledger.readUntil()).toBe(day0 + 107 * minuteMs);
  ledger.close();
});
