import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../agent/core/price.ts';
import type { RateCard, RateRange } from '../../../agent/core/rating.ts';
import { reasonsOf } from '../../../agent/pricing/bounds.ts';
import { createRate } from '../../../agent/pricing/rate.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { anyAmounts, anyCard, anyEvidence, anyRate } from './any-card.ts';
import { amountsOf, azureGlobal, priceOf } from './book-world.ts';

const rate = createRate();

/** One request as its vendor sees it. */
interface Request {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** What the vendor charges for a million tokens of each, in one band. */
type Tariff = Readonly<Record<keyof Request, bigint>>;

const threshold = 1_000;
const kinds = ['input', 'cacheRead', 'cacheWrite', 'output'] as const;

const anyTariff: fc.Arbitrary<Tariff> = fc.record({
  input: anyRate,
  cacheRead: anyRate,
  cacheWrite: anyRate,
  output: anyRate,
});

const someTokens = fc.oneof(fc.nat({ max: 600 }), fc.nat({ max: 3_000 }), fc.constant(0));
const anyRequests: fc.Arbitrary<readonly Request[]> = fc.array(
  fc.record({
    input: someTokens,
    cacheRead: someTokens,
    cacheWrite: someTokens,
    output: someTokens,
  }),
  { minLength: 1, maxLength: 12 },
);

function inputOf({ input, cacheRead, cacheWrite }: Request): number {
  return input + cacheRead + cacheWrite;
}

/** Millionths of nano-dollars: each request whole at the rates of the band it falls in. */
function trueCost(requests: readonly Request[], short: Tariff, long: Tariff): bigint {
  return requests.reduce((sum, request) => {
    const tariff = inputOf(request) > threshold ? long : short;
    return kinds.reduce((all, kind) => all + BigInt(request[kind]) * tariff[kind], sum);
  }, 0n);
}

function exactly(rates: Tariff): Required<RateCard['short']> {
  const one = (nano: bigint): RateRange => ({ low: nano, best: nano, high: nano });
  return {
    input: one(rates.input),
    cache_read: one(rates.cacheRead),
    cache_write: one(rates.cacheWrite),
    output: one(rates.output),
  };
}

function cardOf(short: Tariff, long: Tariff): RateCard {
  return {
    key: '',
    rateKey: '',
    short: exactly(short),
    long: exactly(long),
    thresholdTokens: threshold,
    reasons: {},
    perToken: true,
    origins: {},
  };
}

function sumOf(requests: readonly Request[], kind: keyof Request): number {
  return requests.reduce((sum, request) => sum + request[kind], 0);
}

/** What the meters make of them: sums, input split or not, the largest told or not. */
function metered(requests: readonly Request[], isSplit: boolean, tellsLargest: boolean) {
  const [input, cacheRead, cacheWrite, output] = kinds.map((kind) => sumOf(requests, kind));
  const parts = { input: input ?? 0, cacheRead: cacheRead ?? 0, cacheWrite: cacheWrite ?? 0 };
  const unsplitInput = parts.input + parts.cacheRead + parts.cacheWrite;
  return {
    amounts: amountsOf(
      isSplit ? { ...parts, output: output ?? 0 } : { unsplitInput, output: output ?? 0 },
    ),
    evidence: {
      mostInputTokens: tellsLargest ? Math.max(...requests.map(inputOf)) : null,
    },
  };
}

const perNano = 1_000_000n;

describe('of any requests, each charged whole by its own length', () => {
  it('the true cost lies between low and high', () => {
    fc.assert(
      fc.property(
        anyRequests,
        anyTariff,
        anyTariff,
        fc.boolean(),
        fc.boolean(),
        (requests, short, long, isSplit, tellsLargest) => {
          const { amounts, evidence } = metered(requests, isSplit, tellsLargest);
          const { cost, low, high } = rate(cardOf(short, long), amounts, evidence);
          if (cost === null || low === null || high === null) throw new Error('unpriced');
          const truth = trueCost(requests, short, long);
          // Each bound is rounded once, by at most half a nano-dollar.
          expect(2n * low * perNano - perNano <= 2n * truth).toBe(true);
          expect(2n * truth <= 2n * high * perNano + perNano).toBe(true);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('the cost is the true one, and split input that shows it no range, where none passed the threshold', () => {
    const shortOnes = anyRequests.map((all) => all.filter((one) => inputOf(one) <= threshold));
    fc.assert(
      fc.property(shortOnes, anyTariff, anyTariff, fc.boolean(), (requests, short, long, tells) => {
        fc.pre(requests.length > 0);
        const { amounts, evidence } = metered(requests, true, tells);
        const { cost, low, high } = rate(cardOf(short, long), amounts, evidence);
        const truth = trueCost(requests, short, long);
        expect(cost).toBe((2n * truth + perNano) / (2n * perNano));
        const total = requests.reduce((sum, one) => sum + inputOf(one), 0);
        const isShown = tells || total <= threshold;
        expect([isShown, low]).toEqual([isShown, isShown ? cost : low]);
        expect([isShown, high]).toEqual([isShown, isShown ? cost : high]);
      }),
      { numRuns: 500 },
    );
  });

  it('the bounds of the whole hold the bounds of its parts: telling more never moves a bound outwards', () => {
    fc.assert(
      fc.property(anyRequests, anyTariff, anyTariff, (requests, short, long) => {
        const card = cardOf(short, long);
        const ratedAs = (isSplit: boolean, tells: boolean) => {
          const { amounts, evidence } = metered(requests, isSplit, tells);
          const { low, high } = rate(card, amounts, evidence);
          return { low: low ?? 0n, high: high ?? 0n };
        };
        const least = ratedAs(false, false);
        for (const more of [ratedAs(true, false), ratedAs(false, true), ratedAs(true, true)]) {
          expect(least.low <= more.low && more.high <= least.high).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the reasons of a row', () => {
  it('are there wherever its cost is a range, and nowhere else', () => {
    fc.assert(
      fc.property(anyCard, anyAmounts, anyEvidence, (card, amounts, evidence) => {
        const { low, high } = rate(card, amounts, evidence);
        const reasons = reasonsOf(card, amounts, evidence);
        expect(low !== high && reasons.length === 0).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  const prices: readonly Price[] = [
    priceOf('input', 2.5, { band: 'short', thresholdTokens: 272_000, routing: 'global' }),
    priceOf('input', 5, { band: 'long', thresholdTokens: 272_000, routing: 'global' }),
    priceOf('cache_read', 0.25),
    priceOf('cache_write', 3, { cacheTtl: '5m' }),
    priceOf('cache_write', 5, { cacheTtl: '1h' }),
    priceOf('output', 15, { tier: 'standard' }),
    priceOf('output', 20, { tier: 'priority' }),
  ];
  const [known, unknown] = (
    [
      ['global', 'standard'],
      ['data_zone', 'unknown'],
    ] as const
  ).map(([routing, tier]) => {
    const [span] = createRater(prices, []).cardsOf({ ...azureGlobal, routing, tier });
    if (span === undefined) throw new Error('no span');
    return span.card;
  });

  it.each([
    ['none where nothing is in doubt', known, { input: 5, cacheRead: 5, output: 5 }, []],
    ['unsplit input', known, { unsplitInput: 5 }, ['unsplit_input']],
    ['a cache write', known, { input: 5, cacheWrite: 5 }, ['cache_ttl']],
    ['none of a cache write of nothing', known, { input: 5, cacheWrite: 0 }, []],
    ['a row that may hold a long request', known, { input: 300_000 }, ['long_context']],
    ['none where what may be long costs the same', known, { input: 0, output: 9 }, []],
    ['the tier of output alone', unknown, { input: 0, output: 5 }, ['tier_unknown']],
    ['the routing of input alone', unknown, { input: 5 }, ['routing_price_unknown']],
    [
      'all that a row mixes',
      unknown,
      { unsplitInput: 300_000, output: 1 },
      ['long_context', 'routing_price_unknown', 'tier_unknown', 'unsplit_input'],
    ],
  ] as const)('%s', (_, card, told, expected) => {
    if (card === undefined) throw new Error('no card');
    expect(reasonsOf(card, amountsOf(told), { mostInputTokens: null })).toEqual(expected);
  });
});

describe('of any book', () => {
  const words = {
    tier: fc.constantFrom('' as const, 'standard' as const, 'flex' as const, 'batch' as const),
    routing: fc.constantFrom('' as const, 'global' as const, 'data_zone' as const),
    cacheTtl: fc.constantFrom('' as const, '5m' as const, '1h' as const),
    band: fc.constantFrom('any' as const, 'short' as const, 'long' as const),
    item: fc.constantFrom('input' as const, 'cache_write' as const, 'output' as const),
    source: fc.constantFrom('file' as const, 'genai_prices' as const),
  };
  const anyPrices = fc
    .uniqueArray(fc.record(words), { selector: (one) => JSON.stringify(one), maxLength: 14 })
    .chain((shapes) =>
      fc.tuple(...shapes.map((shape) => fc.nat({ max: 40 }).map((cents) => ({ ...shape, cents })))),
    )
    .map((all) =>
      all.map(({ cents, ...shape }) => {
        const thresholdTokens = shape.band === 'any' ? null : 272_000;
        return priceOf(shape.item, cents / 10, { ...shape, thresholdTokens });
      }),
    );
  const anySubject = fc.record({
    ...Object.fromEntries(Object.entries(azureGlobal).map(([k, v]) => [k, fc.constant(v)])),
    routing: fc.constantFrom('global', 'data_zone', 'in_region', 'unknown'),
    tier: fc.constantFrom('standard', 'batch', 'flex', 'unknown'),
  }) as fc.Arbitrary<typeof azureGlobal>;

  it('a rate lies between its bounds, and an item has reasons exactly where it is a range', () => {
    fc.assert(
      fc.property(anyPrices, anySubject, (prices, subject) => {
        for (const { card } of createRater(prices, []).cardsOf(subject)) {
          for (const item of ['input', 'cache_write', 'output'] as const) {
            const ranges = [card.short[item], card.long?.[item]].flatMap((one) => one ?? []);
            for (const { low, best, high } of ranges) {
              expect(low <= best && best <= high).toBe(true);
            }
            const isRange = ranges.some(({ low, high }) => low !== high);
            expect((card.reasons[item] ?? []).length > 0).toBe(isRange);
            expect(card.short[item] === undefined).toBe(ranges.length === 0);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
