import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createApi } from '../../agent/api/api.ts';
import { explanation } from '../../agent/api/explanation.ts';
import { scaled } from '../../agent/core/decimal.ts';
import { divideHalfUp } from '../../agent/core/money.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { hourMs, isoUtc, minuteMs } from '../../agent/core/time.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import { rowsIn } from '../support/api-world.ts';
import { asked, filePrices, places } from '../support/explain-places.ts';
import type { Asked } from '../support/explain-places.ts';
import { explainLedger, hour0, readAt } from '../support/explain-world.ts';
import { memoryAudit } from '../support/memory-audit.ts';

type Told = z.output<typeof explanation>;
type Part = Told['parts'][number];

let ledger: Ledger;
beforeAll(async () => {
  ledger = await explainLedger(places, filePrices);
});
afterAll(() => ledger.close());

function api() {
  return createApi({
    reader: ledger,
    status: ledger,
    bills: ledger,
    audit: memoryAudit,
    book: ledger,
    evidence: ledger,
    explainCost,
    filePrices,
    clock: { now: () => readAt, sleep: async () => {} },
    teams: [],
    everySeconds: 300,
    waitingFor: () => [],
    tokens: [],
    listenHost: '127.0.0.1',
    allowedHosts: [],
    demo: false,
    version: '0',
    suggest: () => '',
    onError: (error) => {
      throw error;
    },
  });
}

/** What is printed and nothing else: the JSON text, read back. */
async function printed({ query, minute, step }: Asked): Promise<Told> {
  const at = isoUtc(hour0 + minute * minuteMs + 7_000);
  const response = await api().request(`/api/v1/explain?${query}&at=${at}&step=${step ?? '1m'}`);
  const body: unknown = JSON.parse(await response.text());
  expect(response.status, JSON.stringify(body)).toBe(200);
  const told = explanation.parse(body);
  expect(told).toEqual(body);
  return told;
}

function nano(text: string | null): bigint {
  const value = scaled(text ?? 'none', 9);
  if (value === undefined) throw new Error(`${text} is no whole number of nano-dollars`);
  return value;
}

function add(values: readonly (number | bigint)[]): bigint {
  return values.reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
}

/** Every token of every part out of the readings that are printed. */
function checkTokens(told: Told): void {
  const readings = new Map(told.readings.map((one) => [one.id, one]));
  for (const part of told.parts) {
    for (const { amount, value, terms } of part.sums) {
      const sum = add(terms.map(({ sign, count }) => (sign === '+' ? count : -count)));
      expect(sum, `${amount} of its terms`).toBe(BigInt(value));
      expect(value, `${amount} of the part`).toBe(part[amount]);
      for (const { sign, of, count } of terms) {
        const reading = readings.get(of);
        const said = add((reading?.points ?? []).map(({ values }) => values['sum'] ?? 0));
        // What is told apart by finer series is any part of its reading.
        const other = reading === undefined ? part[of as 'cache_read_tokens'] : count;
        expect(sign === '+' ? said : other, of).toBe(sign === '+' ? BigInt(count) : count);
      }
    }
    for (const amount of ['input_tokens', 'output_tokens', 'unsplit_input_tokens'] as const) {
      const has = part.sums.some((one) => one.amount === amount);
      expect(has, `${amount} has a sum`).toBe(part[amount] !== null);
    }
  }
}

/** The best rates out of the price rows that are printed. */
function checkRates({ cards }: Part): void {
  for (const { rates, prices } of cards) {
    for (const { token_type: type, context_band: band, usd_per_million: best } of rates) {
      const used = prices.filter(
        (row) =>
          row.token_type === type &&
          row.best &&
          (row.usd === null || band !== 'short' || row.context_band !== 'long') &&
          (row.usd === null || band !== 'long' || row.context_band !== 'short'),
      );
      const price = used.find(({ usd }) => usd !== null);
      const factors = used.map(({ factor }) => scaled(factor, 6) ?? 0n);
      const product = factors.reduce((all, factor) => all * factor, nano(price?.usd ?? null));
      expect(divideHalfUp(product, 10n ** (6n * BigInt(factors.length))), `${type} ${band}`).toBe(
        nano(best),
      );
      expect(price?.source_version).not.toBe('');
      expect(price?.reference).not.toBe('');
    }
  }
}

/** What a row costs at one bound, out of its lines. */
function costOf(lines: Part['periods'][number]['lines'], word: 'low_' | '' | 'high_') {
  const priced = lines.filter((line) => line.usd_per_million !== null);
  if (priced.length === 0) return null;
  const sum = add(priced.map((line) => BigInt(line.tokens) * nano(line[`${word}usd_per_million`])));
  return divideHalfUp(sum, 1_000_000n);
}

/** The lines' rates are those of the card: unsplit input from what all of it may have been, either band from both. */
function checkLines(part: Part): void {
  for (const { lines, card, context_band: band } of part.periods) {
    const rates = part.cards.find(({ id }) => id === card)?.rates ?? [];
    for (const line of lines) {
      if (line.usd_per_million === null || rates.length === 0) continue;
      const type = line.token_type === 'unsplit_input' ? 'input' : line.token_type;
      const bands = band === 'any' ? ['any'] : band === 'short' ? ['short'] : ['short', 'long'];
      const types =
        line.token_type === 'unsplit_input' ? ['input', 'cache_read', 'cache_write'] : [type];
      const all = rates.filter(
        (rate) => types.includes(rate.token_type) && bands.includes(rate.context_band),
      );
      const own = all.find((rate) => rate.token_type === type && rate.context_band !== 'long');
      const low = all
        .map((rate) => nano(rate.low_usd_per_million))
        .reduce((a, b) => (a < b ? a : b));
      const high = all
        .map((rate) => nano(rate.high_usd_per_million))
        .reduce((a, b) => (a > b ? a : b));
      expect(nano(line.usd_per_million)).toBe(nano(own?.usd_per_million ?? null));
      expect([nano(line.low_usd_per_million), nano(line.high_usd_per_million)]).toEqual([
        low,
        high,
      ]);
    }
  }
}

/** The cost of the whole figure, by hand: low, best, high and tokens without a price. */
function byHand(told: Told) {
  const words = ['low_', '', 'high_'] as const;
  const sums = words.map((word) => {
    const costs = told.parts.flatMap(({ periods }) =>
      periods.flatMap(({ lines }) => costOf(lines, word) ?? []),
    );
    return costs.length === 0 ? null : add(costs);
  });
  const unpriced = told.parts.flatMap(({ periods }) =>
    periods.flatMap(({ lines }) => lines.filter((line) => line.usd_per_million === null)),
  );
  return {
    low: sums[0],
    best: sums[1],
    high: sums[2],
    unpriced: Number(add(unpriced.map(({ tokens }) => tokens))),
  };
}

/** What the ledger's own rows say. */
async function ofLedger({ query, minute, step }: Asked) {
  const from = hour0 + (step === '1h' ? 0 : minute * minuteMs);
  const to = from + (step === '1h' ? hourMs : minuteMs);
  const path = `/api/v1/usage?${query}&from=${isoUtc(from)}&to=${isoUtc(to)}&step=total`;
  const [usage] = await rowsIn(await api().request(path));
  return usage;
}

describe('a figure recomputed from what explain prints alone', () => {
  it.each(asked)('agrees to the nano-dollar: $name', async (one) => {
    const told = await printed(one);
    expect(told.parts.length).toBeGreaterThan(0);
    checkTokens(told);
    for (const part of told.parts) {
      checkRates(part);
      checkLines(part);
    }
    const hand = byHand(told);
    const usage = await ofLedger(one);
    const inNano = (name: string) => {
      const usd = usage?.[name] ?? null;
      return usd === null ? null : BigInt(Math.round(Number(usd) * 1e9));
    };
    expect(hand).toEqual({
      low: inNano('cost_low_usd'),
      best: inNano('cost_usd'),
      high: inNano('cost_high_usd'),
      unpriced: usage?.['unpriced_tokens'],
    });
    expect(told.cost_usd === null ? null : nano(told.cost_usd)).toBe(hand.best);
    for (const name of [
      'input_tokens',
      'cache_read_tokens',
      'output_tokens',
      'unsplit_input_tokens',
      'requests',
    ] as const) {
      expect(told[name], name).toBe(usage?.[name]);
    }
    expect(told.agrees).toBe(true);
    expect(told.settled).toBe(true);
    expect(told.commands.length).toBeGreaterThan(0);
  });

  it('is told of at least twenty of them, ranges, doubts and gaps among them', async () => {
    const all = await Promise.all(asked.map(printed));
    expect(all.length).toBeGreaterThanOrEqual(20);
    const reasons = new Set(
      all.flatMap(({ parts }) => parts.flatMap((part) => part.reasons.map(({ word }) => word))),
    );
    expect([...reasons]).toEqual(
      expect.arrayContaining([
        'unsplit_input',
        'long_context',
        'cache_ttl',
        'tier_unknown',
        'routing_price_unknown',
      ]),
    );
    const sources = new Set(
      all.flatMap(({ parts }) =>
        parts.flatMap(({ cards }) =>
          cards.flatMap(({ prices }) => prices.map(({ source }) => source)),
        ),
      ),
    );
    expect([...sources].toSorted()).toEqual(['discount', 'file', 'genai_prices']);
    expect(all.some(({ cost_usd: cost }) => cost === null)).toBe(true);
    expect(
      all.filter(({ cost_usd: cost }) => cost !== null && nano(cost) > 0n).length,
    ).toBeGreaterThan(15);
  });
});

describe('what the figures say', () => {
  const named = async (name: string) => {
    const found = asked.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no figure is called ${name}`);
    return printed(found);
  };

  it('a thousand requests of 20k in and 500 out cost $57.50 at best', async () => {
    expect((await named('a thousand requests of 20k in on Azure')).cost_usd).toBe('57.500000000');
  });

  it('the long band shows only where a request may have crossed it', async () => {
    const bands = await Promise.all(
      [
        'split input with cache, below the threshold',
        'a request above the threshold',
        'much input, no request above the threshold',
      ].map(async (name) => (await named(name)).parts[0]?.periods[0]?.context_band),
    );
    expect(bands).toEqual(['short', 'either', 'short']);
  });

  it('a data zone names the factor by which the global price stands in', async () => {
    const [part] = (await named('a data zone at the global price')).parts;
    expect(part?.cards[0]?.rates.find((rate) => rate.token_type === 'input')?.text).toBe(
      '2.50 x 1.1 = 2.75',
    );
  });

  it('a model without a price says why', async () => {
    const told = await named('a model without a price');
    expect(told.cost_usd).toBeNull();
    expect(told.unpriced_tokens).toBe(5_050);
    expect(told.parts[0]?.cards[0]?.unpriced).toContain('names the model nowhere');
  });

  it('a price that changes within the hour gives two cards', async () => {
    const [part] = (await named('a price that changes within the hour')).parts;
    expect(part?.cards.map(({ prices }) => prices[0]?.reference)).toEqual([
      'prices.yaml:4',
      'prices.yaml:9',
    ]);
    expect(part?.periods.map(({ card }) => card)).toEqual(['A1', 'A2']);
  });

  it('series that say the same twice or are told apart are named as what they are', async () => {
    const told = await named('tiers told apart, all together');
    expect(told.parts.map(({ identity }) => identity.tier).toSorted()).toEqual([
      'flex',
      'priority',
      'unknown',
    ]);
    const sums = told.parts.flatMap((part) => part.sums.map(({ text }) => text)).join('\n');
    expect(sums).toMatch(
      /unsplit_input_tokens = 100,001 \(r\d InputTokenCount Sum\) - 50,002 \(told apart by finer series\) = 49,999/,
    );
  });
});
