import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { BillLine, BillStatement } from '../../../agent/core/bill.ts';
import type { BilledFeed, BilledPage } from '../../../agent/core/billed-feed.ts';
import { addExact, decimalText, exactOf } from '../../../agent/core/decimal-sum.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import {
  billLine,
  billStatement,
  inputOfSol,
  november,
  novemberDays,
} from '../../support/bill-world.ts';
import { temporaryFolder } from '../../support/cli-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const name = 'otlp test';
let ledger: Ledger;
let feed: BilledFeed;

function openAt(path: string): void {
  ledger = openLedger(path, interpretation, november(1));
  ledger.openFeed(name, november(1));
  feed = ledger.openBilledFeed(name);
}

beforeEach(() => openAt(':memory:'));
afterEach(() => ledger.close());

/** The first five days of November as they were known on the sixth, to be changed where a test cares. */
function bill(lines: readonly Partial<BillLine>[], change: Partial<BillStatement> = {}): void {
  ledger.recordBill(billStatement({ lines: lines.map(billLine), ...change }));
}

/** `3 anthropic/… 25`: day, model and dollars. */
function said(page: BilledPage | undefined): readonly string[] | undefined {
  return page?.points.map(
    ({ start, series, cost }) =>
      `${new Date(start).getUTCDate()} ${series.model || series.service} ${cost}`,
  );
}

async function tellAll(): Promise<readonly string[]> {
  const all: string[] = [];
  for (let page = await feed.next(100); page !== undefined; page = await feed.next(100)) {
    all.push(...(said(page) ?? []));
    feed.done(page);
  }
  return all;
}

const sol = 'openai/gpt-5.6-sol';

describe('a billed day', () => {
  it('is told once, as the exact sum of its lines, from its start to its end', async () => {
    bill([{ cost: '0.1' }, { cost: '0.2', meter: 'another' }, { day: november(4), cost: '7' }]);
    const page = await feed.next(100);
    expect(page?.points.map(({ start, end }) => [start, end])).toEqual([
      [november(3), november(4)],
      [november(4), november(5)],
    ]);
    expect(await tellAll()).toEqual([`3 ${sol} 0.3`, `4 ${sol} 7`]);
    expect(await tellAll()).toEqual([]);
  });

  it('is told apart by account, region, model, kind of token and kind of charge', async () => {
    bill([
      {},
      { account: '444455556666' },
      { region: 'eu-west-1' },
      { meaning: { ...inputOfSol, item: 'output' } },
      { meaning: { ...inputOfSol, model: 'openai/gpt-oss-120b' } },
      { meaning: 'not_tokens', service: 'Amazon Bedrock Guardrails' },
      { recordType: 'credit', cost: '-3' },
    ]);
    const page = await feed.next(100);
    expect(page?.points.map(({ cost }) => cost).toSorted()).toEqual([
      '-3',
      ...Array<string>(6).fill('25'),
    ]);
  });

  it('is told again where a later bill changes it, and only then', async () => {
    bill([{}, { day: november(4), cost: '7' }]);
    await tellAll();
    bill([{}, { day: november(4), cost: '7.00' }], { fetchedAt: november(7) });
    expect(await tellAll()).toEqual([]);
    bill([{}, { day: november(4), cost: '7.5' }], { fetchedAt: november(8) });
    expect(await tellAll()).toEqual([`4 ${sol} 7.5`]);
  });

  it('is zero, once, of what is on no bill any more', async () => {
    bill([{}, { region: 'eu-west-1' }]);
    await tellAll();
    bill([{}], { fetchedAt: november(7) });
    expect(await tellAll()).toEqual([`3 ${sol} 0`]);
    bill([], { fetchedAt: november(8) });
    expect(await tellAll()).toEqual([`3 ${sol} 0`]);
    bill([], { fetchedAt: november(9) });
    expect(await tellAll()).toEqual([]);
  });

  it('is the bill of one source: a finer one replaces the other, and equal sums are not told again', async () => {
    bill([{}]);
    await tellAll();
    const file = { source: 'aws_cur', scope: 'a file' } as const;
    bill([{ cost: '10' }, { cost: '15' }], file);
    expect(await tellAll()).toEqual([]);
    bill([{ cost: '10' }, { cost: '16' }], { ...file, fetchedAt: november(7) });
    expect(await tellAll()).toEqual([`3 ${sol} 26`]);
  });

  it('is not told while its bill was fetched before it was over', async () => {
    bill([{}], { fetchedAt: november(4) - 1 });
    expect(await tellAll()).toEqual([]);
    bill([{ cost: '31' }], { fetchedAt: november(4) });
    expect(await tellAll()).toEqual([`3 ${sol} 31`]);
  });

  it('is not told where it began before the feed did', async () => {
    ledger.openFeed('later', november(3) + hourMs);
    const later = ledger.openBilledFeed('later');
    bill([{}, { day: november(4) }]);
    expect(said(await later.next(100))).toEqual([`4 ${sol} 25`]);
  });

  it('is kept by each feed for itself', async () => {
    ledger.openFeed('another', november(1));
    bill([{}]);
    await tellAll();
    expect(said(await ledger.openBilledFeed('another').next(100))).toEqual([`3 ${sol} 25`]);
  });

  it('is left out, and said so, where it is no dollars', async () => {
    bill([{ currency: 'EUR' }, { currency: 'JPY' }, { day: november(4) }]);
    expect(feed.otherCurrencies()).toEqual([]);
    expect(await tellAll()).toEqual([`4 ${sol} 25`]);
    expect(feed.otherCurrencies()).toEqual(['EUR', 'JPY']);
  });

  it('is no zero once the ledger has given up its bill', async () => {
    bill([{}]);
    bill([{ day: november(20) }], { days: novemberDays(20, 21), fetchedAt: november(22) });
    await tellAll();
    const kept = { minuteSeconds: 86_400, hourSeconds: 86_400, daySeconds: 10 * 86_400 };
    while (ledger.age(november(22), kept).more);
    expect((await ledger.billedDays()).map(({ start }) => start)).toEqual([november(20)]);
    expect(await tellAll()).toEqual([]);
  });
});

describe('a page that was sent, of which nobody knows whether it arrived', () => {
  it('is sent again, by an agent that was killed too', async () => {
    ledger.close();
    const path = join(temporaryFolder(), 'crossbill.db');
    openAt(path);
    bill([{}]);
    const sent = await feed.next(100);
    expect(said(await feed.next(100))).toEqual(said(sent));
    ledger.close();
    openAt(path);
    expect(await feed.next(100)).toEqual(sent);
  });

  it('is sent again with what it said before, where the bill changed and changed back', async () => {
    bill([{}]);
    await tellAll();
    bill([{ cost: '26' }], { fetchedAt: november(7) });
    await feed.next(100);
    bill([{}], { fetchedAt: november(8) });
    expect(await tellAll()).toEqual([`3 ${sol} 25`]);
  });

  it('is zero where the bill says nothing of it any more', async () => {
    bill([{}]);
    await feed.next(100);
    bill([], { fetchedAt: november(8) });
    expect(await tellAll()).toEqual([`3 ${sol} 0`]);
  });
});

test('a feed that was never opened tells no bill', () => {
  expect(() => ledger.openBilledFeed('nobody')).toThrow('no feed is called nobody');
});

/** A bill of some days, or what becomes of the telling. */
const events = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('bill' as const),
      source: fc.constantFrom('aws_cost_explorer' as const, 'aws_cur' as const),
      first: fc.integer({ min: 1, max: 8 }),
      length: fc.integer({ min: 1, max: 4 }),
      lines: fc.array(
        fc.record({
          offset: fc.nat({ max: 3 }),
          account: fc.constantFrom('a', 'b'),
          cents: fc.integer({ min: -50, max: 500 }),
        }),
        { maxLength: 6 },
      ),
    }),
    fc.record({
      kind: fc.constant('send' as const),
      limit: fc.integer({ min: 1, max: 5 }),
      becomes: fc.constantFrom('done', 'lost', 'killed'),
    }),
  ),
  { maxLength: 25 },
);

test('whatever is lost or killed in between, the other side ends with the bill, and was told nothing twice that it had', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (list) => {
      ledger.close();
      openAt(':memory:');
      /** What the other side has, and how much of it the ledger knows of. */
      const there = new Map<string, string>();
      const known = new Map<string, string>();
      const send = async (limit: number, becomes: string): Promise<boolean> => {
        const page = await feed.next(limit);
        if (page === undefined) return false;
        for (const { start, seriesId, cost } of page.points) {
          const key = `${start} ${seriesId}`;
          expect(known.get(key)).not.toBe(cost);
          if (becomes !== 'lost') there.set(key, cost);
          if (becomes === 'done') known.set(key, cost);
          else known.delete(key);
        }
        if (becomes === 'done') feed.done(page);
        if (becomes === 'killed') feed = ledger.openBilledFeed(name);
        return true;
      };
      let fetchedAt = november(20);
      for (const event of list) {
        if (event.kind === 'send') {
          await send(event.limit, event.becomes);
          continue;
        }
        const { source, first, length, lines } = event;
        fetchedAt += hourMs;
        ledger.recordBill(
          billStatement({
            source,
            days: novemberDays(first, first + length - 1),
            fetchedAt,
            lines: lines.map(({ offset, account, cents }) =>
              billLine({
                day: november(first + (offset % length)),
                account,
                cost: String(cents / 100),
              }),
            ),
          }),
        );
      }
      while (await send(3, 'done'));
      expect(sumsByDay(there)).toEqual(await billByDay());
    }),
    { numRuns: 40 },
  );
});

/** Dollars by day, those of nothing left out. */
function sumsByDay(there: ReadonlyMap<string, string>): ReadonlyMap<number, string> {
  return dollars([...there].map(([key, cost]) => [Number(key.split(' ')[0]), cost]));
}

async function billByDay(): Promise<ReadonlyMap<number, string>> {
  const lines = await ledger.bills({ start: november(1), end: november(30) + dayMs });
  return dollars(lines.map(({ day, cost }) => [day, cost]));
}

function dollars(amounts: readonly (readonly [day: number, cost: string])[]) {
  const none = { digits: 0n, scale: 0 };
  const sums = new Map<number, string>();
  for (const [day, cost] of amounts) {
    const sum = addExact(exactOf(sums.get(day) ?? '0') ?? none, exactOf(cost) ?? none);
    sums.set(day, decimalText(sum));
  }
  return new Map([...sums].filter(([, sum]) => sum !== '0').toSorted(([a], [b]) => a - b));
}
