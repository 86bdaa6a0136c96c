import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Discovery, Target } from '../../../agent/core/collector.ts';
import type { InventoryItem } from '../../../agent/core/inventory.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { Driver } from '../../../exporters/sqlite/driver.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf, unitOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const hour = { start: day0, end: day0 + hourMs };
const later = day0 + dayMs;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-ledger-'));
  path = join(folder, 'ledger.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function discoveryOf(targets: readonly Target[], more: Partial<Discovery> = {}): Discovery {
  return { scopes: ['aws'], targets, inventory: [], failures: [], ...more };
}

function flat(
  rowId: string,
  value: number,
  dimensions: Readonly<Record<string, string>> = sol,
): TrueSeries {
  return { rowId, dimensions, values: Array<number>(60).fill(value) };
}

async function sums(ledger: Pick<Ledger, 'identities' | 'amounts'>) {
  const identities = await ledger.identities();
  const rows = await ledger.amounts({
    grain: 'hour',
    identityIds: identities.map((one) => one.id),
    window: { start: day0, end: day0 + dayMs },
    bucketMs: 0,
  });
  return rows.map((row) => ({
    model: identities.find((one) => one.id === row.identityId)?.model,
    input: row.input,
    cacheRead: row.cacheRead,
    output: row.output,
    unsplitInput: row.unsplitInput,
  }));
}

test('an alias edited between two runs renames the past in place and moves no token', async () => {
  const world = [
    flat('in', 10, { ModelId: 'acme.house-model' }),
    flat('out', 2, { ModelId: 'acme.house-model' }),
  ];
  const first = openLedger(path, interpretation, day0);
  first.recordDiscovery('aws', discoveryOf([targetOf(world)]), day0);
  first.commit(batchOf(world, hour, 60, later));
  const before = await sums(first);
  first.close();
  const aliases = new Map([['aws/acme.house-model', 'openai/gpt-4.1-mini']]);
  const second = openLedger(path, createInterpretation(aliases, switches), later);
  const after = await sums(second);
  second.close();
  expect(before).toHaveLength(1);
  expect(after).toEqual([{ ...before[0], model: 'openai/gpt-4.1-mini' }]);
});

test('a cache meter that comes to light later turns all unsplit input of the past into input', async () => {
  const ledger = openLedger(path, interpretation, day0);
  const early = [flat('in', 100), flat('out', 5)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(early)]), day0);
  ledger.commit(batchOf(early, hour, 60, later));
  expect(await sums(ledger)).toMatchObject([{ unsplitInput: 6_000, input: null }]);
  const late = [...early, flat('read', 30)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(late)]), later);
  const lastQuarter = { start: day0 + 45 * minuteMs, end: day0 + hourMs };
  ledger.commit(batchOf(late, lastQuarter, 60, later));
  expect(await sums(ledger)).toMatchObject([
    { unsplitInput: null, input: 45 * 100 + 15 * 70, cacheRead: 15 * 30, output: 300 },
  ]);
  ledger.close();
});

test('a contract switch turned off derives the past anew from the same readings', async () => {
  const world = [flat('in', 100), flat('read', 30), flat('out', 5)];
  const first = openLedger(path, interpretation, day0);
  first.recordDiscovery('aws', discoveryOf([targetOf(world)]), day0);
  first.commit(batchOf(world, hour, 60, later));
  expect(await sums(first)).toMatchObject([{ input: 60 * 70, cacheRead: 60 * 30 }]);
  first.close();
  const excluded = { ...switches, openaiInputIncludesCached: false };
  const second = openLedger(path, createInterpretation(new Map(), excluded), later);
  expect(await sums(second)).toMatchObject([{ input: 60 * 100, cacheRead: 60 * 30 }]);
  second.close();
});

test('an inference profile made to point elsewhere splits its usage at the minute it was seen', async () => {
  const profile = { ModelId: '0example0001' };
  const world = [flat('in', 10, profile), flat('out', 1, profile)];
  const item = (model: string): InventoryItem => ({
    kind: 'inference_profile',
    name: '0example0001',
    attributes: {
      profile_name: 'search',
      model_arns: `arn:aws:bedrock:us-east-1::foundation-model/${model}`,
    },
    tags: { team: 'search' },
  });
  const snapshot = (model: string) => ({
    inventory: [
      {
        cloud: 'aws' as const,
        account: '111122223333',
        region: 'us-east-1',
        resource: '',
        kind: 'inference_profile' as const,
        items: [item(model)],
      },
    ],
  });
  const ledger = openLedger(path, interpretation, day0);
  ledger.recordDiscovery(
    'aws',
    discoveryOf([targetOf(world)], snapshot('amazon.nova-lite-v1:0')),
    day0,
  );
  ledger.commit(batchOf(world, hour, 60, later));
  const change = day0 + 20 * minuteMs + 1_500;
  ledger.recordDiscovery(
    'aws',
    discoveryOf([targetOf(world)], snapshot('amazon.nova-pro-v1:0')),
    change,
  );
  expect(await sums(ledger)).toMatchObject([
    { model: 'amazon/nova-lite', input: 200, output: 20 },
    { model: 'amazon/nova-pro', input: 400, output: 40 },
  ]);
  const names = await ledger.identities();
  expect(names.map(({ deployment, tags, assumed }) => ({ deployment, tags, assumed }))).toEqual([
    { deployment: 'search', tags: { team: 'search' }, assumed: true },
    { deployment: 'search', tags: { team: 'search' }, assumed: false },
  ]);
  ledger.close();
});

test('what is listed after others were identified names what is read next, however many at once and however often it changed', async () => {
  const ids = Array.from({ length: 70 }, (_, i) => `0example${String(i).padStart(4, '0')}`);
  const first = [flat('in', 1), flat('out', 1)];
  const world = ids.map((ModelId) => flat('in', 10, { ModelId }));
  const snapshot = (model: string) => ({
    inventory: [
      {
        cloud: 'aws' as const,
        account: '111122223333',
        region: 'us-east-1',
        resource: '',
        kind: 'inference_profile' as const,
        items: ids.map((name): InventoryItem => ({
          kind: 'inference_profile',
          name,
          attributes: {
            profile_name: 'search',
            model_arns: `arn:aws:bedrock:us-east-1::foundation-model/${model}`,
          },
          tags: {},
        })),
      },
    ],
  });
  const ledger = openLedger(path, interpretation, day0);
  ledger.recordDiscovery('aws', discoveryOf([targetOf(first)]), day0);
  ledger.commit(batchOf(first, hour, 60, later));
  const both = discoveryOf([targetOf([...first, ...world])]);
  ledger.recordDiscovery('aws', { ...both, ...snapshot('amazon.nova-lite-v1:0') }, day0);
  const change = day0 + 20 * minuteMs;
  ledger.recordDiscovery('aws', { ...both, ...snapshot('amazon.nova-pro-v1:0') }, change);
  ledger.commit(batchOf(world, hour, 60, later));
  const found = await sums(ledger);
  const of = (model: string) => found.filter((row) => row.model === model);
  expect(of('amazon/nova-lite').map(({ input }) => input)).toEqual(ids.map(() => 200));
  expect(of('amazon/nova-pro').map(({ input }) => input)).toEqual(ids.map(() => 400));
  const before = await ledger.identities();
  ledger.close();
  const again = openLedger(path, interpretation, later);
  expect(await again.identities()).toEqual(before);
  again.close();
});

test('a point that was read and is gone keeps its value and is counted once; coming back it counts no more', async () => {
  const ledger = openLedger(path, interpretation, day0);
  const whole = [flat('in', 10), flat('out', 1)];
  const holed = [{ ...flat('in', 10), values: flat('in', 10).values.with(7, 0) }, flat('out', 1)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(whole)]), day0);
  ledger.commit(batchOf(whole, hour, 60, later));
  expect(ledger.commit(batchOf(holed, hour, 60, later)).vanished).toBe(1);
  expect(ledger.commit(batchOf(holed, hour, 60, later)).vanished).toBe(0);
  expect(await sums(ledger)).toMatchObject([{ unsplitInput: 600 }]);
  expect((await ledger.sources(later))[0]?.irregularities).toEqual({ vanished: 1 });
  ledger.commit(batchOf(whole, hour, 60, later));
  expect((await ledger.sources(later))[0]?.irregularities).toEqual({});
  ledger.close();
});

test('more cached tokens than input ones are a violation once settled, and nothing is clamped', async () => {
  const ledger = openLedger(path, interpretation, day0);
  const world = [flat('in', 10), flat('read', 25), flat('out', 1)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(world)]), day0);
  ledger.commit(batchOf(world, hour, 60, later));
  expect(await sums(ledger)).toMatchObject([{ unsplitInput: 600, input: null, cacheRead: null }]);
  expect((await ledger.sources(later))[0]?.irregularities).toEqual({ contract_violation: 60 });
  ledger.close();
});

test('units the listing forgot are polled on; targets of a failed scope stay; others end', () => {
  const ledger = openLedger(path, interpretation, day0);
  const both = [flat('in', 1), flat('out', 1)];
  const eu = targetOf(both, 'eu-central-1');
  ledger.recordDiscovery('aws', discoveryOf([targetOf(both), eu]), day0);
  const denied = new ExternalError('denied', {
    reason: 'denied',
    operation: 'cloudwatch:ListMetrics',
    hint: 'allow it',
  });
  const scope = 'aws/111122223333/eu-central-1';
  const next = ledger.recordDiscovery(
    'aws',
    {
      scopes: ['aws/111122223333/us-east-1'],
      targets: [targetOf([flat('in', 1)])],
      inventory: [],
      failures: [{ scope, error: denied }],
    },
    later,
  );
  expect(next.map((target) => [target.region, target.units.length])).toEqual([
    ['us-east-1', 2],
    ['eu-central-1', 2],
  ]);
  const gone = ledger.recordDiscovery(
    'aws',
    discoveryOf([], { scopes: ['aws/111122223333/eu-central-1'] }),
    later,
  );
  expect(gone.map((target) => target.region)).toEqual(['eu-central-1']);
  ledger.close();
});

test('a newly listed unit is uncovered while its neighbours are covered', () => {
  const ledger = openLedger(path, interpretation, day0);
  const early = [flat('in', 1)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(early)]), day0);
  ledger.commit(batchOf(early, hour, 60, later));
  const late = [...early, flat('out', 1)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(late)]), later);
  const coverage = ledger.coverage(targetOf(late).id);
  expect(coverage.get(unitOf(flat('in', 1)).key)).toEqual([
    { ...hour, periodSeconds: 60, settled: true },
  ]);
  expect(coverage.get(unitOf(flat('out', 1)).key)).toEqual([]);
  const { key } = unitOf(flat('in', 1));
  const asked = ledger.coverage(targetOf(late).id, [{ key }, { key: 'never listed' }]);
  expect([...asked]).toEqual([[key, coverage.get(key)]]);
  ledger.close();
});

test('a window read before its meters settled is provisional, and settled once read again later', () => {
  const ledger = openLedger(path, interpretation, day0);
  const world = [flat('in', 1)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(world)]), day0);
  const key = unitOf(flat('in', 1)).key;
  const spans = () => ledger.coverage(targetOf(world).id).get(key);
  ledger.commit(batchOf(world, hour, 60, day0 + 40 * minuteMs));
  expect(spans()).toEqual([
    { start: day0, end: day0 + 30 * minuteMs, periodSeconds: 60, settled: true },
    { start: day0 + 30 * minuteMs, end: hour.end, periodSeconds: 60, settled: false },
  ]);
  ledger.commit(batchOf(world, hour, 60, day0 + 10 * minuteMs));
  expect(spans()?.[0], 'a clock set back unsettles nothing').toMatchObject({
    end: day0 + 30 * minuteMs,
    settled: true,
  });
  ledger.commit(batchOf(world, hour, 60, hour.end + 10 * minuteMs));
  expect(spans()).toEqual([{ ...hour, periodSeconds: 60, settled: true }]);
  ledger.close();
});

test('a second writer is refused and told why; a reader opens beside the writer and sees its commits', async () => {
  const world = [flat('in', 10), flat('out', 1)];
  const writer = openLedger(path, interpretation, day0);
  expect(() => openLedger(path, interpretation, day0)).toThrow(/held by another Crossbill/);
  const reader = openLedgerReader(path, interpretation);
  writer.recordDiscovery('aws', discoveryOf([targetOf(world)]), day0);
  writer.commit(batchOf(world, hour, 60, later));
  expect(await sums(reader)).toEqual(await sums(writer));
  reader.close();
  writer.close();
  openLedger(path, interpretation, day0).close();
});

test('what cannot be a ledger is refused with what to do, and is not changed', () => {
  writeFileSync(path, 'this is no database, however long it may be '.repeat(40));
  expect(() => openLedger(path, interpretation, day0)).toThrow(/not a ledger, or is damaged/);
  expect(() => openLedgerReader(join(folder, 'none.db'), interpretation)).toThrow(
    /no ledger to read/,
  );
  expect(() => openLedger(join(folder, 'no', 'such', 'folder.db'), interpretation, day0)).toThrow(
    /Check that the folder exists/,
  );
  const newer = join(folder, 'newer.db');
  const db = new Driver(newer);
  db.pragma('user_version = 99');
  db.close();
  expect(() => openLedger(newer, interpretation, day0)).toThrow(/newer Crossbill \(schema 99/);
});

test('a commit that fails half-way leaves no row, no coverage and no revision behind', async () => {
  const ledger = openLedger(path, interpretation, day0);
  const world = [flat('in', 10), flat('out', 1)];
  ledger.recordDiscovery('aws', discoveryOf([targetOf(world)]), day0);
  const good = batchOf(world, hour, 60, later);
  const last = good.readings[1];
  const readings = last === undefined ? [] : [...good.readings, { ...last, unitKey: 'nobody' }];
  expect(() => ledger.commit({ ...good, readings })).toThrow(/nobody was never discovered/);
  expect(await sums(ledger)).toEqual([]);
  expect(await ledger.since(0, 10)).toEqual([]);
  expect([...ledger.coverage(targetOf(world).id).values()].flat()).toEqual([]);
  ledger.commit(good);
  ledger.close();
  const reopened = openLedger(path, interpretation, later);
  expect(await sums(reopened), 'nothing of the failed try was left in memory').toMatchObject([
    { unsplitInput: 600, output: 60 },
  ]);
  reopened.close();
});
