import fc from 'fast-check';
import { tokenItems } from '../../../agent/core/price.ts';
import type { TokenItem } from '../../../agent/core/price.ts';
import type { RateCard, RateRange, RatingEvidence } from '../../../agent/core/rating.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { amountsOf } from './book-world.ts';

/** List prices, odd ones and ones beyond every list. */
export const anyRate: fc.Arbitrary<bigint> = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 6_000 }).map((step) => BigInt(step) * 25_000_000n) },
  { weight: 3, arbitrary: fc.bigInt({ min: 0n, max: 75_000_000_000n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 10n ** 17n }) },
);

const anyRange: fc.Arbitrary<RateRange> = fc.oneof(
  anyRate.map((rate) => ({ low: rate, best: rate, high: rate })),
  fc.tuple(anyRate, anyRate, anyRate).map((rates) => {
    const [low = 0n, best = 0n, high = 0n] = rates.toSorted((a, b) => (a < b ? -1 : 1));
    return { low, best, high };
  }),
);

type Items = Partial<Record<TokenItem, RateRange>>;

const anyItems: fc.Arbitrary<Items> = fc.record(
  Object.fromEntries(tokenItems.map((item) => [item, anyRange])) as Record<
    TokenItem,
    fc.Arbitrary<RateRange>
  >,
  { requiredKeys: [] },
);

/** Any card a rater may make: a long band or none, its rates not always the dearer ones. */
export const anyCard: fc.Arbitrary<RateCard> = fc
  .record({ short: anyItems, longer: anyItems, threshold: fc.option(fc.nat({ max: 500_000 })) })
  .map(({ short, longer, threshold }) => {
    const long = Object.fromEntries(
      Object.entries(short).map(([item, range]) => [item, longer[item as TokenItem] ?? range]),
    );
    const isRange = ([, { low, high }]: readonly [string, RateRange]) => low !== high;
    const ranges = [...Object.entries(short), ...Object.entries(long)].filter(isRange);
    const reasons = Object.fromEntries(ranges.map(([item]) => [item, ['tier_unknown' as const]]));
    return {
      key: '',
      rateKey: '',
      short,
      ...(threshold === null ? {} : { long }),
      thresholdTokens: threshold,
      reasons,
      perToken: true,
      origins: {},
    };
  });

const anyTokens = fc.oneof(
  fc.nat({ max: 2_000_000 }),
  fc.nat({ max: 5 }),
  fc.integer({ min: 0, max: 10 ** 12 }),
);

/** A row: input split or not, any of it not told. */
export const anyAmounts: fc.Arbitrary<Amounts> = fc
  .record({
    cacheRead: fc.option(anyTokens),
    cacheWrite: fc.option(anyTokens),
    output: fc.option(anyTokens),
    input: fc.option(anyTokens),
    isUnsplit: fc.boolean(),
  })
  .map(({ isUnsplit, input, ...rest }) =>
    amountsOf({ ...rest, ...(isUnsplit ? { unsplitInput: input } : { input }) }),
  );

export const anyEvidence: fc.Arbitrary<RatingEvidence> = fc.record({
  mostInputTokens: fc.option(fc.nat({ max: 1_000_000 })),
});
