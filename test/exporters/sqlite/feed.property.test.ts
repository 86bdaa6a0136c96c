import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import type { FeedSums, SettledFeed, SettledPage } from '../../../agent/core/exporter.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import type { Window } from '../../../agent/core/time.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { amountNames } from '../../../agent/core/usage.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

vi.setConfig({ testTimeout: 180_000 });

const hours = 5;
const minutes = hours * 60;
const span = { start: day0, end: day0 + hours * hourMs };
/** In the middle of an hour, so that an hour and a day are told in part. */
const firstStart = day0 + 37 * minuteMs;
const later = day0 + 2 * dayMs;
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const oss = { ModelId: 'openai.gpt-oss-120b-1:0' };
const model = 'openai/gpt-5.6-sol';
const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const aliases = [
  new Map<string, string>(),
  new Map([['aws/us.openai.gpt-5.6-sol', 'openai/renamed']]),
];

/** Silent, steady, busy: by series and minute. */
const anyWorld = fc.array(fc.nat(3), { minLength: minutes, maxLength: minutes });

const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), ...anySpan() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('tell' as const),
      limit: fc.integer({ min: 1, max: 150 }),
      pages: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      limit: fc.integer({ min: 1, max: 150 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      at: fc.nat(minutes - 1),
      by: fc.integer({ min: 1, max: 50 }),
      ...anySpan(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rate' as const), usd: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), alias: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
);

function anySpan() {
  return {
    from: fc.nat(minutes - 1),
    length: fc.integer({ min: 1, max: 120 }),
    provisional: fc.boolean(),
  };
}

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

interface Run {
  readonly ledger: () => Ledger;
  readonly feed: () => SettledFeed;
  readonly pages: SettledPage[];
  read(window: Window, readAt: number): void;
  apply(step: Step): void;
  finish(): void;
  /** Closes the ledger and opens it again, as it is. */
  restart(): void;
  close(): void;
}

function start(levels: readonly number[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-feed-'));
  const values = levels.map((level, at) => (level === 0 ? 0 : level * 100 + (at % 17)));
  const pages: SettledPage[] = [];
  let usd = 5;
  let named = 0;
  let ledger: Ledger;
  let feed: SettledFeed;

  function world(): readonly TrueSeries[] {
    return [
      { rowId: 'in', dimensions: sol, values },
      { rowId: 'read', dimensions: sol, values: values.map((value) => value >> 2) },
      { rowId: 'out', dimensions: sol, values: values.map((value) => value % 90) },
      { rowId: 'req', dimensions: sol, values: values.map((value) => value % 7) },
      { rowId: 'in', dimensions: oss, values: values.map((value) => value % 50) },
      { rowId: 'out', dimensions: oss, values: values.map((value) => value % 11) },
    ];
  }
  function rate(): void {
    const price = (item: 'input' | 'output') =>
      smallPrice({ model, item, nanoUsd: perMillion(usd * (item === 'input' ? 1 : 6)) });
    ledger.rateWith(createRater([price('input'), price('output')], []), firstStart);
  }
  function open(alias: number): void {
    named = alias;
    const interpretation = createInterpretation(aliases[alias] as Map<string, string>, switches);
    ledger = openLedger(join(folder, 'ledger.db'), interpretation, firstStart);
    rate();
    const found = { scopes: ['aws'], targets: [targetOf(world())], inventory: [], failures: [] };
    ledger.recordDiscovery('aws', found, day0);
    feed = ledger.openFeed('prometheus', firstStart);
  }
  function read(window: Window, readAt: number): void {
    ledger.commit(batchOf(world(), window, 60, readAt));
  }
  function windowOf({ from, length }: { from: number; length: number }): Window {
    const begin = day0 + from * minuteMs;
    return { start: begin, end: Math.min(span.end, begin + length * minuteMs) };
  }
  /** Only the minutes before the last ten have settled where it was read at once. */
  function readAtOf(window: Window, provisional: boolean): number {
    return provisional ? window.end : later;
  }

  open(0);
  return {
    ledger: () => ledger,
    feed: () => feed,
    pages,
    read,
    apply(step) {
      if (step.do === 'read') {
        const window = windowOf(step);
        read(window, readAtOf(window, step.provisional));
      } else if (step.do === 'change') {
        values[step.at] = (values[step.at] ?? 0) + step.by;
        const window = windowOf({ ...step, from: Math.max(0, step.at - 5) });
        read(window, readAtOf(window, step.provisional));
      } else if (step.do === 'tell') {
        for (let i = 0; i < step.pages; i += 1) {
          const page = feed.next(step.limit);
          if (page === undefined) break;
          feed.done(page);
          feed.done(page);
          pages.push(page);
        }
      } else if (step.do === 'crash') {
        feed.next(step.limit);
        ledger.close();
        open(named);
      } else if (step.do === 'rate') {
        usd = step.usd;
        rate();
      } else if (step.do === 'restart') {
        ledger.close();
        open(step.alias);
      } else {
        feed.corrections();
      }
    },
    restart() {
      ledger.close();
      open(named);
    },
    finish() {
      read(span, later);
      for (let page = feed.next(100); page !== undefined; page = feed.next(100)) {
        feed.done(page);
        pages.push(page);
      }
    },
    close() {
      ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Sums = Record<string, number | bigint>;

function add(into: Sums, key: string, sums: FeedSums): void {
  for (const name of amountNames) {
    const at = `${key} ${name}`;
    into[at] = ((into[at] ?? 0) as number) + (sums.amounts[name] ?? 0);
  }
  into[`${key} cost`] = ((into[`${key} cost`] ?? 0n) as bigint) + (sums.cost ?? 0n);
  into[`${key} unpriced`] = ((into[`${key} unpriced`] ?? 0) as number) + sums.unpricedTokens;
}

function withoutZeros(sums: Sums): Sums {
  return Object.fromEntries(
    Object.entries(sums).filter(([, value]) => value !== 0 && value !== 0n),
  );
}

function toldAndCorrected(feed: SettledFeed): Sums {
  const sums: Sums = {};
  for (const total of feed.totals())
    add(sums, `${total.name.trafficId} ${total.name.model}`, total);
  for (const one of feed.corrections()) add(sums, `${one.name.trafficId} ${one.name.model}`, one);
  return withoutZeros(sums);
}

/** Minute by minute, from what pages said was told. */
async function ledgerOfTold(run: Run): Promise<Sums> {
  const told = new Map<number, Set<number>>();
  for (const page of run.pages) {
    for (const { trafficId, windows } of page.spans) {
      const known = told.get(trafficId) ?? new Set();
      told.set(trafficId, known);
      for (const { start: from, end } of windows) {
        for (let at = from; at < end; at += minuteMs) {
          expect(known.has(at), `${trafficId} at ${at} was told before`).toBe(false);
          expect(at).toBeGreaterThanOrEqual(firstStart);
          known.add(at);
        }
      }
    }
  }
  const identities = await run.ledger().identities();
  const rows = await run.ledger().amounts({
    grain: 'minute',
    identityIds: identities.map(({ id }) => id),
    window: span,
    bucketMs: minuteMs,
  });
  const sums: Sums = {};
  for (const row of rows) {
    const identity = identities.find(({ id }) => id === row.identityId);
    if (identity === undefined || told.get(identity.trafficId)?.has(row.bucket) !== true) continue;
    add(sums, `${identity.trafficId} ${identity.model}`, { ...row, amounts: row });
  }
  return withoutZeros(sums);
}

function toldByPages(pages: readonly SettledPage[]): Sums {
  const sums: Sums = {};
  for (const page of pages) {
    for (const { nameId, amounts, costs } of page.points)
      add(sums, String(nameId), { amounts, ...costs });
  }
  return withoutZeros(sums);
}

test('what the ledger holds of told periods is what was told and its correction, to the token and the nano-dollar', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, fc.array(anyStep, { maxLength: 14 }), async (levels, steps) => {
      const run = start(levels);
      try {
        let before: Sums = {};
        for (const step of steps) {
          run.apply(step);
          const totals: Sums = {};
          for (const total of run.feed().totals()) add(totals, String(total.name.id), total);
          for (const [key, value] of Object.entries(before)) {
            expect((totals[key] ?? 0) >= value, `${key} fell`).toBe(true);
          }
          before = totals;
          expect(withoutZeros(totals)).toEqual(toldByPages(run.pages));
          expect(toldAndCorrected(run.feed())).toEqual(await ledgerOfTold(run));
        }
        run.finish();
        expect(toldAndCorrected(run.feed())).toEqual(await ledgerOfTold(run));
        const told = new Set(
          run.pages.flatMap(({ spans }) => spans.map(({ trafficId }) => trafficId)),
        );
        const identities = await run.ledger().identities();
        expect(told).toEqual(new Set(identities.map(({ trafficId }) => trafficId)));
        for (const trafficId of told) {
          const lengths = run.pages
            .flatMap(({ spans }) => spans.filter((one) => one.trafficId === trafficId))
            .flatMap(({ windows }) => windows.map(({ start: from, end }) => end - from));
          const whole = lengths.reduce((sum, length) => sum + length, 0);
          expect(whole).toBe(span.end - firstStart);
        }
      } finally {
        run.close();
      }
    }),
    { numRuns: 60 },
  );
});

test('minutes, hours and days that are given up leave told and correction as they were', () => {
  const retention = (minuteDays: number, hourDays: number, days = Infinity) => ({
    minuteSeconds: minuteDays * 86_400,
    hourSeconds: hourDays * 86_400,
    daySeconds: days * 86_400,
  });
  fc.assert(
    fc.property(anyWorld, fc.array(anyStep, { maxLength: 10 }), (levels, steps) => {
      const run = start(levels);
      try {
        for (const step of steps) run.apply(step);
        run.finish();
        const before = toldAndCorrected(run.feed());
        const now = day0 + 40 * dayMs;
        const ages = [retention(1, 100), retention(1, 2), retention(1, 2, 3)];
        for (const age of ages) {
          for (let more = true; more;) more = run.ledger().age(now, age).more;
          expect(run.feed().next(100)).toBeUndefined();
          expect(toldAndCorrected(run.feed())).toEqual(before);
          run.restart();
          expect(toldAndCorrected(run.feed())).toEqual(before);
        }
      } finally {
        run.close();
      }
    }),
    { numRuns: 15 },
  );
});
