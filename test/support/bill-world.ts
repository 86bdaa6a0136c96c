import type { BillLine, BillScope, BillStatement, MeterMeaning } from '../../agent/core/bill.ts';
import { chooseBill } from '../../agent/core/bill-choice.ts';
import type { BillReader, StoredBillLine } from '../../agent/core/bill-store.ts';
import { dayMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';

/** The first day of November 2026, UTC; a day of it by number from 1. */
export function november(day: number): number {
  return Date.UTC(2026, 10, day);
}

/** Whole days of November 2026, both ends included. */
export function novemberDays(first: number, last: number): Window {
  return { start: november(first), end: november(last) + dayMs };
}

export const inputOfSol: MeterMeaning = {
  model: 'openai/gpt-5.6-sol',
  modelVersion: '',
  item: 'input',
  routing: 'global',
  tier: 'standard',
  band: 'any',
  cacheTtl: '',
  perUnit: 1_000_000,
};

/** A billed line with a value for everything, to be changed where a test cares. */
export function billLine(change: Partial<BillLine> = {}): BillLine {
  return {
    day: november(3),
    account: '111122223333',
    region: 'us-east-1',
    resource: '',
    service: 'Amazon Bedrock',
    meter: 'USE1-gpt-5.6-sol-input-tokens',
    meterId: '',
    meaning: inputOfSol,
    quantity: '12.5',
    unit: '1M tokens',
    cost: '25.00',
    amortizedCost: null,
    currency: 'USD',
    recordType: 'usage',
    ...change,
  };
}

/** What Cost Explorer says of the first days of November, to be changed where a test cares. */
export function billStatement(change: Partial<BillStatement> = {}): BillStatement {
  return {
    source: 'aws_cost_explorer',
    cloud: 'aws',
    scope: 'prod-aws/111122223333',
    days: novemberDays(1, 5),
    finalUntil: november(3),
    fetchedAt: november(6),
    lines: [billLine()],
    ...change,
  };
}

export function billScope(change: Partial<BillScope> = {}): BillScope {
  return {
    source: 'aws_cost_explorer',
    scope: 'prod-aws/111122223333',
    account: '111122223333',
    reachSeconds: 395 * 86_400,
    everySeconds: 21_600,
    longestSeconds: 365 * 86_400,
    ...change,
  };
}

/** Bills in memory: what each statement says of its own days, the later ones in place of the earlier. */
export function memoryBills(statements: readonly BillStatement[]): BillReader {
  const lines = statements.flatMap((statement, index): readonly StoredBillLine[] => {
    const { source, cloud, scope, finalUntil, fetchedAt } = statement;
    const later = statements.slice(index + 1).filter((one) => {
      return one.source === source && one.scope === scope;
    });
    return statement.lines
      .filter(({ day }) => !later.some(({ days }) => days.start <= day && day < days.end))
      .map((line) => {
        const final = line.day + dayMs <= finalUntil;
        return { ...line, cloud, source, scope, fetchedAt, final };
      });
  });
  const tellers = statements.map(({ days, ...rest }, id) => {
    return { ...rest, id, spans: [{ ...days, fetchedAt: rest.fetchedAt }] };
  });
  const idOf = ({ source, scope, day }: StoredBillLine) =>
    tellers.findLast(
      (one) =>
        one.source === source &&
        one.scope === scope &&
        one.spans.some(({ start, end }) => start <= day && day < end),
    )?.id ?? -1;
  return {
    async bills(days, source) {
      const own = lines.filter((line) => source === undefined || line.source === source);
      const told = own.map((line) => ({ ...line, scopeId: idOf(line) }));
      const asked = tellers.filter((one) => source === undefined || one.source === source);
      const billOf = chooseBill(asked, told);
      const order = ({ day, account, resource, service, meter }: StoredBillLine) =>
        JSON.stringify([day, account, resource, service, meter]);
      return own
        .filter(
          (line) =>
            line.day >= days.start &&
            line.day < days.end &&
            billOf(line.cloud, line.account, line.day) === idOf(line),
        )
        .toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
    },
    billedDays: async () =>
      statements.map(({ source, cloud, scope, days, finalUntil, fetchedAt }) => {
        return { source, cloud, scope, ...days, finalUntil, fetchedAt };
      }),
  };
}
