import { describe, expect, it } from 'vitest';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import { dayMs } from '../../../agent/core/time.ts';
import type { CurrencyWorth } from '../../../agent/reconcile/inputs.ts';
import { reconcile } from '../../../agent/reconcile/reconcile.ts';
import { auditSummary } from '../../../agent/reconcile/summary.ts';
import { billLine, billedTokens, cardOf, inputOf, meteredDay, october1 } from './days.ts';

const dollars = { input: 5, output: 30 };
const month = { start: october1, end: Date.UTC(2026, 10, 1) };
const days = Array.from({ length: 31 }, (_, at) => october1 + at * dayMs);
const metered = days.map((day) =>
  meteredDay({ day, input: 2_000_000, output: 100_000, cards: [cardOf(dollars)] }),
);

/** $13 a day, but for the third, which the vendor first told as $8 and restated. */
function billOf(third: number): readonly StoredBillLine[] {
  return days.flatMap((day, at) =>
    billedTokens({ input: at === 2 ? third : 2_000_000, output: 100_000 }, dollars, { day }),
  );
}

const extras: readonly StoredBillLine[] = [
  billLine({ recordType: 'credit', meter: 'promotion', cost: '-50.005', quantity: null }),
  billLine({
    recordType: 'refund',
    meter: 'refund',
    cost: '-7.35',
    quantity: null,
    day: october1 + 9 * dayMs,
  }),
  billLine({
    meter: 'gpt 4.1 ft hosting',
    meaning: 'not_on_demand',
    cost: '40.80',
    quantity: '24',
    unit: '1 Hour',
  }),
  billLine({
    account: 'sub-2',
    meter: 'sol input',
    currency: 'EUR',
    cost: '10.01',
    quantity: '2',
  }),
];

function summaryOf(lines: readonly StoredBillLine[], currencies: readonly CurrencyWorth[] = []) {
  const findings = reconcile(inputOf({ metered, billed: lines, currencies }));
  return { findings, summary: auditSummary(findings, month) };
}

const cents = (usd: number) => Math.round(usd * 100);

describe('a month with credits, a refund, euros and a restatement', () => {
  const { findings, summary } = summaryOf([...billOf(2_000_000), ...extras]);

  it('nets to the cent', () => {
    // 31 × $13 - $50.005 - $7.35 + $40.80.
    expect(summary.total.billed_usd).toBe(386.445);
    const { billed_usd, explained_usd, unexplained_usd, pending_usd } = summary.total;
    expect(cents(explained_usd + unexplained_usd + pending_usd)).toBe(cents(billed_usd));
    expect(summary.classes.reduce((sum, one) => sum + one.billed_usd, 0)).toBeCloseTo(
      billed_usd,
      9,
    );
  });

  it('keeps euros without a rate out of the dollars', () => {
    expect(summary.other_currencies).toEqual([{ currency: 'EUR', billed: 10.01 }]);
    const rate = { currency: 'EUR', nanoUsd: 1_090_000_000n, from: october1 };
    const other = summaryOf([...billOf(2_000_000), ...extras], [rate]).summary;
    expect(other.other_currencies).toEqual([]);
    // 10.01 EUR at 1.09 are $10.9109, of an account that is not collected.
    expect(cents(other.total.billed_usd * 100)).toBe(cents(39_735.59));
    expect(other.total.unexplained_usd).toBe(10.9109);
  });

  it('classifies each line', () => {
    const names = (name: string) => findings.filter((one) => one.class === name).length;
    expect([names('in_line'), names('credit'), names('refund'), names('no_token_meter')]).toEqual([
      62, 1, 1, 1,
    ]);
  });

  it('takes a restatement for what is billed, and nothing of what was before', () => {
    const before = summaryOf(billOf(1_000_000)).summary;
    expect(before.classes.map((one) => one.class)).toContain('missing_bill');
    expect(before.total.not_billed_usd).toBe(5);
    expect(summaryOf(billOf(2_000_000)).summary.total.not_billed_usd).toBe(0);
  });

  it('says the headline of a whole month by its name', () => {
    expect(summary.headline).toBe('October 2026: $386 billed, 100.0 % explained, $0 not');
  });
});

describe('the summary', () => {
  it('of nothing is empty', () => {
    const { summary } = { summary: auditSummary([], month) };
    expect(summary.headline).toBe('October 2026: $0 billed');
    expect([summary.months, summary.largest, summary.models]).toEqual([[], [], []]);
    expect(summary.total.explained_ratio).toBeNull();
  });

  it('counts open days by themselves', () => {
    const open = billOf(2_000_000).map((line) => ({
      ...line,
      final: line.day < october1 + 20 * dayMs,
    }));
    const { summary } = summaryOf(open);
    expect(summary.total).toMatchObject({ billed_usd: 403, pending_usd: 143, unexplained_usd: 0 });
    expect(summary.headline).toBe(
      'October 2026: $403 billed, 64.5 % explained, $0 not, $143 not final yet',
    );
  });

  it('puts the largest differences first and gives each model a state', () => {
    const lines = billOf(2_000_000).map((line, at) =>
      at === 4 ? { ...line, cost: '30' } : at === 8 ? { ...line, cost: '90' } : line,
    );
    const { summary } = summaryOf(lines);
    expect(summary.largest.map((row) => row.drift_usd)).toEqual([80, 20]);
    expect(summary.models).toEqual([
      {
        model: 'openai/gpt-5.6-sol',
        cloud: 'azure',
        drift_ratio: 100 / 403,
        drift_usd: 100,
        class: 'price_or_tier_differs',
        days: 2,
      },
    ]);
  });
});
