import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import type { Grain, Ledger } from '../../../agent/core/store.ts';
import type { Window } from '../../../agent/core/time.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { amountNames } from '../../../agent/core/usage.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

const hours = 4;
const minutes = hours * 60;
const later = day0 + 2 * dayMs;
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

/** Requests of one model: input holds cached tokens, and a part of both is served by the flex tier. */
const minuteOfSol = fc.record({
  fresh: fc.nat(5_000),
  read: fc.nat(900),
  write: fc.nat(300),
  out: fc.nat(2_000),
  requests: fc.nat(9),
});
const minuteOfOss = fc.record({ flexIn: fc.nat(700), restIn: fc.nat(700), out: fc.nat(500) });

const world = fc.record({
  sol: fc.array(minuteOfSol, { minLength: minutes, maxLength: minutes }),
  oss: fc.array(minuteOfOss, { minLength: minutes, maxLength: minutes }),
});

type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const oss = { ModelId: 'openai.gpt-oss-120b-1:0' };
const flex = { ...oss, ServiceTier: 'flex', ResolvedServiceTier: 'flex' };

function seriesOf({ sol: s, oss: o }: World): readonly TrueSeries[] {
  return [
    { rowId: 'in', dimensions: sol, values: s.map((m) => m.fresh + m.read + m.write) },
    { rowId: 'read', dimensions: sol, values: s.map((m) => m.read) },
    { rowId: 'write', dimensions: sol, values: s.map((m) => m.write) },
    { rowId: 'out', dimensions: sol, values: s.map((m) => m.out) },
    { rowId: 'req', dimensions: sol, values: s.map((m) => m.requests) },
    { rowId: 'in', dimensions: oss, values: o.map((m) => m.flexIn + m.restIn) },
    { rowId: 'in.tier', dimensions: flex, values: o.map((m) => m.flexIn) },
    { rowId: 'out', dimensions: oss, values: o.map((m) => m.out) },
  ];
}

const window = fc
  .tuple(
    fc.nat(hours - 1),
    fc.nat(59),
    fc.integer({ min: 1, max: 150 }),
    fc.constantFrom(60, 60, 3_600),
  )
  .map(([hour, minute, length, periodSeconds]) => {
    const step = periodSeconds * 1_000;
    const from = periodSeconds === 60 ? hour * hourMs + minute * minuteMs : hour * hourMs;
    const to = Math.min(
      hours * hourMs,
      from + (periodSeconds === 60 ? length * minuteMs : Math.ceil(length / 60) * step),
    );
    return { window: { start: day0 + from, end: day0 + to }, periodSeconds };
  });

interface Step {
  readonly window: Window;
  readonly periodSeconds: number;
}

interface Sums {
  [name: string]: number;
}

async function totals(ledger: Ledger, grain: Grain, bucketMs: number): Promise<Sums> {
  const identities = await ledger.identities();
  const rows = await ledger.amounts({
    grain,
    identityIds: identities.map((one) => one.id),
    window: { start: day0, end: day0 + dayMs },
    bucketMs,
  });
  const sums: Sums = {};
  for (const row of rows) {
    const identity = identities.find((one) => one.id === row.identityId);
    for (const name of amountNames) {
      const amount = row[name];
      if (!amount) continue;
      const key = `${identity?.model} ${identity?.tier} ${name} ${row.bucket}`;
      sums[key] = (sums[key] ?? 0) + amount;
    }
  }
  return sums;
}

function truth({ sol: s, oss: o }: World, bucketMs: number): Sums {
  const sums: Sums = {};
  const add = (minute: number, model: string, tier: string, name: string, amount: number) => {
    if (amount === 0) return;
    const bucket = Math.floor((day0 + minute * minuteMs) / bucketMs) * bucketMs;
    const key = `${model} ${tier} ${name} ${bucket}`;
    sums[key] = (sums[key] ?? 0) + amount;
  };
  s.forEach((m, at) => {
    add(at, 'openai/gpt-5.6-sol', 'unknown', 'input', m.fresh);
    add(at, 'openai/gpt-5.6-sol', 'unknown', 'cacheRead', m.read);
    add(at, 'openai/gpt-5.6-sol', 'unknown', 'cacheWrite', m.write);
    add(at, 'openai/gpt-5.6-sol', 'unknown', 'output', m.out);
    add(at, 'openai/gpt-5.6-sol', 'unknown', 'requests', m.requests);
  });
  o.forEach((m, at) => {
    add(at, 'openai/gpt-oss-120b', 'flex', 'unsplitInput', m.flexIn);
    add(at, 'openai/gpt-oss-120b', 'unknown', 'unsplitInput', m.restIn);
    add(at, 'openai/gpt-oss-120b', 'unknown', 'output', m.out);
  });
  return sums;
}

async function ledgerAfter(w: World, steps: readonly Step[]): Promise<Ledger> {
  const series = seriesOf(w);
  const ledger = openLedger(':memory:', interpretation, day0);
  ledger.recordDiscovery(
    'aws',
    { scopes: ['aws'], targets: [targetOf(series)], inventory: [], failures: [] },
    day0,
  );
  for (const step of steps) ledger.commit(batchOf(series, step.window, step.periodSeconds, later));
  return ledger;
}

test('windows in any order, twice, overlapping, by minute and by hour end at the truth of every grain', async () => {
  await fc.assert(
    fc.asyncProperty(
      world,
      fc.array(window, { maxLength: 8 }),
      fc.nat(99),
      async (w, noise, at) => {
        const whole = [
          { window: { start: day0, end: day0 + 90 * minuteMs }, periodSeconds: 60 },
          {
            window: { start: day0 + 80 * minuteMs, end: day0 + hours * hourMs },
            periodSeconds: 60,
          },
        ];
        const steps: Step[] = [...noise];
        for (const one of whole) steps.splice(at % (steps.length + 1), 0, one);
        const ledger = await ledgerAfter(w, steps);
        expect(await totals(ledger, 'minute', minuteMs)).toEqual(truth(w, minuteMs));
        expect(await totals(ledger, 'hour', hourMs)).toEqual(truth(w, hourMs));
        expect(await totals(ledger, 'day', dayMs)).toEqual(truth(w, dayMs));
        ledger.close();
      },
    ),
    { numRuns: 25 },
  );
});

test('hour-long readings alone tell hours and days; minutes laid over some hours change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.array(window, { maxLength: 4 }), async (w, noise) => {
      const byHour = { window: { start: day0, end: day0 + hours * hourMs }, periodSeconds: 3_600 };
      const ledger = await ledgerAfter(w, [byHour, ...noise, byHour]);
      expect(await totals(ledger, 'hour', hourMs)).toEqual(truth(w, hourMs));
      expect(await totals(ledger, 'day', dayMs)).toEqual(truth(w, dayMs));
      ledger.close();
    }),
    { numRuns: 25 },
  );
});

test('the same batch a second time changes no row and adds no revision', async () => {
  const w = fc.sample(world, { numRuns: 1, seed: 7 })[0] as World;
  const all = { window: { start: day0, end: day0 + hours * hourMs }, periodSeconds: 60 };
  const ledger = await ledgerAfter(w, [all]);
  const again = ledger.commit(batchOf(seriesOf(w), all.window, 60, later));
  expect(again).toMatchObject({ readingsChanged: 0, usageChanged: 0, vanished: 0 });
  expect(again.sequence).toBe((await ledger.since(0, 100)).at(-1)?.sequence);
  ledger.close();
});
