import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { BillLine, BillStatement } from '../../../agent/core/bill.ts';
import { billTarget } from '../../../agent/core/bill.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import {
  billLine,
  billScope,
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
const month = novemberDays(1, 30);
let ledger: Ledger;

beforeEach(() => {
  ledger = openLedger(':memory:', interpretation, november(1));
});
afterEach(() => ledger.close());

/** `3 25.00`, day and cost. */
async function costs(days = month): Promise<readonly string[]> {
  const lines = await ledger.bills(days);
  return lines.map(({ day, cost }) => `${new Date(day).getUTCDate()} ${cost}`);
}

async function spans(): Promise<readonly string[]> {
  const billed = await ledger.billedDays();
  const date = (at: number) => new Date(at).getUTCDate();
  return billed.map(
    ({ scope, start, end, fetchedAt }) =>
      `${scope} ${date(start)}-${date(end - dayMs)} fetched ${date(fetchedAt)}`,
  );
}

describe('a statement', () => {
  it('comes back as it was said, to the last digit', async () => {
    const odd = billLine({
      quantity: '0.123456789012345678901234567890',
      cost: '-1e-12',
      amortizedCost: '0.00',
      recordType: 'credit',
      currency: 'EUR',
      meterId: '9f3a',
      meaning: 'not_tokens',
      resource: 'aoai-east',
      service: 'Foundry Models',
    });
    const unknown = billLine({ quantity: null, unit: '', region: '' });
    ledger.recordBill(billStatement({ lines: [odd, unknown] }));
    const kept = {
      cloud: 'aws',
      source: 'aws_cost_explorer',
      scope: 'prod-aws/111122223333',
      final: false,
      fetchedAt: november(6),
    };
    expect(await ledger.bills(month)).toEqual([
      { ...unknown, ...kept },
      { ...odd, ...kept },
    ]);
  });

  it('is kept line by line, also where two lines differ in nothing but their amounts', async () => {
    const lines = [billLine({ cost: '1' }), billLine({ cost: '2' }), billLine({ cost: '2' })];
    ledger.recordBill(billStatement({ lines }));
    expect(await costs()).toEqual(['3 1', '3 2', '3 2']);
  });

  it('replaces what the same source said of the scope and the days, and of no other day', async () => {
    const lines = [1, 2, 3, 4, 5].map((day) => billLine({ day: november(day), cost: `${day}` }));
    ledger.recordBill(billStatement({ lines }));
    ledger.recordBill(
      billStatement({
        days: novemberDays(2, 4),
        fetchedAt: november(9),
        lines: [billLine({ day: november(4), cost: '40' })],
      }),
    );
    expect(await costs()).toEqual(['1 1', '4 40', '5 5']);
    expect(await spans()).toEqual([
      'prod-aws/111122223333 1-1 fetched 6',
      'prod-aws/111122223333 2-4 fetched 9',
      'prod-aws/111122223333 5-5 fetched 6',
    ]);
  });

  it('leaves another scope and another source alone', async () => {
    const other = billLine({ account: '444455556666', cost: '7' });
    ledger.recordBill(billStatement());
    ledger.recordBill(billStatement({ scope: 'prod-aws/444455556666', lines: [other] }));
    ledger.recordBill(billStatement({ lines: [] }));
    expect(await costs()).toEqual(['3 7']);
  });

  it('is final up to where its source said so, day by day', async () => {
    const lines = [2, 3].map((day) => billLine({ day: november(day) }));
    ledger.recordBill(billStatement({ lines, finalUntil: november(3) }));
    expect((await ledger.bills(month)).map(({ final }) => final)).toEqual([true, false]);
  });

  it('keeps meanings that the catalog gave one meter at different times apart', async () => {
    const line = billLine({ meaning: 'unknown_name' });
    ledger.recordBill(billStatement({ days: novemberDays(3, 3), lines: [line] }));
    const later = billLine({ day: november(4) });
    ledger.recordBill(billStatement({ days: novemberDays(4, 4), lines: [later] }));
    const meanings = (await ledger.bills(month)).map(({ meaning }) => meaning);
    expect(meanings).toEqual(['unknown_name', inputOfSol]);
  });

  it.each<readonly [string, Partial<BillStatement>, RegExp]>([
    ['days that start at noon', { days: { start: november(1) + 1, end: november(2) } }, /whole/],
    ['a line before its days', { lines: [billLine({ day: november(1) - dayMs })] }, /of no day/],
    ['a line after its days', { lines: [billLine({ day: november(6) })] }, /of no day/],
    ['a line in the middle of a day', { lines: [billLine({ day: november(3) + 1 })] }, /of no day/],
    ['a cost that is no number', { lines: [billLine({ cost: 'NaN' })] }, /"NaN" for an amount/],
    ['a quantity with a comma', { lines: [billLine({ quantity: '1,5' })] }, /for an amount/],
  ])('is refused for %s, and nothing is written', async (_what, change, message) => {
    expect(() => ledger.recordBill(billStatement(change))).toThrow(message);
    expect(await ledger.billedDays()).toEqual([]);
  });

  it('is read beside its writer, and refused to nobody who only reads', async () => {
    const path = `${temporaryFolder()}/ledger.db`;
    const writer = openLedger(path, interpretation, november(1));
    writer.recordBill(billStatement());
    const reader = openLedgerReader(path, interpretation);
    expect(await reader.bills(month)).toEqual(await writer.bills(month));
    expect(await reader.billedDays()).toEqual(await writer.billedDays());
    reader.close();
    writer.close();
  });
});

test('lines come by day, account, resource, service and meter', async () => {
  const line = (day: number, account: string, resource: string, service: string, meter: string) =>
    billLine({ day: november(day), account, resource, service, meter });
  const ordered = [
    line(2, 'b', '', 'x', 'm'),
    line(3, 'a', 'r', 'x', 'm'),
    line(3, 'a', 's', 'x', 'm'),
    line(3, 'a', 's', 'y', 'l'),
    line(3, 'a', 's', 'y', 'm'),
    line(3, 'b', '', 'x', 'm'),
  ];
  const shuffled = ordered.toReversed();
  const of = (account: string) => shuffled.filter((one) => one.account === account);
  ledger.recordBill(billStatement({ scope: 'one', lines: of('b') }));
  ledger.recordBill(billStatement({ scope: 'two', lines: of('a') }));
  const names = (one: BillLine) =>
    [one.day, one.account, one.resource, one.service, one.meter].join(' ');
  expect((await ledger.bills(month)).map(names)).toEqual(ordered.map(names));
});

test('a source that is asked for by name says what it says, whatever else there is', async () => {
  ledger.recordBill(billStatement({ lines: [billLine({ cost: '10' })] }));
  ledger.recordBill(
    billStatement({ source: 'aws_cur', scope: 'payer', lines: [billLine({ cost: '11' })] }),
  );
  expect(await costs()).toEqual(['3 11']);
  const explorer = await ledger.bills(month, 'aws_cost_explorer');
  expect(explorer.map(({ cost }) => cost)).toEqual(['10']);
  expect(await ledger.bills(month, 'focus')).toEqual([]);
});

describe('properties', () => {
  const anyLine = fc.record({
    day: fc.nat({ max: 9 }).map((day) => november(1 + day)),
    account: fc.constantFrom('a', 'b'),
    meter: fc.constantFrom('in', 'out'),
    cost: fc.nat({ max: 99 }).map(String),
  });
  const anyStatement = fc
    .record({
      edges: fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })),
      lines: fc.array(anyLine, { maxLength: 12 }),
      fetchedAt: fc.nat({ max: 1_000 }).map((minute) => november(12) + minute * 60_000),
    })
    .map(({ edges, lines, fetchedAt }): BillStatement => {
      const days = novemberDays(1 + Math.min(...edges), 1 + Math.max(...edges));
      const within = lines.filter(({ day }) => day >= days.start && day < days.end);
      return billStatement({ days, fetchedAt, lines: within.map(billLine) });
    });

  async function contents() {
    const amounts = (await ledger.bills(month)).map(({ day, account, meter, cost, fetchedAt }) =>
      [day, account, meter, cost, fetchedAt].join(' '),
    );
    return amounts.toSorted();
  }

  test('after any statements, in any order, each day is what the last one of it said', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStatement, { maxLength: 8 }), async (statements) => {
        const own = openLedger(':memory:', interpretation, november(1));
        for (const statement of statements) own.recordBill(statement);
        const expected = Array.from({ length: 10 }, (_, index) => november(1 + index)).flatMap(
          (day) => {
            const last = statements.findLast(({ days }) => days.start <= day && day < days.end);
            return (last?.lines ?? [])
              .filter((line) => line.day === day)
              .map(({ account, meter, cost }) =>
                [day, account, meter, cost, last?.fetchedAt].join(' '),
              );
          },
        );
        const found = (await own.bills(month)).map(({ day, account, meter, cost, fetchedAt }) =>
          [day, account, meter, cost, fetchedAt].join(' '),
        );
        const told = (await own.billedDays()).flatMap(({ start, end }) =>
          Array.from({ length: (end - start) / dayMs }, (_, index) => start + index * dayMs),
        );
        own.close();
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
        expect(told).toEqual(
          Array.from({ length: 10 }, (_, index) => november(1 + index)).filter((day) =>
            statements.some(({ days }) => days.start <= day && day < days.end),
          ),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('a statement told twice is told once', async () => {
    await fc.assert(
      fc.asyncProperty(anyStatement, async (statement) => {
        ledger.recordBill(statement);
        const [once, days] = [await contents(), await ledger.billedDays()];
        ledger.recordBill(statement);
        expect(await contents()).toEqual(once);
        expect(await ledger.billedDays()).toEqual(days);
      }),
    );
  });
});

describe('getting old', () => {
  const kept = (days: number) => ({
    minuteSeconds: 3_600,
    hourSeconds: 3_600,
    daySeconds: days * 86_400,
  });

  it('goes with the days of usage, lines and spans alike', async () => {
    const lines = [1, 2, 3, 4, 5].map((day) => billLine({ day: november(day), cost: `${day}` }));
    ledger.recordBill(billStatement({ lines }));
    expect(ledger.age(november(6), kept(3)).deleted).toBe(2);
    expect(await costs()).toEqual(['3 3', '4 4', '5 5']);
    expect(await spans()).toEqual(['prod-aws/111122223333 3-5 fetched 6']);
    ledger.age(november(20), kept(3));
    expect(await ledger.billedDays()).toEqual([]);
  });

  it('never comes where days are kept for ever', async () => {
    ledger.recordBill(billStatement());
    ledger.age(november(30) + 5_000 * dayMs, kept(Infinity));
    expect(await costs()).toEqual(['3 25.00']);
  });
});

describe('the status of a scope', () => {
  const scope = billScope();
  const target = billTarget(scope);
  const error = new ExternalError('denied by the script', {
    reason: 'denied',
    operation: 'ce:GetCostAndUsage',
    hint: 'Grant it.',
  });
  const fails = (kind: 'usage' | 'bills', name: string) =>
    ledger.recordFailure({
      source: 'prod-aws',
      scope: name,
      error,
      at: november(6),
      nextTry: november(7),
      kind,
    });
  const rows = async () => ledger.sources(november(6));
  const failing = async () =>
    (await rows()).filter((row) => row.failure !== null).map((row) => row.target);

  it('is a row from the listing on, with what it told last', async () => {
    ledger.recordBillScopes('prod-aws', 'aws', [scope]);
    expect(await rows()).toMatchObject([
      {
        source: 'prod-aws',
        target: 'prod-aws/111122223333/bills/aws_cost_explorer',
        cloud: 'aws',
        account: '111122223333',
        lastSuccess: null,
        watermark: null,
        cadenceSeconds: 21_600,
        nextPoll: null,
      },
    ]);
    ledger.recordBill(billStatement());
    ledger.recordBillPace(scope, november(8), 'waits for money');
    expect(await rows()).toMatchObject([
      {
        lastSuccess: november(6),
        watermark: november(3),
        nextPoll: november(8),
        slowed: 'waits for money',
      },
    ]);
    fails('bills', target);
    expect(await rows()).toMatchObject([
      { lastSuccess: november(6), failure: { reason: 'denied' }, nextPoll: november(7) },
    ]);
  });

  it('goes when it is asked for no more; what was imported has none', async () => {
    ledger.recordBillScopes('prod-aws', 'aws', [scope, billScope({ scope: 'prod-aws/2' })]);
    ledger.recordBillScopes('prod-aws', 'aws', [scope]);
    ledger.recordBill(billStatement({ source: 'focus', scope: 'billing account' }));
    expect((await rows()).map((row) => row.target)).toEqual([target]);
  });

  it('keeps its failure through listings of usage, and listings of bills keep those of usage', async () => {
    ledger.recordBillScopes('prod-aws', 'aws', [scope]);
    fails('bills', target);
    fails('bills', 'prod-aws/444455556666/bills');
    fails('usage', 'prod-aws/111122223333/us-east-1');
    ledger.settleScopes('prod-aws', ['prod-aws/111122223333/us-east-1']);
    expect((await failing()).length).toBe(3);
    ledger.settleScopes('prod-aws', [], 'bills');
    expect(await failing()).toEqual([target, 'prod-aws/111122223333/us-east-1']);
    ledger.settleScopes('prod-aws', []);
    expect(await failing()).toEqual([target]);
    ledger.recordBillScopes('prod-aws', 'aws', []);
    ledger.settleScopes('prod-aws', [], 'bills');
    expect(await failing()).toEqual([]);
  });
});
