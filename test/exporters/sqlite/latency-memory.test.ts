import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MeterUnit, Sample, Target } from '../../../agent/core/collector.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import type { AmountQuery, LatencyRow, Ledger, UsageReader } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { day0, rows, targetOf } from '../../support/ledger-world.ts';

/** What is remembered of latency must be what a reader finds that remembers nothing. */
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const hours = 30;

/** One that counts, and one whose mean is weighted by requests. */
const latencyRows: readonly CatalogRow[] = [
  latencyRow('counted', 'InvocationLatency', ['Sum', 'SampleCount', 'Minimum', 'Maximum']),
  latencyRow('mean', 'TimeToFirstToken', ['Average']),
];
const requests = rows.find(({ id }) => id === 'req') as CatalogRow;
const models = ['us.openai.gpt-5.6-sol', 'openai.gpt-oss-120b-1:0', 'moonshotai.kimi-k2.5'];
const units: readonly MeterUnit[] = models.flatMap((ModelId) =>
  [requests, ...latencyRows].map((row) => ({
    key: `${row.id}|${ModelId}`,
    rowId: row.id,
    metric: row.metricNames[0] ?? '',
    dimensions: { ModelId },
  })),
);
const target: Target = { ...targetOf([]), rows: [requests, ...latencyRows], units };

function latencyRow(id: string, metric: string, statistics: CatalogRow['statistics']): CatalogRow {
  const phase = id === 'mean' ? 'first_token' : 'request';
  return {
    ...(rows[0] as CatalogRow),
    id,
    metricNames: [metric],
    statistics,
    measure: { kind: 'latency', phase },
    contract: 'plain',
  };
}

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-latency-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

function opened(): Ledger {
  const ledger = openLedger(path, interpretation, day0);
  const discovery = { scopes: ['aws'], targets: [target], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', discovery, day0);
  return ledger;
}

/** Another number in every minute; `salt` makes the cloud say something else later. */
function read(ledger: Ledger, from: number, length: number, salt: number): void {
  const window = { start: day0 + from * minuteMs, end: day0 + (from + length) * minuteMs };
  const request = { target, units, window, periodSeconds: 60 };
  const readAt = day0 + 2 * dayMs + salt;
  const normalized = normalize(
    request,
    units.flatMap((unit, at) => samplesOf(unit, at, window, salt)),
  );
  ledger.commit({ ...request, ...normalized, readAt });
}

function samplesOf(unit: MeterUnit, place: number, window: Window, salt: number): Sample[] {
  const row = target.rows.find(({ id }) => id === unit.rowId);
  return (row?.statistics ?? []).map((statistic, nth) => {
    const starts: number[] = [];
    const values: number[] = [];
    for (let start = window.start; start < window.end; start += minuteMs) {
      const mixed = Math.imul(start / minuteMs + salt, 2_654_435_761 + place * 7) >>> 20;
      if (mixed % 5 === 0) continue;
      starts.push(start);
      values.push(1 + (mixed % 97) + nth);
    }
    const { key: unitKey, rowId, metric, dimensions } = unit;
    return { unitKey, rowId, metric, dimensions, statistic, starts, values };
  });
}

/** Ranges that begin and end within hours, and whole hours and days, for some and for all. */
function questions(identityIds: readonly number[], minute: number): readonly AmountQuery[] {
  const span = (from: number, to: number) => ({ start: day0 + from, end: day0 + to });
  const edge = 60 + (minute % 60);
  const minutes = [
    span(edge * minuteMs, 2 * hourMs),
    span(2 * hourMs, 2 * hourMs + (minute % 60) * minuteMs),
    span(edge * minuteMs, 5 * hourMs),
  ].filter(({ start, end }) => start < end);
  const wholes = [span(2 * hourMs, 29 * hourMs), span(0, 2 * dayMs)];
  return [identityIds, identityIds.slice(1)].flatMap((ids) => [
    ...minutes.flatMap((window) =>
      [0, hourMs].map((bucketMs) => ({
        grain: 'minute' as const,
        identityIds: ids,
        window,
        bucketMs,
      })),
    ),
    ...wholes.flatMap((window) =>
      [0, hourMs, dayMs].map((bucketMs) => ({
        grain: 'hour' as const,
        identityIds: ids,
        window,
        bucketMs,
      })),
    ),
  ]);
}

async function expectSame(ledger: UsageReader, minute: number): Promise<void> {
  const ids = (await ledger.identities()).map(({ id }) => id);
  const beside = openLedgerReader(path, interpretation);
  for (const question of questions(ids, minute)) {
    const told = await ledger.latency(question);
    expect(told, JSON.stringify(question)).toEqual(await beside.latency(question));
    const each: LatencyRow[] = [];
    await ledger.eachLatency?.(question, (row) => each.push({ ...row }));
    expect(each).toEqual(told);
  }
  beside.close();
}

test('latency is what is in the file, whatever was read and asked before', async () => {
  const reads = fc.array(
    fc.tuple(fc.nat(hours * 60 - 200), fc.integer({ min: 1, max: 200 }), fc.nat(3)),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(reads, async (windows) => {
      const ledger = opened();
      for (const [from, length, salt] of [[60, 200, 0] as const, ...windows]) {
        read(ledger, from, length, salt);
        for (const minute of [from, from + 1]) await expectSame(ledger, minute);
      }
      ledger.close();
      rmSync(path);
    }),
    { numRuns: 3 },
  );
});

test('minutes and hours that were given up for their age are remembered no more', async () => {
  const ledger = opened();
  read(ledger, 0, hours * 60, 0);
  await expectSame(ledger, 7);
  const before = await ledger.latency(questions([1], 7)[0] as AmountQuery);
  expect(before).not.toEqual([]);
  const only = { minuteSeconds: 86_400, hourSeconds: 86_400 * 30, daySeconds: Infinity };
  while (ledger.age(day0 + 4 * dayMs, only).more);
  await expectSame(ledger, 7);
  expect(await ledger.latency(questions([1], 7)[0] as AmountQuery)).toEqual([]);
  const days = { ...only, hourSeconds: 86_400 };
  while (ledger.age(day0 + 6 * dayMs, days).more);
  await expectSame(ledger, 7);
  const window = { start: day0, end: day0 + dayMs };
  expect(await ledger.latency({ grain: 'hour', identityIds: [1], window, bucketMs: 0 })).toEqual(
    [],
  );
  ledger.close();
});
