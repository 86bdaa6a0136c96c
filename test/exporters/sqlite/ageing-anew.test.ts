import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Discovery } from '../../../agent/core/collector.ts';
import type { InventoryItem } from '../../../agent/core/inventory.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import type { Grain, Ledger, UsageBatch } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, rows, samplesOf, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

/** What an aged span is derived to when what its numbers mean changes after its minutes are gone. */
const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const twoDays = { start: day0, end: day0 + 2 * dayMs };
const readAt = day0 + 4 * dayMs;
const now = day0 + 4 * dayMs;
const daySeconds = 86_400;
const onlyHours = { minuteSeconds: 7_200, hourSeconds: Infinity, daySeconds: Infinity };
const onlyDays = { minuteSeconds: 7_200, hourSeconds: 2 * daySeconds, daySeconds: Infinity };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-ageing-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function busy(
  rowId: string,
  value: number,
  dimensions: TrueSeries['dimensions'] = sol,
): TrueSeries {
  const values = Array.from({ length: 2 * 1_440 }, (_, m) => value * (1 + (m % 60 === 30 ? 4 : 0)));
  return { rowId, dimensions, values };
}

function fill(ledger: Ledger, world: readonly TrueSeries[], more: Partial<Discovery> = {}): void {
  const found = { scopes: ['aws'], targets: [targetOf(world)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', { ...found, ...more }, day0);
  ledger.commit(batchOf(world, twoDays, 60, readAt));
}

function ageAll(ledger: Ledger, retention: typeof onlyHours): void {
  for (let steps = 0; ledger.age(now, retention).more; steps += 1) {
    if (steps > 200) throw new Error('ageing never ends');
  }
}

async function sums(ledger: Ledger, grain: Grain) {
  const identities = await ledger.identities();
  const found = await ledger.amounts({
    grain,
    identityIds: identities.map((one) => one.id),
    window: twoDays,
    bucketMs: 0,
  });
  return found.map((row) => {
    const { identityId, bucket: _, ...amounts } = row;
    return { model: identities.find((one) => one.id === identityId)?.model, ...amounts };
  });
}

const changes: readonly (readonly [sentence: string, after: typeof interpretation])[] = [
  [
    'an alias',
    createInterpretation(new Map([['aws/us.openai.gpt-5.6-sol', 'openai/gpt-4.1-mini']]), switches),
  ],
  [
    'a contract switch',
    createInterpretation(new Map(), { ...switches, openaiInputIncludesCached: false }),
  ],
];

test.each(changes)('%s edited after ageing tells what it tells of minutes', async (_, after) => {
  const world = [busy('in', 100), busy('read', 30), busy('out', 5), busy('req', 2)];
  const other = join(folder, 'whole.db');
  for (const file of [path, other]) {
    const first = openLedger(file, interpretation, day0);
    fill(first, world);
    if (file === path) ageAll(first, onlyHours);
    first.close();
  }
  const aged = openLedger(path, after, now);
  const whole = openLedger(other, after, now);
  const [told] = await sums(whole, 'hour');
  expect(told).toMatchObject({ cacheRead: 30 * 3_072, requests: 6_144 });
  expect(await sums(aged, 'minute')).toEqual([]);
  // The busiest minute stays what it was found to be: there are no minutes to find it in again.
  const peak = { peakTokens: 5 * 105 };
  expect(await sums(aged, 'hour')).toEqual([{ ...told, ...peak }]);
  expect(await sums(aged, 'day')).toEqual([{ ...told, ...peak }]);
  aged.close();
  whole.close();
});

test('the busiest minute of an aged hour outlives its minutes and a new derivation', async () => {
  const first = openLedger(path, interpretation, day0);
  fill(first, [busy('in', 100), busy('read', 30), busy('out', 5)]);
  ageAll(first, onlyHours);
  first.close();
  const again = openLedger(path, { ...interpretation, contractVersion: 'another' }, now);
  expect(await sums(again, 'hour')).toMatchObject([{ peakTokens: 5 * 105 }]);
  again.close();
});

test('a cache meter that comes to light after ageing turns unsplit input of aged hours into input', async () => {
  const ledger = openLedger(path, interpretation, day0);
  const early = [busy('in', 100), busy('out', 5)];
  fill(ledger, early);
  ageAll(ledger, onlyHours);
  const before = await sums(ledger, 'hour');
  expect(before).toMatchObject([{ input: null, output: 5 * 3_072 }]);
  const late = [...early, busy('read', 30)];
  const found = { scopes: ['aws'], targets: [targetOf(late)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, now);
  ledger.commit(batchOf(late, { start: day0 + 1.5 * dayMs, end: twoDays.end }, 3_600, readAt));
  const [after] = await sums(ledger, 'hour');
  expect(after).toMatchObject({ unsplitInput: null, output: 5 * 3_072, cacheRead: 30 * 768 });
  expect(after?.input).toBe(100 * 3_072 - 30 * 768);
  expect(await sums(ledger, 'day')).toMatchObject([{ input: after?.input, output: 5 * 3_072 }]);
  ledger.close();
});

test('days whose hours are gone stay as they are when a contract is edited, and pass to a new name', async () => {
  const world = [busy('in', 100), busy('read', 30), busy('out', 5)];
  const first = openLedger(path, interpretation, day0);
  fill(first, world);
  const before = await sums(first, 'day');
  ageAll(first, onlyDays);
  expect(await sums(first, 'hour')).toEqual([]);
  first.close();
  const aliases = new Map([['aws/us.openai.gpt-5.6-sol', 'openai/gpt-4.1-mini']]);
  const edited = createInterpretation(aliases, { ...switches, openaiInputIncludesCached: false });
  const second = openLedger(path, edited, now);
  expect(await sums(second, 'day')).toEqual([{ ...before[0], model: 'openai/gpt-4.1-mini' }]);
  second.close();
});

test('days of a span that passes to another identity go with it', async () => {
  const profile = { ModelId: '0example0001' };
  const item = (model: string): InventoryItem => ({
    kind: 'inference_profile',
    name: '0example0001',
    attributes: { model_arns: `arn:aws:bedrock:us-east-1::foundation-model/${model}` },
    tags: {},
  });
  const at = (...models: readonly string[]): Partial<Discovery> => ({
    inventory: [
      {
        cloud: 'aws',
        account: '111122223333',
        region: 'us-east-1',
        resource: '',
        kind: 'inference_profile',
        items: models.map(item),
      },
    ],
  });
  const world = [busy('in', 10, profile), busy('out', 1, profile)];
  const ledger = openLedger(path, interpretation, day0);
  fill(ledger, world, at('amazon.nova-lite-v1:0'));
  const found = { scopes: ['aws'], targets: [targetOf(world)], inventory: [], failures: [] };
  const change = day0 + dayMs;
  ledger.recordDiscovery('aws', { ...found, ...at('amazon.nova-pro-v1:0') }, change);
  ageAll(ledger, onlyDays);
  const before = await sums(ledger, 'day');
  expect(before.map((row) => [row.model, row.output])).toEqual([
    ['amazon/nova-lite', 1_536],
    ['amazon/nova-pro', 1_536],
  ]);
  // Within the same minute the profile is gone again: nothing is left of what it pointed to meanwhile.
  ledger.recordDiscovery('aws', { ...found, ...at() }, change);
  expect((await sums(ledger, 'day')).map((row) => [row.model, row.output])).toEqual([
    ['amazon/nova-lite', 3_072],
  ]);
  ledger.close();
});

const latency: CatalogRow = {
  ...(rows[0] as CatalogRow),
  id: 'latency',
  metricNames: ['InvocationLatency'],
  statistics: ['Average', 'Maximum'],
  measure: { kind: 'latency', phase: 'request' },
  contract: 'plain',
};

test('latency by hour outlives its minutes, a new derivation and hours read anew around it', async () => {
  const world = [busy('in', 10), busy('out', 1), busy('req', 2)];
  const small = targetOf(world);
  const unit = { key: 'latency', rowId: 'latency', metric: 'InvocationLatency', dimensions: sol };
  const target = { ...small, rows: [...rows, latency], units: [...small.units, unit] };
  const request = { target, units: target.units, window: twoDays, periodSeconds: 60 };
  const starts = Array.from({ length: 2_880 }, (_, m) => day0 + m * minuteMs);
  const told = ['Average', 'Maximum'].map((statistic) => ({
    unitKey: unit.key,
    rowId: unit.rowId,
    metric: unit.metric,
    dimensions: sol,
    statistic,
    starts,
    values: starts.map((_, m) => 100 + (m % 60) + (statistic === 'Maximum' ? 900 : 0)),
  }));
  const batch: UsageBatch = {
    ...request,
    ...normalize(request, [...samplesOf(world, twoDays, 60), ...told]),
    readAt,
  };
  const hoursOf = async (ledger: Ledger) =>
    ledger.latency({
      grain: 'hour',
      identityIds: (await ledger.identities()).map((one) => one.id),
      window: twoDays,
      bucketMs: hourMs,
    });
  const first = openLedger(path, interpretation, day0);
  const found = { scopes: ['aws'], targets: [target], inventory: [], failures: [] };
  first.recordDiscovery('aws', found, day0);
  first.commit(batch);
  const before = await hoursOf(first);
  expect(before).toHaveLength(48);
  // The thirtieth minute of every hour has five times the requests of the others.
  expect(before[0]?.avgMs).toBeCloseTo((60 * 100 + 1_770 + 4 * 130) / 64, 9);
  expect(before[0]?.maxMs).toBe(1_059);
  ageAll(first, onlyHours);
  expect(await hoursOf(first)).toEqual(before);
  first.close();
  const second = openLedger(path, { ...interpretation, contractVersion: 'another' }, now);
  expect(await hoursOf(second)).toEqual(before);
  second.close();
});
