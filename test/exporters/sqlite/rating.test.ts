import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Discount, Price } from '../../../agent/core/price.ts';
import type { CostSums, Grain, Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const model = 'openai/gpt-5.6-sol';
const twoDays = { start: day0, end: day0 + 2 * dayMs };
const readAt = day0 + 3 * dayMs;

/** 100 uncached, 50 cached and 10 output tokens in each minute of two days. */
const world: readonly TrueSeries[] = [steady('in', 150), steady('read', 50), steady('out', 10)];
const minutes = 2 * 1_440;

const prices: readonly Price[] = [
  smallPrice({ model, item: 'input', nanoUsd: perMillion(5) }),
  smallPrice({ model, item: 'cache_read', nanoUsd: perMillion(0.5) }),
  smallPrice({ model, item: 'cache_write', nanoUsd: perMillion(6.25) }),
  smallPrice({ model, item: 'output', nanoUsd: perMillion(30) }),
];
/** 100 × 5,000 + 50 × 500 + 10 × 30,000 nano-dollars. */
const aMinute = 825_000n;

let folder: string;
let path: string;
let ledger: Ledger;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-rating-'));
  path = join(folder, 'ledger.db');
  ledger = openLedger(path, interpretation, day0);
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

function steady(
  rowId: string,
  value: number,
  dimensions: TrueSeries['dimensions'] = sol,
): TrueSeries {
  return { rowId, dimensions, values: Array<number>(2 * 1_440).fill(value) };
}

function discover(series = world): void {
  const found = { scopes: ['aws'], targets: [targetOf(series)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, day0);
}

function fill(series = world, window: Window = twoDays): void {
  discover(series);
  ledger.commit(batchOf(series, window, 60, readAt));
}

async function costs(grain: Grain, window: Window = twoDays): Promise<CostSums> {
  const identities = await ledger.identities();
  const rows = await ledger.amounts({
    grain,
    identityIds: identities.map(({ id }) => id),
    window,
    bucketMs: 0,
  });
  const add = (name: 'cost' | 'costLow' | 'costHigh') =>
    rows.reduce<bigint | null>(
      (sum, row) => (row[name] === null ? sum : (sum ?? 0n) + row[name]),
      null,
    );
  return {
    cost: add('cost'),
    costLow: add('costLow'),
    costHigh: add('costHigh'),
    unpricedTokens: rows.reduce((sum, row) => sum + row.unpricedTokens, 0),
  };
}

function exactly(cost: bigint): CostSums {
  return { cost, costLow: cost, costHigh: cost, unpricedTokens: 0 };
}

const grains = ['minute', 'hour', 'day'] as const;

describe('what is committed is rated', () => {
  it.each(grains)('to the nano-dollar by the %s', async (grain) => {
    ledger.rateWith(createRater(prices, []), day0);
    fill();
    expect(await costs(grain)).toEqual(exactly(BigInt(minutes) * aMinute));
  });

  it.each(grains)(
    'and where nothing has a price its tokens are counted, by the %s',
    async (grain) => {
      ledger.rateWith(createRater([], []), day0);
      fill();
      expect(await costs(grain)).toEqual({
        cost: null,
        costLow: null,
        costHigh: null,
        unpricedTokens: minutes * 160,
      });
    },
  );

  it('names the prices behind each cost', async () => {
    ledger.rateWith(createRater(prices, []), day0);
    fill();
    const [identity] = await ledger.identities();
    const spans = await ledger.cardsOf(identity?.id ?? 0);
    expect(spans).toHaveLength(1);
    expect(spans?.[0]?.card.origins.output).toMatchObject([
      { reference: `made-up:${model}:output`, nanoUsd: perMillion(30) },
    ]);
  });

  it('leaves out a long-context range where no minute can hold such a request', async () => {
    const banded = prices.flatMap((price) => [
      { ...price, band: 'short' as const, thresholdTokens: 1_000 },
      { ...price, band: 'long' as const, thresholdTokens: 1_000, nanoUsd: price.nanoUsd * 2n },
    ]);
    ledger.rateWith(createRater(banded, []), day0);
    fill();
    expect(await costs('day')).toEqual(exactly(BigInt(minutes) * aMinute));
  });

  it('shows the range where one can', async () => {
    const banded = prices.flatMap((price) => [
      { ...price, band: 'short' as const, thresholdTokens: 149 },
      { ...price, band: 'long' as const, thresholdTokens: 149, nanoUsd: price.nanoUsd * 2n },
    ]);
    ledger.rateWith(createRater(banded, []), day0);
    fill();
    const cost = BigInt(minutes) * aMinute;
    expect(await costs('day')).toEqual({
      cost,
      costLow: cost,
      costHigh: cost * 2n,
      unpricedTokens: 0,
    });
  });
});

describe('prices that change', () => {
  const dearer = prices.map((price) =>
    price.item === 'output' ? { ...price, nanoUsd: perMillion(60), reference: 'dearer' } : price,
  );
  /** 10 × 30,000 more. */
  const aDearerMinute = aMinute + 300_000n;

  it('rate anew what they change, once, and tell by how much', async () => {
    ledger.rateWith(createRater(prices, []), day0);
    fill();
    const changes = ledger.rateWith(createRater(dearer, []), readAt);
    expect(changes).toEqual([
      {
        model,
        before: BigInt(minutes) * aMinute,
        after: BigInt(minutes) * aDearerMinute,
        rows: minutes,
      },
    ]);
    for (const grain of grains) {
      expect(await costs(grain)).toEqual(exactly(BigInt(minutes) * aDearerMinute));
    }
    const { length } = await ledger.since(0, 1_000);
    expect(ledger.rateWith(createRater(dearer, []), readAt)).toEqual([]);
    expect(await ledger.since(0, 1_000)).toHaveLength(length);
  });

  it('from the second day on leave the first untouched', async () => {
    const from = day0 + dayMs;
    const dated = prices.flatMap((price) =>
      price.item === 'output'
        ? [
            { ...price, to: from },
            {
              ...price,
              nanoUsd: perMillion(60),
              from,
              to: endOfTime,
              reference: 'from the second day',
            },
          ]
        : [price],
    );
    ledger.rateWith(createRater(prices, []), day0);
    fill();
    const before = (await ledger.since(0, 1_000)).at(-1)?.sequence ?? 0;
    ledger.rateWith(createRater(dated, []), readAt);
    const [first, second] = [
      { start: day0, end: from },
      { start: from, end: from + dayMs },
    ];
    expect(await costs('minute', first)).toEqual(exactly(1_440n * aMinute));
    expect(await costs('day', first)).toEqual(exactly(1_440n * aMinute));
    expect(await costs('day', second)).toEqual(exactly(1_440n * aDearerMinute));
    const revised = (await ledger.since(before, 1_000)).map(({ window }) => window);
    expect(revised.every(({ start }) => start >= from)).toBe(true);
    expect(revised.length).toBeGreaterThan(0);
  });

  it('and say the same from another place move no cost', async () => {
    ledger.rateWith(createRater(prices, []), day0);
    fill();
    const moved = prices.map((price) => ({ ...price, reference: 'elsewhere' }));
    expect(ledger.rateWith(createRater(moved, []), readAt)).toEqual([]);
    const [identity] = await ledger.identities();
    const spans = await ledger.cardsOf(identity?.id ?? 0);
    expect(spans?.[0]?.card.origins.input?.[0]?.reference).toBe('elsewhere');
  });

  it('are taken off by a discount', async () => {
    const off: Discount = {
      cloud: 'aws',
      model: 'openai/*',
      modelVersion: '',
      account: '',
      region: '',
      routing: '',
      tier: '',
      offPpm: 200_000,
      from: day0 + dayMs,
      to: endOfTime,
      reference: 'prices.yaml:3',
    };
    ledger.rateWith(createRater(prices, [off]), day0);
    fill();
    expect(await costs('day')).toEqual(exactly(1_440n * aMinute + (1_440n * aMinute * 4n) / 5n));
  });
});

describe('a ledger that was not rated', () => {
  it('is, once there are prices', async () => {
    fill();
    expect((await costs('day')).cost).toBeNull();
    ledger.rateWith(createRater(prices, []), readAt);
    for (const grain of grains) {
      expect(await costs(grain)).toEqual(exactly(BigInt(minutes) * aMinute));
    }
  });

  it('is rated in full though a writer without prices was at it', async () => {
    ledger.rateWith(createRater(prices, []), day0);
    fill(world, { start: day0, end: day0 + dayMs });
    ledger.close();
    ledger = openLedger(path, interpretation, readAt);
    ledger.commit(batchOf(world, twoDays, 60, readAt));
    ledger.rateWith(createRater(prices, []), readAt);
    expect(await costs('day')).toEqual(exactly(BigInt(minutes) * aMinute));
  });

  it('stays rated over a restart', async () => {
    ledger.rateWith(createRater(prices, []), day0);
    fill();
    ledger.close();
    ledger = openLedger(path, interpretation, readAt);
    expect(ledger.rateWith(createRater(prices, []), readAt)).toEqual([]);
    ledger.commit(batchOf(world, twoDays, 60, readAt));
    expect(await costs('day')).toEqual(exactly(BigInt(minutes) * aMinute));
  });
});

it('rates anew what goes by another name', async () => {
  ledger.rateWith(createRater(prices, []), day0);
  fill();
  ledger.close();
  const aliases = new Map([['aws/us.openai.gpt-5.6-sol', 'openai/gpt-5.4']]);
  ledger = openLedger(path, createInterpretation(aliases, switches), readAt);
  ledger.rateWith(createRater(prices, []), readAt);
  const [identity] = await ledger.identities();
  expect(identity?.model).toBe('openai/gpt-5.4');
  expect(await costs('day')).toMatchObject({ cost: null, unpricedTokens: minutes * 160 });
});

describe('hours whose minutes are gone', () => {
  const retention = { minuteSeconds: 7_200, hourSeconds: Infinity, daySeconds: Infinity };
  const banded = (factor: bigint) =>
    prices.flatMap((price) => [
      { ...price, band: 'short' as const, thresholdTokens: 1_000 },
      {
        ...price,
        band: 'long' as const,
        thresholdTokens: 1_000,
        nanoUsd: price.nanoUsd * factor,
      },
    ]);

  function age(): void {
    for (let steps = 0; ledger.age(readAt, retention).more; steps += 1) {
      if (steps > 200) throw new Error('ageing never ends');
    }
  }

  it('keep what they cost by the minute', async () => {
    ledger.rateWith(createRater(banded(2n), []), day0);
    fill();
    age();
    expect(await costs('hour')).toEqual(exactly(BigInt(minutes) * aMinute));
    // Read again by the hour, as a backfill would.
    ledger.commit(batchOf(world, twoDays, 3_600, readAt + hourMs));
    expect(await costs('hour')).toEqual(exactly(BigInt(minutes) * aMinute));
  });

  it('are rated anew by their busiest minute', async () => {
    ledger.rateWith(createRater(banded(2n), []), day0);
    fill();
    age();
    const dearer = banded(2n).map((price) => ({ ...price, nanoUsd: price.nanoUsd * 3n }));
    ledger.rateWith(createRater(dearer, []), readAt);
    expect(await costs('hour')).toEqual(exactly(BigInt(minutes) * aMinute * 3n));
    expect(await costs('day')).toEqual(exactly(BigInt(minutes) * aMinute * 3n));
  });
});

it('keeps sums beyond nine million dollars exact', async () => {
  const large = prices.map((price) => ({ ...price, nanoUsd: price.nanoUsd * 1_000_000n + 1n }));
  ledger.rateWith(createRater(large, []), day0);
  fill(world.map((one) => ({ ...one, values: one.values.map((value) => value * 1_001) })));
  const perToken = [5_000n, 500n, 30_000n].map((nano) => nano * 1_000_000n * 1_000_000n + 1n);
  const millionths = [100n, 50n, 10n].reduce(
    (sum, tokens, item) => sum + tokens * 1_001n * (perToken[item] ?? 0n),
    0n,
  );
  const cost = (millionths + 500_000n) / 1_000_000n;
  expect(cost * BigInt(minutes)).toBeGreaterThan(9_000_000n * 1_000_000_000n);
  expect(await costs('day')).toEqual(exactly(cost * BigInt(minutes)));
});

it('keeps a price book and its editions over a restart, and history when a row ends', async () => {
  const edition = { source: 'genai_prices', version: '1', fetchedAt: day0 } as const;
  ledger.keepPrices({ ends: [], begins: prices }, edition);
  const [first] = prices;
  if (first === undefined) throw new Error('no price');
  const next = { ...first, nanoUsd: 1n, from: day0 + minuteMs };
  ledger.keepPrices(
    { ends: [{ row: first, to: next.from }], begins: [next] },
    { ...edition, version: '2' },
  );
  ledger.close();
  ledger = openLedger(path, interpretation, readAt);
  expect(await ledger.prices()).toEqual([{ ...first, to: next.from }, ...prices.slice(1), next]);
  expect(await ledger.editions()).toEqual([{ ...edition, version: '2' }]);
  const listing = {
    source: 'aws_price_list',
    regions: ['us-east-1'],
    prices: [next],
    skipped: [{ reference: 'r', name: 'n', reason: 'unknown_unit' }],
    version: '3',
    fetchedAt: day0,
    requests: 2,
  } as const;
  ledger.keepOffer(listing);
  expect(await ledger.offers()).toEqual([listing]);
});
