import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Charge } from '../../../agent/core/charge.ts';
import { zeptoPerNano } from '../../../agent/core/charge.ts';
import { endOfTime } from '../../../agent/core/price.ts';
import { toUsd } from '../../../agent/core/money.ts';
import type { RateCard } from '../../../agent/core/rating.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { explainCost } from '../../../agent/pricing/cost-lines.ts';
import { createRate } from '../../../agent/pricing/rate.ts';
import { isRounding, tokenLines } from '../../../agent/query/charge-lines.ts';
import { createChargeRates } from '../../../agent/query/charge-rates.ts';
import { readCharges } from '../../../agent/query/charges.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import { contractedCostOf } from '../../../exporters/focus/charge.ts';
import { billLine, billStatement } from '../../support/bill-world.ts';
import { hour0 } from '../../support/explain-world.ts';
import { coveredSpan, identityRow, memoryReader } from '../../support/memory-reader.ts';
import { perMillion } from '../../support/small-prices.ts';
import {
  chargesOf,
  focusDays,
  focusLedger,
  pagesOf,
  readersOf,
} from '../../support/focus-world.ts';

async function world(): Promise<Ledger> {
  const ledger = await focusLedger();
  onTestFinished(() => ledger.close());
  return ledger;
}

/** What the API says of the same days. */
async function told(ledger: Ledger, days = focusDays) {
  const selection = { groupBy: [], filters: new Map(), teams: [] };
  const { rows } = await queryUsage(ledger, {
    ...selection,
    from: days.start,
    to: days.end,
    stepMs: 'total',
  });
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  return row;
}

function sums(charges: readonly Charge[]) {
  const usd = (of: (charge: Charge) => bigint) => {
    const zepto = charges.reduce((sum, charge) => sum + of(charge), 0n);
    // A fraction of a nano-dollar would be one that the ledger does not have.
    expect(zepto % zeptoPerNano).toBe(0n);
    return toUsd(zepto / zeptoPerNano);
  };
  return {
    cost_usd: usd(contractedCostOf),
    cost_low_usd: usd(({ low }) => low),
    cost_high_usd: usd(({ high }) => high),
  };
}

function sameSums(charges: readonly Charge[], row: Awaited<ReturnType<typeof told>>): void {
  const { cost_usd, cost_low_usd, cost_high_usd } = row;
  expect(sums(charges)).toEqual({ cost_usd, cost_low_usd, cost_high_usd });
}

describe('charges', () => {
  it.each(['hour', 'day'] as const)(
    'by the %s add up to what the API says, to the nano-dollar, low and high too',
    async (step) => {
      const ledger = await world();
      const pages = await pagesOf(ledger, step);
      const row = await told(ledger);
      sameSums(chargesOf(pages), row);
      const unpriced = pages.reduce((sum, page) => sum + page.unpricedTokens, 0);
      expect(unpriced).toBe(row.unpriced_tokens);
      expect(unpriced).toBeGreaterThan(0);
      const tokens = chargesOf(pages).reduce(
        (sum, charge) => sum + (charge.kind === 'tokens' ? charge.tokens : 0),
        unpriced,
      );
      const counted = [
        row.input_tokens,
        row.cache_read_tokens,
        row.cache_write_tokens,
        row.output_tokens,
        row.unsplit_input_tokens,
      ].reduce<number>((sum, count) => sum + (count ?? 0), 0);
      expect(tokens).toBe(counted);
    },
  );

  it('are one of a sort in a period', async () => {
    const charges = chargesOf(await pagesOf(await world()));
    const names = charges.map((charge) => {
      const { of, period, kind } = charge;
      const what = charge.kind === 'tokens' ? charge.amount : kind;
      return JSON.stringify([{ ...of, reports: null }, period, what]);
    });
    expect(new Set(names).size).toBe(names.length);
  });

  it('are cut where a price changes within their period', async () => {
    const charges = chargesOf(await pagesOf(await world()));
    const cut = hour0 + 30 * minuteMs;
    const parts = charges.filter(({ period }) => period.start === cut || period.end === cut);
    expect(parts.length).toBeGreaterThan(1);
    const rates = parts.map((charge) => (charge.kind === 'tokens' ? charge.rate : 0n));
    expect(new Set(rates).size).toBeGreaterThan(1);
  });

  it('stay the same sum where minutes are not kept any more', async () => {
    const ledger = await world();
    const before = await told(ledger);
    const retention = { minuteSeconds: 3_600, hourSeconds: 3_600, daySeconds: Infinity };
    while (ledger.age(hour0 + 40 * dayMs, retention).more);
    const charges = chargesOf(await pagesOf(ledger));
    sameSums(charges, before);
    expect(charges.length).toBeGreaterThan(40);
  });

  it('of all time are read as fast as those of the month in which there is something', async () => {
    const ledger = await world();
    const days = new Set<number>();
    const bills = {
      bills(window: Window) {
        days.add(window.start);
        return ledger.bills(window);
      },
    };
    const always = { start: 0, end: Date.UTC(8999, 0, 1) };
    const request = { days: always, step: 'day', filters: new Map(), teams: [] } as const;
    const charges: Charge[] = [];
    let until = 0;
    for await (const page of readCharges({ ...readersOf(ledger), bills }, request)) {
      charges.push(...page.charges);
      until = page.until;
    }
    expect([days.size, until]).toEqual([30, always.end]);
    sameSums(charges, await told(ledger));
  });

  it('say apart what no unit price can give, where amounts of either side are not known', async () => {
    const cost = { low: 7_000_000_000n, best: 7_000_000_000n, high: 7_000_000_000n };
    const usage = memoryReader({
      identities: [identityRow({ id: 1 })],
      amounts: [
        { identityId: 1, start: hour0, period: 'hour', amounts: { input: 2_000_000 }, cost },
      ],
      latency: [],
      coverage: [coveredSpan(1, { start: hour0, end: hour0 + hourMs })],
    });
    const cardOf = (dollars: number): RateCard => {
      const rate = perMillion(dollars);
      const key = String(dollars);
      const short = { input: { low: rate, best: rate, high: rate } };
      const rest = { thresholdTokens: null, reasons: {}, perToken: true, origins: {} };
      return { key, rateKey: key, short, ...rest };
    };
    const cut = hour0 + 30 * minuteMs;
    const cards = {
      cardsOf: async () => [
        { from: 0, to: cut, card: cardOf(3) },
        { from: cut, to: endOfTime, card: cardOf(4) },
      ],
    };
    const bills = { bills: async () => [] };
    const charges: Charge[] = [];
    const request = { days: focusDays, step: 'hour', filters: new Map(), teams: [] } as const;
    for await (const page of readCharges({ usage, bills, cards, explainCost }, request)) {
      charges.push(...page.charges);
    }
    expect(charges.map((charge) => [charge.kind, contractedCostOf(charge) / zeptoPerNano])).toEqual(
      [
        ['tokens', 6_000_000_000n],
        ['difference', 1_000_000_000n],
      ],
    );
  });

  it('keep to the filters, and so does what rounding left', async () => {
    const ledger = await world();
    const filters = new Map([['cloud', ['aws']]] as const);
    const charges: Charge[] = [];
    const request = { days: focusDays, step: 'day', filters, teams: [] } as const;
    for await (const page of readCharges(readersOf(ledger), request)) charges.push(...page.charges);
    expect(new Set(charges.map(({ of }) => of.cloud))).toEqual(new Set(['aws']));
    const selection = { groupBy: [], filters, teams: [], stepMs: 'total' } as const;
    const { rows } = await queryUsage(ledger, {
      ...selection,
      from: focusDays.start,
      to: focusDays.end,
    });
    expect(sums(charges).cost_usd).toBe(rows[0]?.cost_usd);
  });

  it('say whether the bill of the account and day is here', async () => {
    const ledger = await world();
    const line = billLine({ day: focusDays.start, account: '111122223333' });
    const statement = billStatement({
      days: focusDays,
      finalUntil: focusDays.end,
      fetchedAt: focusDays.end + dayMs,
      lines: [line],
    });
    ledger.recordBill(statement);
    const statuses = new Map(
      chargesOf(await pagesOf(ledger))
        .filter(({ kind }) => kind === 'tokens')
        .map(({ of, invoice }) => [of.account, invoice]),
    );
    expect(statuses.get('111122223333')).toBe('final');
    expect(statuses.get('444455556666')).toBe('none');
  });

  it('round once in a calendar month and account', async () => {
    const days = { start: Date.UTC(2026, 9, 30), end: Date.UTC(2026, 11, 2) };
    const ledger = await world();
    const charges = chargesOf(await pagesOf(ledger, 'day', days));
    const roundings = charges.filter(({ kind }) => kind === 'rounding');
    const accounts = roundings.map(({ of }) => of.account);
    expect(new Set(accounts).size).toBe(accounts.length);
    const november = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1) };
    expect(roundings.map(({ period }) => period)).toEqual(roundings.map(() => november));
    sameSums(charges, await told(ledger, days));
  });
});

describe('the lines of a row', () => {
  const rate = fc
    .tuple(fc.bigInt(0n, 60_000_000_000n), fc.bigInt(0n, 9_000_000n), fc.bigInt(0n, 9_000_000n))
    .map(([best, below, above]) => ({
      low: best > below ? best - below : 0n,
      best,
      high: best + above,
    }));
  const items = fc.record(
    { input: rate, cache_read: rate, cache_write: rate, output: rate },
    { requiredKeys: [] },
  );
  const tokens = fc.option(fc.integer({ min: 0, max: 5_000_000 }));
  const amounts = fc.record({
    input: tokens,
    cacheRead: tokens,
    cacheWrite: tokens,
    output: tokens,
    unsplitInput: tokens,
    requests: fc.constant(null),
    errors: fc.constant(null),
    throttles: fc.constant(null),
  });

  it('add up to the sum of its minutes, and leave nothing but rounding', () => {
    const rateRow = createRate();
    fc.assert(
      fc.property(
        items,
        fc.option(items),
        fc.array(amounts, { maxLength: 8 }),
        (short, long, all) => {
          const card: RateCard = {
            key: '',
            rateKey: '',
            short,
            ...(long && { long }),
            thresholdTokens: long === null ? null : 200_000,
            reasons: {},
            perToken: true,
            origins: {},
          };
          const rated = all.map((one) => rateRow(card, one, { mostInputTokens: null }));
          const priced = rated.filter(({ cost }) => cost !== null);
          const sumOf = (name: 'cost' | 'low' | 'high') =>
            priced.length === 0 ? null : priced.reduce((sum, one) => sum + (one[name] ?? 0n), 0n);
          const counted = (
            name: 'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'unsplitInput',
          ) => all.reduce((sum, one) => sum + (one[name] ?? 0), 0);
          const row = {
            input: counted('input'),
            cacheRead: counted('cacheRead'),
            cacheWrite: counted('cacheWrite'),
            output: counted('output'),
            unsplitInput: counted('unsplitInput'),
            requests: null,
            errors: null,
            throttles: null,
            cost: sumOf('cost'),
            costLow: sumOf('low'),
            costHigh: sumOf('high'),
            unpricedTokens: rated.reduce((sum, one) => sum + one.unpricedTokens, 0),
          };
          const { lines, rest, unpricedTokens } = tokenLines(
            row,
            createChargeRates(explainCost)(card),
          );
          expect(unpricedTokens).toBe(row.unpricedTokens);
          for (const [name, whole] of [
            ['cost', row.cost],
            ['low', row.costLow],
            ['high', row.costHigh],
          ] as const) {
            const sum = lines.reduce((total, line) => total + line[name], rest[name]);
            expect(sum).toBe((whole ?? 0n) * zeptoPerNano);
          }
          for (const line of lines) {
            expect(line.cost).toBe(BigInt(line.tokens) * line.rate.best * 1_000_000n);
            expect(line.low >= 0n && line.low <= line.cost && line.cost <= line.high).toBe(true);
          }
          expect(isRounding(rest, all.length)).toBe(true);
        },
      ),
    );
  });

  it('are told from a change of prices by how much rounding can make', () => {
    const rest = { cost: zeptoPerNano * 60n, low: 0n, high: 0n };
    expect(isRounding(rest, hourMs / minuteMs)).toBe(true);
    expect(isRounding({ ...rest, cost: rest.cost + 1n }, hourMs / minuteMs)).toBe(false);
  });
});
