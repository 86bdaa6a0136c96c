import { expect, test } from 'vitest';
import { learnFromBills } from '../../agent/cli/calibration-upkeep.ts';
import { explanationText } from '../../agent/cli/explain-text.ts';
import { rateAnew } from '../../agent/cli/price-upkeep.ts';
import type { BillLine, MeterMeaning } from '../../agent/core/bill.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import { explainFigure } from '../../agent/query/explain.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { billLine, billStatement, inputOfSol } from '../support/bill-world.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { batchOf, day0, targetOf } from '../support/ledger-world.ts';
import type { TrueSeries } from '../support/ledger-world.ts';
import { perMillion, smallPrice } from '../support/small-prices.ts';

/** Twelve days of a model whose input meter does not tell cached tokens apart; its bill does, and the first eight are final. */

const model = 'openai/gpt-5.6-sol';
const days = 12;
const finalDays = 8;
const tokens = { input: 40_000, output: 2_000 } as const;
const readShare = 0.7;
const dollars = { input: 5, cache_read: 0.5, output: 30 } as const;
const now = day0 + days * dayMs + 12 * hourMs;

/** At noon and a minute later on each day. */
const minutesOf = (count: number) =>
  Array.from({ length: days * 1_440 }, (_, minute) =>
    minute % 1_440 < 722 && minute % 1_440 >= 720 ? count : 0,
  );

const series: readonly TrueSeries[] = [
  { rowId: 'in', dimensions: { ModelId: 'openai.gpt-5.6-sol' }, values: minutesOf(tokens.input) },
  { rowId: 'out', dimensions: { ModelId: 'openai.gpt-5.6-sol' }, values: minutesOf(tokens.output) },
];

/** What a day is billed, in dollars and in lines. */
const billedTokens = {
  input: Math.round(2 * tokens.input * (1 - readShare)),
  cache_read: Math.round(2 * tokens.input * readShare),
  output: 2 * tokens.output,
} as const;
const items = ['input', 'cache_read', 'output'] as const;
const billedUsd = items.reduce((sum, item) => sum + (billedTokens[item] * dollars[item]) / 1e6, 0);

function linesOf(day: number): readonly BillLine[] {
  return items.map((item) => {
    const meaning: MeterMeaning = { ...inputOfSol, item, routing: 'in_region' };
    return billLine({
      day,
      meter: `USE1-gpt-5.6-sol-${item}`,
      meaning,
      quantity: String(billedTokens[item] / 1e6),
      cost: ((billedTokens[item] * dollars[item]) / 1e6).toFixed(9),
    });
  });
}

const settings = {
  contracts: {
    openaiInputIncludesCached: true,
    openaiInputConfirmed: false,
    bedrockInvocations: 'accepted',
  },
  currencies: [],
  filePrices: [],
} as const;
const own = { prices: [], discounts: [] };
const clock = createFakeClock(now);

async function world(): Promise<Ledger> {
  const { openaiInputConfirmed: _, ...switches } = settings.contracts;
  const ledger = openLedger(':memory:', createInterpretation(new Map(), switches), day0);
  ledger.recordDiscovery(
    'aws',
    { scopes: ['aws'], targets: [targetOf(series)], inventory: [], failures: [] },
    now,
  );
  ledger.commit(batchOf(series, { start: day0, end: day0 + days * dayMs }, 60, now));
  const prices = items.map((item) =>
    smallPrice({ model, item, nanoUsd: perMillion(dollars[item]) }),
  );
  const edition = { source: 'genai_prices', version: '1', fetchedAt: day0 } as const;
  ledger.keepPrices({ ends: [], begins: prices }, edition);
  await rateAnew(ledger, own, clock);
  return ledger;
}

function bill(
  ledger: Ledger,
  change: (day: number, lines: readonly BillLine[]) => readonly BillLine[] = (_, l) => l,
): void {
  const all = Array.from({ length: finalDays }, (_, day) => day);
  ledger.recordBill(
    billStatement({
      days: { start: day0, end: day0 + finalDays * dayMs },
      finalUntil: day0 + finalDays * dayMs,
      fetchedAt: now,
      lines: all.flatMap((day) => change(day, linesOf(day0 + day * dayMs))),
    }),
  );
}

async function costs(ledger: Ledger) {
  const { rows } = await queryUsage(ledger, {
    from: day0,
    to: day0 + days * dayMs,
    stepMs: dayMs,
    groupBy: [],
    filters: new Map(),
    teams: [],
  });
  return rows;
}

async function explained(ledger: Ledger, day: number): Promise<string> {
  const found = await explainFigure(
    { reader: ledger, explainCost },
    {
      model,
      at: day0 + day * dayMs + 720 * minuteMs,
      step: '1m',
      filters: new Map([['model', [model]]]),
      teams: [],
    },
  );
  if (!found.found) throw new Error('there is usage at noon');
  expect(found.explanation.agrees).toBe(true);
  return explanationText(found.explanation, false, Number.POSITIVE_INFINITY);
}

test('final bills make the cost of what came after them an estimate that its bill confirms', async () => {
  const ledger = await world();
  const before = await costs(ledger);
  expect(before.map((row) => row.cost_method)).toEqual(Array.from({ length: days }, () => 'range'));
  expect(await explained(ledger, 10)).toContain(
    "no_bills: no bills are in the ledger to learn from: what is taken to hold is the policy's",
  );

  bill(ledger);
  expect(await explained(ledger, 10)).toContain('not_learnt: bills have taught nothing');
  const { learnt, rated } = await learnFromBills(ledger, settings, own, clock);
  expect(learnt).toMatchObject([{ model, days: finalDays, from: day0 + finalDays * dayMs }]);
  expect(rated.map((change) => change.model)).toEqual([model]);

  const after = await costs(ledger);
  const bounds = (rows: typeof after) => rows.map((row) => [row.cost_low_usd, row.cost_high_usd]);
  expect(bounds(after)).toEqual(bounds(before));
  expect(after.slice(0, finalDays)).toEqual(before.slice(0, finalDays));
  for (const row of after.slice(finalDays)) {
    expect(row.cost_method).toBe('calibrated');
    expect(row.cost_usd).toBeCloseTo(billedUsd, 4);
  }
  expect(Math.abs((before[10]?.cost_usd ?? 0) - billedUsd) / billedUsd).toBeGreaterThan(0.5);
  expect(await explained(ledger, 10)).toContain(
    'calibrated: best is learnt from 8 final billed days of the account and model, 2026-11-10 to 2026-11-17, the newest of ' +
      'them 2 days before this figure: 0.7 of unsplit input read from a cache, 0 of unsplit input written to a cache',
  );
  expect(await explained(ledger, 2)).toContain('not_learnt');
  ledger.close();
});

test('learning and rating twice is learning and rating once', async () => {
  const ledger = await world();
  bill(ledger);
  await learnFromBills(ledger, settings, own, clock);
  const [once, kept, revisions] = [
    await costs(ledger),
    await ledger.calibrations(),
    await ledger.since(0, 1_000),
  ];
  expect(await learnFromBills(ledger, settings, own, clock)).toEqual({ learnt: [], rated: [] });
  expect(await costs(ledger)).toEqual(once);
  expect(await ledger.calibrations()).toEqual(kept);
  expect(await ledger.since(0, 1_000)).toEqual(revisions);
  ledger.close();
});

test('a wrong bill among the days teaches nothing, and a total over both ways of estimating is mixed', async () => {
  const ledger = await world();
  bill(ledger, (day, lines) => (day === 3 ? [...lines, ...lines] : lines));
  const { learnt } = await learnFromBills(ledger, settings, own, clock);
  expect(learnt).toMatchObject([
    { days: finalDays - 1, unsplit: { readPpm: 700_000, writePpm: 0 } },
  ]);
  const { rows } = await queryUsage(ledger, {
    from: day0,
    to: day0 + days * dayMs,
    stepMs: 'total',
    groupBy: [],
    filters: new Map(),
    teams: [],
  });
  expect(rows).toMatchObject([{ cost_method: 'mixed' }]);
  ledger.close();
});

test('without bills nothing is learnt and no cost moves', async () => {
  const ledger = await world();
  const before = await costs(ledger);
  expect(await learnFromBills(ledger, settings, own, clock)).toEqual({ learnt: [], rated: [] });
  expect(await costs(ledger)).toEqual(before);
  ledger.close();
});

test('usage that comes late is estimated by what was learnt before it came', async () => {
  const ledger = await world();
  bill(ledger);
  await learnFromBills(ledger, settings, own, clock);
  const late = series.map((one) => ({ ...one, values: one.values.map((value) => value * 2) }));
  const newest = { start: day0 + 11 * dayMs, end: day0 + 12 * dayMs };
  ledger.commit(batchOf(late, newest, 60, now + hourMs));
  const rows = await costs(ledger);
  expect(rows.at(-1)?.cost_usd).toBeCloseTo(2 * billedUsd, 4);
  ledger.close();
});
