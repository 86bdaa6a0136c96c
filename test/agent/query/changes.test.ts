import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../agent/core/price.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { changePartNames } from '../../../agent/query/change-parts.ts';
import { lastTwoWeeks, queryChanges } from '../../../agent/query/changes.ts';
import type { ChangeRow, ChangesQuery } from '../../../agent/query/changes.ts';
import { TooManyRowsError } from '../../../agent/query/too-many-rows.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import { coveredSpan, identityRow } from '../../support/memory-reader.ts';
import type { MemoryLedger } from '../../support/memory-reader.ts';
import { pricedWorld } from '../../support/priced-world.ts';
import type { Used } from '../../support/priced-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const now = Date.UTC(2026, 10, 23, 12);
const { span, before } = lastTwoWeeks(now);
const both = { start: before.start, end: span.end };
const million = 1_000_000;

const small = 'openai/gpt-5.4-mini';
const large = 'openai/gpt-5.4';
const identities = [
  identityRow({ id: 1, model: small, family: 'openai', tags: { team: 'search' } }),
  identityRow({ id: 2, model: large, family: 'openai', tags: { team: 'support' } }),
  identityRow({ id: 3, model: 'made/up', family: 'made' }),
];
const prices: readonly Price[] = [
  smallPrice({ model: small, item: 'input', nanoUsd: perMillion(1) }),
  smallPrice({ model: small, item: 'cache_read', nanoUsd: perMillion(0.1) }),
  smallPrice({ model: small, item: 'output', nanoUsd: perMillion(4) }),
  smallPrice({ model: large, item: 'input', nanoUsd: perMillion(5) }),
  smallPrice({ model: large, item: 'output', nanoUsd: perMillion(20) }),
];
const covered = { coverage: identities.map(({ id }) => coveredSpan(id, both)) };

const wasAt = before.start + 30 * hourMs;
const isAt = span.start + 50 * hourMs;
const was = (identityId: number, amounts: Used['amounts']) => ({
  identityId,
  start: wasAt,
  amounts,
});
const is = (identityId: number, amounts: Used['amounts']) => ({ identityId, start: isAt, amounts });

async function changes(
  used: readonly Used[],
  change: Partial<ChangesQuery> = {},
  rest: Partial<MemoryLedger> & { readonly prices?: readonly Price[] } = {},
): Promise<readonly ChangeRow[]> {
  const { prices: book = prices, ...ledger } = rest;
  const { readers } = pricedWorld(book, rest.identities ?? identities, used, {
    ...covered,
    ...ledger,
  });
  return queryChanges(readers, {
    span,
    before,
    groupBy: [],
    filters: new Map(),
    teams: [{ kind: 'tag', tag: 'team' }],
    ...change,
  });
}

const none = {
  price_usd: 0,
  volume_usd: 0,
  mix_usd: 0,
  new_usd: 0,
  gone_usd: 0,
  capacity_usd: 0,
  unknown_usd: 0,
};

describe('the spans', () => {
  it('are the last seven whole days and the seven before, wherever the day stands', () => {
    const november = (day: number) => Date.UTC(2026, 10, day);
    expect(lastTwoWeeks(now)).toEqual({
      before: { start: november(9), end: november(16) },
      span: { start: november(16), end: november(23) },
    });
  });
});

describe('why a cost changed', () => {
  it.each([
    [
      'volume where all of it doubles',
      [was(1, { input: million, output: million }), is(1, { input: 2e6, output: 2e6 })],
      { change_usd: 5, ...none, volume_usd: 5, why: 'volume' },
    ],
    [
      'mix where the same tokens move to a dearer model',
      [
        was(1, { input: 3e6 }),
        was(2, { input: 1e6 }),
        is(1, { input: 1e6 }),
        is(2, { input: 3e6 }),
      ],
      { change_usd: 8, ...none, mix_usd: 8, why: 'mix' },
    ],
    [
      'mix where input comes to be read from a cache',
      [was(1, { input: 2e6 }), is(1, { input: 1e6, cacheRead: 1e6 })],
      { change_usd: -0.9, ...none, mix_usd: -0.9, why: 'mix' },
    ],
    [
      'new where a model was not used before',
      [was(1, { input: 1e6 }), is(1, { input: 1e6 }), is(2, { input: 1e6 })],
      { change_usd: 5, ...none, new_usd: 5, why: 'new' },
    ],
    [
      'gone where a model is not used any more',
      [was(1, { input: 1e6 }), was(2, { output: 1e6 }), is(1, { input: 1e6 })],
      { change_usd: -20, ...none, gone_usd: -20, why: 'gone' },
    ],
    [
      'none where nothing changed',
      [was(1, { input: 1e6 }), is(1, { input: 1e6 })],
      { change_usd: 0, ...none, why: 'none' },
    ],
    ['none where nothing was used', [], { cost_usd: 0, change_usd: 0, ...none, why: 'none' }],
  ])('%s', async (_name, used, row) => {
    expect(await changes(used)).toMatchObject([{ ...row, incomplete: false }]);
  });

  it('is the price where the list changed, in the middle of a day and of the span', async () => {
    const from = span.start + 36 * hourMs + 30 * minuteMs;
    const cut = [
      smallPrice({ model: small, item: 'input', nanoUsd: perMillion(1), to: from }),
      smallPrice({ model: small, item: 'input', nanoUsd: perMillion(3), from }),
    ];
    const used = [
      was(1, { input: 2e6 }),
      { identityId: 1, start: from - minuteMs, amounts: { input: 1e6 } },
      { identityId: 1, start: from, amounts: { input: 1e6 } },
    ];
    const [row] = await changes(used, {}, { prices: cut });
    expect(row).toMatchObject({ cost_usd: 4, change_usd: 2, ...none, price_usd: 2, why: 'price' });
  });

  it('is the price where the same tokens are served by another tier', async () => {
    const tiers = [
      identityRow({ id: 1, model: small, family: 'openai' }),
      identityRow({ id: 4, trafficId: 1, model: small, family: 'openai', tier: 'flex' }),
    ];
    const flex = smallPrice({
      model: small,
      item: 'input',
      tier: 'flex',
      nanoUsd: perMillion(0.5),
    });
    const used = [was(1, { input: 2e6 }), is(4, { input: 2e6 })];
    const rest = { prices: [...prices, flex], identities: tiers };
    const [row] = await changes(used, {}, rest);
    expect(row).toMatchObject({ change_usd: -1, ...none, price_usd: -1, why: 'price' });
  });

  it('is capacity where hours of it are paid for, whoever used it', async () => {
    const reserved = { model: small, family: 'openai', tier: 'provisioned' } as const;
    const user = identityRow({ id: 5, ...reserved });
    const capacity = {
      ...identityRow({ id: -1, trafficId: 0, ...reserved, reports: new Set() }),
      sku: 'GlobalProvisionedManaged',
      units: 1,
    };
    const hour = smallPrice({ model: small, item: 'unit_hour', nanoUsd: perMillion(1) });
    const used = [was(1, { input: 1e6 }), is(5, { input: 1e6 })];
    const [row] = await changes(
      used,
      {},
      {
        prices: [...prices, { ...hour, tier: 'provisioned' }],
        identities: [...identities, user],
        coverage: [...covered.coverage, coveredSpan(5, both)],
        capacities: [capacity],
        capacity: [
          { identityId: 5, start: isAt, cost: 2_000_000_000n },
          { identityId: -1, start: isAt, cost: 3_000_000_000n },
        ],
      },
    );
    expect(row).toMatchObject({ cost_usd: 5, change_usd: 4, capacity_usd: 5, gone_usd: -1 });
  });
});

describe('what is not known', () => {
  const steady = [was(1, { input: 1e6 }), was(2, { input: 1e6 }), is(1, { input: 1e6 })];

  /** Of the second model, one minute of an hour was not looked at. */
  const missingAt = (minute: number) => ({
    coverage: [
      coveredSpan(1, both),
      coveredSpan(3, both),
      coveredSpan(2, { start: both.start, end: minute }),
      coveredSpan(2, { start: minute + minuteMs, end: both.end }),
    ],
  });

  it.each([
    ['after', wasAt + 7 * dayMs + 17 * minuteMs],
    ['before', wasAt + 17 * minuteMs],
  ])(
    'is neither rise nor fall: of what was missed %s, the same hour of both spans is left out',
    async (_name, minute) => {
      const used = [
        ...steady,
        { identityId: 2, start: wasAt + 2 * hourMs, amounts: { input: 1e6 } },
        { identityId: 2, start: wasAt + 9 * dayMs, amounts: { input: 3e6 } },
      ];
      const [row] = await changes(used, { groupBy: ['model'] }, missingAt(minute));
      expect(row).toMatchObject({
        model: large,
        cost_before_usd: 10,
        cost_usd: 15,
        change_usd: 5,
        ...none,
        volume_usd: 10,
        unknown_usd: -5,
        why: 'volume',
        incomplete: true,
      });
      const shares = new Set([row?.covered, row?.covered_before]);
      expect(shares).toEqual(new Set([1 - minuteMs / (7 * dayMs), 1]));
    },
  );

  it('is compared by the hour only where the spans begin with one', async () => {
    const off = (window: typeof span) => ({ start: window.start + 60_000, end: window.end });
    const rest = missingAt(wasAt + 17 * minuteMs);
    const used = [...steady, is(2, { input: 1e6 })];
    const query = { span: off(span), before: off(before), groupBy: ['model'] } as const;
    const [row] = await changes([...used, is(2, { input: 1e6 })], query, rest);
    expect(row).toMatchObject({ model: large, change_usd: 5, ...none, unknown_usd: 5 });
  });

  it('is all of a series with more holes than are worth their reads', async () => {
    const holes = Array.from({ length: 42 }, (_, place) =>
      coveredSpan(1, {
        start: both.start + place * 8 * hourMs,
        end: both.start + (place * 8 + 7) * hourMs,
      }),
    );
    const used = [was(1, { input: 1e6 }), is(1, { input: 3e6 })];
    const filters = new Map([['model', [small]]] as const);
    const rows = await changes(used, { filters }, { coverage: holes });
    expect(rows).toMatchObject([{ change_usd: 2, ...none, unknown_usd: 2, why: 'unknown' }]);
  });

  it('leaves the change open where one of the spans was not looked at at all', async () => {
    const coverage = identities.map(({ id }) => coveredSpan(id, span));
    const [row] = await changes([is(1, { input: 1e6 })], {}, { coverage });
    expect(row).toMatchObject({
      cost_usd: 1,
      cost_before_usd: null,
      tokens_before: null,
      change_usd: null,
      volume_usd: null,
      new_usd: null,
      why: 'unknown',
      incomplete: true,
      settled: 1,
      settled_before: null,
    });
  });

  it('is no fall where tokens lost their price, and says how many', async () => {
    const ended = prices.map((price) =>
      price.item === 'output' && price.model === small ? { ...price, to: span.start } : price,
    );
    const same = { input: 1e6, output: 1e6 };
    const [row] = await changes([was(1, same), is(1, same)], {}, { prices: ended });
    expect(row).toMatchObject({
      change_usd: -4,
      ...none,
      unknown_usd: -4,
      why: 'unknown',
      tokens: 2e6,
      unpriced_tokens: 1e6,
      unpriced_tokens_before: 0,
      incomplete: false,
    });
  });

  it('leaves the change open where nothing of a model has a price', async () => {
    const used = [was(3, { input: 5 }), is(3, { input: 7 })];
    const [row] = await changes(used, { filters: new Map([['model', ['made/up']]]) });
    expect(row).toMatchObject({
      cost_usd: null,
      change_usd: null,
      tokens: 7,
      tokens_before: 5,
      unpriced_tokens: 7,
      unpriced_tokens_before: 5,
    });
  });
});

describe('the groups', () => {
  const used = [
    was(1, { input: 2e6 }),
    was(2, { input: 1e6 }),
    is(1, { input: 1e6 }),
    is(2, { input: 2e6 }),
  ];

  it('are told apart by any dimension, the largest change first, rise or fall', async () => {
    const rows = await changes(used, { groupBy: ['model'] });
    expect(rows).toMatchObject([
      { model: large, change_usd: 5, volume_usd: 5 },
      { model: small, change_usd: -1, volume_usd: -1 },
      { model: 'made/up', change_usd: 0 },
    ]);
    expect(await changes(used, { groupBy: ['team', 'tier'] })).toMatchObject([
      { team: 'support', tier: 'standard', change_usd: 5 },
      { team: 'search', tier: 'standard', change_usd: -1 },
      { team: 'unassigned', tier: 'standard', change_usd: 0 },
    ]);
  });

  it('hold nothing outside the scope and the filters', async () => {
    const scope = new Map([['team', ['search']]] as const);
    expect(await changes(used, { scope })).toMatchObject([{ change_usd: -1 }]);
    const filters = new Map([['model', [large]]] as const);
    expect(await changes(used, { filters })).toMatchObject([{ change_usd: 5 }]);
    expect(await changes(used, { filters, scope })).toMatchObject([{ cost_usd: null }]);
  });

  it('are refused where there are too many, before amounts are read', async () => {
    await expect(changes(used, { groupBy: ['model'], maxRows: 2 })).rejects.toThrow(
      TooManyRowsError,
    );
  });
});

it('adds up to what usage says of both spans, to the nano-dollar', async () => {
  const amount = fc.record(
    {
      input: fc.integer({ min: 0, max: 3_000_000 }),
      cacheRead: fc.integer({ min: 0, max: 3_000_000 }),
      output: fc.integer({ min: 0, max: 3_000_000 }),
    },
    { requiredKeys: [] },
  );
  const oneUse = fc
    .record({
      identityId: fc.constantFrom(1, 2, 3),
      minute: fc.integer({ min: 0, max: 14 * 24 * 60 - 1 }),
      amounts: amount,
    })
    .map(({ minute, ...rest }) => ({ ...rest, start: before.start + minute * minuteMs }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(oneUse, { maxLength: 12 }),
      fc.constantFrom([], ['model'] as const, ['cloud'] as const),
      fc.array(fc.integer({ min: 1, max: 14 * 24 * 60 - 1 }), { maxLength: 3 }),
      async (used, groupBy, holes) => {
        const edges = [-1, ...holes, 14 * 24 * 60].toSorted((a, b) => a - b);
        const coverage = edges.slice(1).flatMap((edge, place) => {
          const start = both.start + ((edges[place] ?? 0) + 1) * minuteMs;
          return [1, 2, 3].map((id) =>
            coveredSpan(id, { start, end: both.start + edge * minuteMs }),
          );
        });
        const rows = await changes(used, { groupBy }, { coverage });
        const { readers } = pricedWorld(prices, identities, used, { coverage });
        const nano = (usd: number | null) => Math.round((usd ?? 0) * 1e9);
        for (const row of rows) {
          if (row.change_usd === null) continue;
          expect(row.change_usd).toBeCloseTo((row.cost_usd ?? 0) - (row.cost_before_usd ?? 0), 9);
          const parts = changePartNames.map((name) => nano(Number(row[`${name}_usd`])));
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(nano(row.change_usd));
        }
        for (const [window, column] of [
          [before, 'cost_before_usd'],
          [span, 'cost_usd'],
        ] as const) {
          const { rows: said } = await queryUsage(readers.usage, {
            from: window.start,
            to: window.end,
            stepMs: 'total',
            groupBy,
            filters: new Map(),
            teams: [],
          });
          const sum = (all: readonly (number | null)[]) =>
            all.reduce<number>((a, b) => a + nano(b), 0);
          expect(sum(rows.map((row) => row[column]))).toBe(sum(said.map((row) => row.cost_usd)));
        }
      },
    ),
    { numRuns: 60 },
  );
});
