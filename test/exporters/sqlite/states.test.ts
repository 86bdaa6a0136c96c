import { afterAll, expect, test } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import type { UsageRow } from '../../../agent/query/usage.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';

/**
 * Three models over three hours. The first hour is read and settled, the second is read and provisional from its
 * middle on, the third is not read. Each tells its own meters only.
 */
const claude = { ModelId: 'us.anthropic.claude-sonnet-4-6' };
const kimi = { ModelId: 'moonshotai.kimi-k2.5' };
const busy = (value: number) => Array<number>(180).fill(value);
const silentIn = (value: number, from: number) => busy(value).fill(0, from);
const world = [
  { rowId: 'in', dimensions: claude, values: silentIn(10, 30) },
  { rowId: 'read', dimensions: claude, values: silentIn(4, 30) },
  { rowId: 'out', dimensions: claude, values: silentIn(2, 30) },
  { rowId: 'req', dimensions: claude, values: silentIn(1, 30) },
  { rowId: 'in', dimensions: kimi, values: busy(7) },
  { rowId: 'out', dimensions: kimi, values: busy(3) },
];
const ledger = openLedger(
  ':memory:',
  createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  }),
  day0,
);
ledger.recordDiscovery(
  'aws',
  { scopes: ['aws'], targets: [targetOf(world)], inventory: [], failures: [] },
  day0,
);
ledger.commit(batchOf(world, { start: day0, end: day0 + hourMs }, 60, day0 + dayMs));
const second = { start: day0 + hourMs, end: day0 + 2 * hourMs };
ledger.commit(batchOf(world, second, 60, second.end - 20 * minuteMs));
afterAll(() => ledger.close());

async function ask(
  from: number,
  to: number,
  stepMs: 60_000 | 3_600_000,
): Promise<readonly UsageRow[]> {
  const { rows } = await queryUsage(ledger, {
    from,
    to,
    stepMs,
    groupBy: ['model'],
    filters: new Map(),
    teams: [],
  });
  return rows;
}

async function hourOf(hour: number, model: string): Promise<UsageRow | undefined> {
  const rows = await ask(day0, day0 + 3 * hourMs, 3_600_000);
  return rows.find((row) => row.time === isoUtc(day0 + hour * hourMs) && row['model'] === model);
}

const nothing = {
  input_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  output_tokens: null,
  unsplit_input_tokens: null,
  requests: null,
  errors: null,
  throttles: null,
  cost_usd: null,
  unpriced_tokens: null,
  settled: null,
};

test('an hour that was read tells its meters; a meter the model has not is null, not zero', async () => {
  expect(await hourOf(0, 'anthropic/claude-sonnet-4-6')).toMatchObject({
    input_tokens: 300,
    cache_read_tokens: 120,
    cache_write_tokens: null,
    output_tokens: 60,
    unsplit_input_tokens: null,
    requests: 30,
    errors: 0,
    throttles: 0,
    settled: 1,
  });
  expect(await hourOf(0, 'moonshotai/kimi-k2.5')).toMatchObject({
    input_tokens: null,
    cache_read_tokens: null,
    output_tokens: 180,
    unsplit_input_tokens: 420,
    requests: null,
    errors: null,
    throttles: null,
  });
});

test('an hour that was read and silent is zero, in the columns its meters tell', async () => {
  expect(await hourOf(1, 'anthropic/claude-sonnet-4-6')).toMatchObject({
    input_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: null,
    output_tokens: 0,
    unsplit_input_tokens: null,
    requests: 0,
  });
});

test('an hour nobody read is a row of nulls', async () => {
  expect(await hourOf(2, 'anthropic/claude-sonnet-4-6')).toMatchObject(nothing);
  expect(await hourOf(2, 'moonshotai/kimi-k2.5')).toMatchObject(nothing);
});

test('settled is the share of an hour that was read after its meters settled', async () => {
  expect((await hourOf(1, 'moonshotai/kimi-k2.5'))?.settled).toBe(0.5);
});

test('by the minute the same three states stand apart', async () => {
  const rows = await ask(day0 + 29 * minuteMs, day0 + 31 * minuteMs, 60_000);
  expect(rows.map((row) => [row['model'], row.output_tokens, row.errors])).toEqual([
    ['anthropic/claude-sonnet-4-6', 2, 0],
    ['moonshotai/kimi-k2.5', 3, null],
    ['anthropic/claude-sonnet-4-6', 0, 0],
    ['moonshotai/kimi-k2.5', 3, null],
  ]);
  const unread = await ask(day0 + 3 * hourMs, day0 + 3 * hourMs + minuteMs, 60_000);
  expect(unread.map((row) => row.output_tokens)).toEqual([null, null]);
});
