import { describe, expect, it } from 'vitest';
import type { FacetKey } from '../../../agent/core/reading.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { derive } from '../../../agent/normalize/derive.ts';
import { brief, columnOf, derived, seriesOf, switches, tenMinutes } from './meters.ts';
import type { Told } from './meters.ts';

type Brief = Readonly<Record<string, unknown>>;
const rowsOf = (told: readonly Told[], family?: string) => derived(told, family).map(brief);

describe('cache meters', () => {
  const input: Told = { meter: 'input', values: { 0: 100, 1: 50 } };
  const cases: readonly [string, readonly Told[], readonly Brief[]][] = [
    [
      'that nobody ever saw leave the input unsplit',
      [input],
      [
        { at: 0, unsplitInput: 100 },
        { at: 1, unsplitInput: 50 },
      ],
    ],
    [
      'that are known and said nothing are zero, and the input is split',
      [input, { meter: 'cache_read' }],
      [
        { at: 0, input: 100, cacheRead: 0 },
        { at: 1, input: 50, cacheRead: 0 },
      ],
    ],
    [
      'that came late split the minutes before them as well',
      [input, { meter: 'cache_read', values: { 1: 20 } }],
      [
        { at: 0, input: 100, cacheRead: 0 },
        { at: 1, input: 30, cacheRead: 20 },
      ],
    ],
    [
      'that ran ahead of the input are a violation until it has caught up',
      [
        { meter: 'input', values: { 0: 100, 1: 10 } },
        { meter: 'cache_read', values: { 1: 20 } },
      ],
      [
        { at: 0, input: 100, cacheRead: 0 },
        { at: 1, unsplitInput: 10, violation: true },
      ],
    ],
  ];
  it.each(cases)('%s', (_what, told, expected) => {
    expect(rowsOf(told)).toEqual(expected);
  });
});

describe('parts of a total', () => {
  const part = (meter: Told['meter'], tier: Told['tier'], values: Told['values']): Told => ({
    meter,
    level: 'part',
    ...(tier === undefined ? {} : { tier }),
    ...(values === undefined ? {} : { values }),
  });
  const cases: readonly [string, readonly Told[], readonly Brief[]][] = [
    [
      'are taken out of it and stand alone; the rest keeps the total’s facet',
      [
        { meter: 'output', values: { 0: 100 } },
        part('output', 'flex', { 0: 30 }),
        part('output', 'priority', { 0: 10 }),
      ],
      [
        { at: 0, tier: 'flex', output: 30 },
        { at: 0, tier: 'priority', output: 10 },
        { at: 0, output: 60 },
      ],
    ],
    [
      'that are all of it leave no rest',
      [{ meter: 'output', values: { 0: 40 } }, part('output', 'standard', { 0: 40 })],
      [{ at: 0, tier: 'standard', output: 40 }],
    ],
    [
      'of one facet add up: whatever tier was asked, the one that served counts',
      [
        { meter: 'output', values: { 0: 40 } },
        part('output', 'standard', { 0: 15 }),
        part('output', 'standard', { 0: 20 }),
      ],
      [
        { at: 0, tier: 'standard', output: 35 },
        { at: 0, output: 5 },
      ],
    ],
    [
      'that said nothing in a minute leave the total whole there',
      [{ meter: 'output', values: { 0: 40, 1: 40 } }, part('output', 'flex', { 1: 40 })],
      [
        { at: 0, output: 40 },
        { at: 1, tier: 'flex', output: 40 },
      ],
    ],
    [
      'count alone while their total is still to come',
      [{ meter: 'output' }, part('output', 'flex', { 0: 30 })],
      [{ at: 0, tier: 'flex', output: 30 }],
    ],
    [
      'above their total are a violation of the total, and keep what they said',
      [{ meter: 'output', values: { 0: 25 } }, part('output', 'flex', { 0: 30 })],
      [
        { at: 0, tier: 'flex', output: 30 },
        { at: 0, output: 0, violation: true },
      ],
    ],
    [
      'are taken out of one total after the other where there are several',
      [
        { meter: 'output', modelName: 'a', values: { 0: 25 } },
        { meter: 'output', modelName: 'b', values: { 0: 25 } },
        part('output', 'flex', { 0: 30 }),
      ],
      [
        { at: 0, tier: 'flex', output: 30 },
        { at: 0, model: 'b', output: 20 },
      ],
    ],
    [
      'above all totals together are one violation',
      [
        { meter: 'output', modelName: 'a', values: { 0: 10 } },
        { meter: 'output', modelName: 'b', values: { 0: 10 } },
        part('output', 'flex', { 0: 30 }),
      ],
      [
        { at: 0, tier: 'flex', output: 30 },
        { at: 0, model: 'b', output: 0, violation: true },
      ],
    ],
    [
      'split their own input by their own cache meters',
      [
        { meter: 'input', values: { 0: 100 } },
        part('input', 'flex', { 0: 60 }),
        { meter: 'cache_read', values: { 0: 50 } },
        part('cache_read', 'flex', { 0: 20 }),
      ],
      [
        { at: 0, tier: 'flex', input: 40, cacheRead: 20 },
        { at: 0, input: 10, cacheRead: 30 },
      ],
    ],
    [
      'of which the cached tokens tell no tier are a violation, not a guess',
      [
        { meter: 'input', values: { 0: 100 } },
        part('input', 'flex', { 0: 100 }),
        { meter: 'cache_read', values: { 0: 50 } },
      ],
      [
        { at: 0, tier: 'flex', input: 100, cacheRead: 0 },
        { at: 0, unsplitInput: 0, violation: true },
      ],
    ],
  ];
  it.each(cases)('%s', (_what, told, expected) => {
    const order = (rows: readonly Brief[]) =>
      rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    expect(order(rowsOf(told))).toEqual(order(expected));
  });
});

describe('of series that count the same', () => {
  const cases: readonly [string, readonly Told[], readonly Brief[]][] = [
    [
      'the first vocabulary that reports a minute claims it',
      [
        { meter: 'output', rank: 1_000, values: { 0: 90, 1: 80 } },
        { meter: 'output', rank: 0, values: { 0: 100 } },
      ],
      [
        { at: 0, output: 100 },
        { at: 1, output: 80 },
      ],
    ],
    [
      'each meter is claimed by itself',
      [
        { meter: 'output', rank: 0, values: { 0: 100 } },
        { meter: 'output', rank: 1_000, values: { 0: 90 } },
        { meter: 'input', rank: 1_000, values: { 0: 70 } },
      ],
      [{ at: 0, output: 100, unsplitInput: 70 }],
    ],
    [
      'the first spelling that reports a minute claims it',
      [
        { meter: 'input', values: { 0: 100, 1: 100 } },
        { meter: 'cache_read', rank: 1, values: { 0: 5, 1: 6 } },
        { meter: 'cache_read', rank: 0, values: { 0: 5 } },
      ],
      [
        { at: 0, input: 95, cacheRead: 5 },
        { at: 1, input: 94, cacheRead: 6 },
      ],
    ],
    [
      'a series that tells the tier takes the minutes it shares with the one that did not yet',
      [
        { meter: 'output', rank: 10_000, values: { 0: 40, 1: 50 } },
        { meter: 'output', rank: 0, tier: 'standard', values: { 1: 30, 2: 60 } },
        { meter: 'output', rank: 0, tier: 'priority', values: { 1: 20 } },
      ],
      [
        { at: 0, output: 40 },
        { at: 1, tier: 'standard', output: 30 },
        { at: 1, tier: 'priority', output: 20 },
        { at: 2, tier: 'standard', output: 60 },
      ],
    ],
    [
      'all of one rank count side by side: two models behind one deployment',
      [
        { meter: 'output', modelName: 'gpt-4.1', values: { 0: 40 } },
        { meter: 'output', modelName: 'gpt-4.1-mini', values: { 0: 2 } },
      ],
      [
        { at: 0, model: 'gpt-4.1', output: 40 },
        { at: 0, model: 'gpt-4.1-mini', output: 2 },
      ],
    ],
    [
      'all of one rank and facet add up: two statuses, two lengths of a cache',
      [
        { meter: 'accepted', contract: 'requests_by_status', values: { 0: 40 } },
        { meter: 'accepted', contract: 'requests_by_status', values: { 0: 2 } },
        { meter: 'client_error', contract: 'requests_by_status', values: { 0: 3 } },
        { meter: 'throttled', contract: 'requests_by_status', values: { 0: 9 } },
      ],
      [{ at: 0, requests: 45, errors: 3, throttles: 9 }],
    ],
    [
      'parts are claimed by rank as totals are',
      [
        { meter: 'output', values: { 0: 100 } },
        { meter: 'output', level: 'part', tier: 'flex', rank: 0, values: { 0: 30 } },
        { meter: 'output', level: 'part', tier: 'flex', rank: 1, values: { 0: 30 } },
      ],
      [
        { at: 0, tier: 'flex', output: 30 },
        { at: 0, output: 70 },
      ],
    ],
  ];
  it.each(cases)('%s', (_what, told, expected) => {
    expect(rowsOf(told)).toEqual(expect.arrayContaining([...expected]));
    expect(rowsOf(told)).toHaveLength(expected.length);
  });
});

describe('rows', () => {
  it('are none for a minute in which nothing was used, zeros said or not', () => {
    expect(rowsOf([{ meter: 'output', values: { 0: 0 } }, { meter: 'input' }])).toEqual([]);
  });

  it('keep a zero that was said beside something, for zero is not the same as no data', () => {
    const told: readonly Told[] = [
      { meter: 'output', values: { 0: 7, 1: 7 } },
      { meter: 'input', values: { 0: 0 } },
    ];
    expect(rowsOf(told)).toEqual([
      { at: 0, output: 7, unsplitInput: 0 },
      { at: 1, output: 7 },
    ]);
  });

  it('come oldest first, at the times of their grid', () => {
    const grid = { start: 7 * minuteMs, stepMs: 60 * minuteMs, periods: 3 };
    const told: readonly Told[] = [{ meter: 'output', values: { 0: 3, 2: 4 } }];
    const rows = derive(switches, seriesOf(told), grid, columnOf(told), () => 'openai');
    expect(rows.map(brief)).toEqual([
      { at: 7, output: 3 },
      { at: 127, output: 4 },
    ]);
  });

  it('are none of latency, utilization and requests without an outcome', () => {
    const [series] = seriesOf([{ meter: 'output', values: { 0: 9 } }]);
    if (series === undefined) throw new Error('one was told');
    const measures = [
      { kind: 'latency', phase: 'request' },
      { kind: 'utilization' },
      { kind: 'quota_used' },
      { kind: 'requests', outcome: 'by_status' },
    ] as const;
    const others = measures.map((measure, index) => ({ ...series, id: index + 1, measure }));
    expect(
      derive(
        switches,
        others,
        tenMinutes,
        () => [9],
        () => 'openai',
      ),
    ).toEqual([]);
  });

  it('ask the family of each facet at each minute: a deployment may change its model', () => {
    const told: readonly Told[] = [
      { meter: 'input', values: { 0: 100, 1: 100 } },
      { meter: 'cache_read', values: { 0: 40, 1: 40 } },
    ];
    const asked: [FacetKey, number][] = [];
    const family = (facet: FacetKey, at: number) => {
      asked.push([facet, at / minuteMs]);
      return at === 0 ? 'openai' : 'anthropic';
    };
    const rows = derive(switches, seriesOf(told), tenMinutes, columnOf(told), family);
    expect(rows.map(brief)).toEqual([
      { at: 0, input: 60, cacheRead: 40 },
      { at: 1, input: 100, cacheRead: 40 },
    ]);
    const facet = { tier: '', modelName: '', modelVersion: '' };
    expect(asked).toEqual([
      [facet, 0],
      [facet, 1],
    ]);
  });
});
