import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../agent/core/price.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { cacheReach } from '../../../agent/query/cache-reach.ts';
import type { PlaceInput } from '../../../agent/query/cache-reach.ts';
import { cachingAssumption, queryCaching } from '../../../agent/query/caching.ts';
import type { CachingRow } from '../../../agent/query/caching.ts';
import type { Selection } from '../../../agent/query/groups.ts';
import { TooManyRowsError } from '../../../agent/query/too-many-rows.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import { coveredSpan, identityRow } from '../../support/memory-reader.ts';
import { pricedWorld } from '../../support/priced-world.ts';
import type { Used } from '../../support/priced-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const noon = Date.UTC(2026, 10, 23, 12);
const range = { start: noon, end: noon + 2 * hourMs };
const sonnet = 'anthropic/claude-sonnet-4.6';
const mini = 'openai/gpt-5.4-mini';

const at = (change: Partial<Parameters<typeof identityRow>[0]> & { readonly id: number }) =>
  identityRow({ model: sonnet, ...change });
const identities = [
  at({ id: 1, region: 'us-east-1', tags: { team: 'search' } }),
  at({ id: 2, region: 'eu-central-1', tags: { team: 'support' } }),
  at({ id: 3, region: 'ap-south-1', tags: { team: 'support' } }),
  at({ id: 4, model: mini, family: 'openai', tags: { team: 'search' } }),
  at({ id: 5, model: 'made/up', family: 'made' }),
  at({ id: 6, tier: 'provisioned' }),
];
const prices: readonly Price[] = [
  smallPrice({ model: sonnet, item: 'input', nanoUsd: perMillion(3) }),
  smallPrice({ model: sonnet, item: 'cache_read', nanoUsd: perMillion(0.3) }),
  smallPrice({ model: sonnet, item: 'cache_write', nanoUsd: perMillion(3.75) }),
  smallPrice({ model: sonnet, item: 'output', nanoUsd: perMillion(15) }),
  smallPrice({ model: mini, item: 'input', nanoUsd: perMillion(1) }),
  smallPrice({ model: mini, item: 'output', nanoUsd: perMillion(4) }),
  smallPrice({ model: sonnet, item: 'unit_hour', tier: 'provisioned', nanoUsd: perMillion(1) }),
];
const coverage = identities.map(({ id }) => coveredSpan(id, range));

const use = (identityId: number, amounts: Used['amounts'], minute = 5) => ({
  identityId,
  start: noon + minute * minuteMs,
  amounts,
});

async function caching(
  used: readonly Used[],
  change: Partial<Selection> = {},
  book = prices,
): Promise<readonly CachingRow[]> {
  const { readers } = pricedWorld(book, identities, used, { coverage });
  return queryCaching(readers, {
    from: range.start,
    to: range.end,
    stepMs: 'total',
    groupBy: [],
    filters: new Map(),
    teams: [{ kind: 'tag', tag: 'team' }],
    ...change,
  });
}

describe('what caching saved', () => {
  it('is what reading cost less than input, less what writing cost more', async () => {
    const [row] = await caching([use(1, { input: 1e6, cacheRead: 2e6, cacheWrite: 1e6 })]);
    expect(row).toMatchObject({
      time: '2026-11-23T12:00:00.000Z',
      input_tokens: 1e6,
      cache_read_tokens: 2e6,
      cache_write_tokens: 1e6,
      unsplit_input_tokens: 0,
      cache_read_share: 0.5,
      saved_usd: 5.4,
      write_premium_usd: 0.75,
      net_saved_usd: 4.65,
      uncounted_tokens: 0,
      settled: 1,
    });
  });

  it('can be a loss', async () => {
    const [row] = await caching([use(1, { input: 0, cacheWrite: 4e6, cacheRead: 1e6 })]);
    expect(row).toMatchObject({ saved_usd: 2.7, write_premium_usd: 3, net_saved_usd: -0.3 });
  });

  it('goes by the prices of the time of use', async () => {
    const from = noon + hourMs;
    const cut = prices.flatMap((price) =>
      price.item === 'cache_read'
        ? [
            { ...price, to: from },
            { ...price, nanoUsd: perMillion(1), from },
          ]
        : [price],
    );
    const used = [use(1, { cacheRead: 1e6 }, 59), use(1, { cacheRead: 1e6 }, 60)];
    expect(await caching(used, {}, cut)).toMatchObject([{ saved_usd: 4.7 }]);
  });

  it('is the cost of the same tokens without a cache less their cost', async () => {
    const tokens = fc.integer({ min: 0, max: 5_000_000 });
    const amounts = fc.record({ input: tokens, cacheRead: tokens, cacheWrite: tokens });
    await fc.assert(
      fc.asyncProperty(amounts, async ({ input, cacheRead, cacheWrite }) => {
        const [row] = await caching([use(1, { input, cacheRead, cacheWrite })]);
        const costOf = async (told: Used['amounts']) => {
          const { readers } = pricedWorld(prices, identities, [use(1, told)], { coverage });
          const { rows } = await queryUsage(readers.usage, {
            from: range.start,
            to: range.end,
            stepMs: 'total',
            groupBy: [],
            filters: new Map([['region', ['us-east-1']]] as const),
            teams: [],
          });
          return rows[0]?.cost_usd ?? Number.NaN;
        };
        const plain = await costOf({ input: input + cacheRead + cacheWrite });
        const real = await costOf({ input, cacheRead, cacheWrite });
        expect(row?.net_saved_usd).toBeCloseTo(plain - real, 8);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what is in no sum of money', () => {
  it('is said: no price for the cache, no price at all, capacity by the hour', async () => {
    const rows = await caching(
      [
        use(4, { input: 5, cacheRead: 7 }),
        use(5, { input: 11, cacheWrite: 13 }),
        use(6, { input: 17, cacheRead: 19 }),
      ],
      { groupBy: ['model', 'tier'] },
    );
    expect(rows).toMatchObject([
      { model: sonnet, tier: 'provisioned', uncounted_tokens: 36, saved_usd: null },
      { model: sonnet, tier: 'standard', uncounted_tokens: 0, saved_usd: 0, could_save_usd: 0 },
      { model: 'made/up', uncounted_tokens: 24, saved_usd: null, could_save_usd: null },
      { model: mini, uncounted_tokens: 7, saved_usd: 0, net_saved_usd: 0 },
    ]);
  });

  it('is null where nothing was looked at, and 0 where it was silent', async () => {
    const rows = await caching([use(1, { input: 5 }, 5)], {
      to: range.end + hourMs,
      stepMs: hourMs,
    });
    expect(rows).toMatchObject([
      { input_tokens: 5, cache_read_tokens: 0, saved_usd: 0 },
      { input_tokens: 0, cache_read_share: null, saved_usd: 0, could_save_usd: 0, settled: 1 },
      { input_tokens: null, saved_usd: null, could_save_usd: null, uncounted_tokens: null },
    ]);
    expect(rows[2]).toMatchObject({ settled: null, assumption: cachingAssumption });
  });
});

describe('what caching could save', () => {
  const used = [
    use(1, { input: 1e6, cacheRead: 3e6 }),
    use(2, { input: 4e6, cacheRead: 0 }),
    use(3, { input: 1e6, cacheRead: 1e6 }),
  ];

  it('is as much as in the place of the same model that reads the largest share', async () => {
    const rows = await caching(used, {
      groupBy: ['region'],
      filters: new Map([['model', [sonnet]]]),
    });
    expect(rows).toMatchObject([
      { region: 'ap-south-1', could_save_usd: 1.35, cache_read_share: 0.5 },
      { region: 'eu-central-1', could_save_usd: 8.1, cache_read_share: 0 },
      { region: 'us-east-1', could_save_usd: 0, cache_read_share: 0.75 },
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({ best_cache_read_share: 0.75, assumption: cachingAssumption });
    }
  });

  it('is the same whichever way it is cut', async () => {
    const spread = [
      ...used,
      use(2, { input: 2e6, cacheRead: 1e6 }, 70),
      use(1, { input: 5e5 }, 90),
    ];
    const sumOf = (rows: readonly CachingRow[]) =>
      rows.reduce((sum, row) => sum + (row.could_save_usd ?? 0), 0);
    const whole = sumOf(await caching(spread));
    expect(whole).toBeGreaterThan(1);
    expect(sumOf(await caching(spread, { stepMs: hourMs }))).toBeCloseTo(whole, 8);
    expect(sumOf(await caching(spread, { groupBy: ['region'] }))).toBeCloseTo(whole, 8);
  });

  it('takes its example from what filters leave out, and from nothing outside the scope', async () => {
    const filters = new Map([['region', ['eu-central-1']]] as const);
    expect(await caching(used, { filters })).toMatchObject([{ could_save_usd: 8.1 }]);
    const scope = new Map([['team', ['support']]] as const);
    expect(await caching(used, { filters, scope })).toMatchObject([
      { could_save_usd: 5.4, best_cache_read_share: 0.5 },
    ]);
  });

  it('names no one share where a row is of several models', async () => {
    expect(await caching(used)).toMatchObject([{ best_cache_read_share: null }]);
  });

  it('is refused where there are too many rows', async () => {
    await expect(caching(used, { groupBy: ['region'], maxRows: 2 })).rejects.toThrow(
      TooManyRowsError,
    );
  });
});

describe('the reach of a cache', () => {
  const count = fc.bigInt(0n, 10n ** 12n);
  const places = fc.array(
    fc.record({
      model: fc.constantFrom('a', 'b'),
      input: count,
      cacheRead: count,
      cacheWrite: count,
      unsplit: count,
    }),
    { maxLength: 12 },
  );
  const named = (all: readonly Omit<PlaceInput, 'place'>[]) =>
    all.map((one, place) => ({ ...one, place: String(place) }));

  it('never passes the uncached input of a place, nor the share of the best', () => {
    fc.assert(
      fc.property(places, (some) => {
        const all = named(some);
        const reach = cacheReach(all);
        for (const { place, model, input, cacheRead, cacheWrite, unsplit } of all) {
          const { part, whole } = reach.moreOf(place);
          expect(part >= 0n && part <= whole).toBe(true);
          const best = reach.bestOf(model);
          if (best === undefined || part === 0n) continue;
          const total = input + cacheRead + cacheWrite + unsplit;
          expect((cacheRead + part) * best.whole <= best.part * total).toBe(true);
        }
      }),
    );
  });

  it('does not depend on the order of the places', () => {
    fc.assert(
      fc.property(places, (some) => {
        const all = named(some);
        const [one, other] = [cacheReach(all), cacheReach(all.toReversed())];
        for (const { place } of all) expect(other.moreOf(place)).toEqual(one.moreOf(place));
      }),
    );
  });

  it('takes no example from a place that is too small to be one', () => {
    const place = (name: string, input: bigint, cacheRead: bigint): PlaceInput => ({
      model: 'a',
      place: name,
      input,
      cacheRead,
      cacheWrite: 0n,
      unsplit: 0n,
    });
    const reach = cacheReach([place('large', 10_000n, 0n), place('test', 0n, 100n)]);
    expect(reach.bestOf('a')).toEqual({ part: 0n, whole: 10_000n });
  });
});
