import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SettledPage, ToldName } from '../../../agent/core/exporter.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { correctionPoints } from '../../../exporters/otlp/correction-points.ts';
import { pagePoints } from '../../../exporters/otlp/page-points.ts';
import type { MetricPoint } from '../../../exporters/otlp/point.ts';
import { free, gpt, minute, nobody, pageOf, slow, sonnet, start, told, used } from './pages.ts';

const usage = 'gen_ai.client.inference.usage';
const delta = { temporality: 'delta' } as const;
const cumulative = { temporality: 'cumulative' } as const;

/** What is told, less who it is of. */
function values(points: readonly MetricPoint[]) {
  return points.map(({ metric, attributes, value }) => {
    const outcome = attributes['crossbill.outcome'];
    return [outcome === undefined ? metric.name : `${metric.name} ${outcome}`, value];
  });
}

function spans(points: readonly MetricPoint[]) {
  return points.map(({ start: from, end }) => [from - start, end - start]);
}

describe('one period', () => {
  test.each<
    readonly [
      told: string,
      amounts: Partial<Amounts>,
      points: readonly (readonly [string, number])[],
    ]
  >([
    [
      'cached tokens are a part of the input',
      { input: 100, cacheRead: 20, cacheWrite: 3, output: 7 },
      [
        [`${usage}.input_tokens`, 123],
        [`${usage}.output_tokens`, 7],
        [`${usage}.cache_read.input_tokens`, 20],
        [`${usage}.cache_write.input_tokens`, 3],
      ],
    ],
    ['input that nobody splits is input', { unsplitInput: 50 }, [[`${usage}.input_tokens`, 50]]],
    ['a zero is known, and told', { output: 0 }, [[`${usage}.output_tokens`, 0]]],
    ['what no meter tells is no zero', {}, []],
    [
      'failed requests are not successes, throttled ones were never accepted',
      { requests: 10, errors: 3, throttles: 4 },
      [
        ['crossbill.requests succeeded', 7],
        ['crossbill.requests failed', 3],
        ['crossbill.requests throttled', 4],
      ],
    ],
    [
      'with no meter of failures every request is a success',
      { requests: 5 },
      [['crossbill.requests succeeded', 5]],
    ],
    [
      'more failures than requests are no negative successes',
      { requests: 1, errors: 2 },
      [
        ['crossbill.requests succeeded', 0],
        ['crossbill.requests failed', 2],
      ],
    ],
  ])('%s', (_sentence, amounts, points) => {
    expect(values(pagePoints(pageOf([used(sonnet, 0, amounts)]), delta).points)).toEqual(points);
  });

  test.each([
    ['a cost is dollars', { cost: 1_500_000_000n }, [['crossbill.cost.estimated.usd', 1.5]]],
    [
      'without a price there is no cost of zero',
      { unpricedTokens: 8 },
      [['crossbill.unpriced_tokens', 8]],
    ],
    ['what is free costs nothing', { cost: 0n }, [['crossbill.cost.estimated.usd', 0]]],
  ] as const)('%s', (_sentence, costs, points) => {
    expect(values(pagePoints(pageOf([used(sonnet, 0, {}, costs)]), delta).points)).toEqual(points);
  });

  test('is stamped with its own start and end', () => {
    const { points } = pagePoints(pageOf([used(sonnet, 3, { output: 1 })]), delta);
    expect(spans(points)).toEqual([[3 * minute, 4 * minute]]);
  });

  test('a number that OTLP cannot say exactly is left out and counted, and the others are told', () => {
    const amounts = { input: 2 ** 53, output: 1.5, cacheRead: 4, requests: Number.NaN };
    const { points, unsayable } = pagePoints(pageOf([used(sonnet, 0, amounts)]), delta);
    expect(values(points)).toEqual([[`${usage}.cache_read.input_tokens`, 4]]);
    expect(unsayable).toBe(3);
  });
});

describe('latency', () => {
  const page = pageOf([], {
    latencies: [
      slow(sonnet, 0, { count: 4, sumMs: 10_000, minMs: 500, maxMs: 6_250 }),
      slow(sonnet, 0, { phase: 'first_token', count: 2, sumMs: 300 }),
    ],
  });

  test('is a population in seconds, of what is known of it', () => {
    expect(values(pagePoints(page, delta).points)).toEqual([
      ['gen_ai.server.request.duration', { count: 4, sum: 10, min: 0.5, max: 6.25 }],
      ['gen_ai.server.time_to_first_token', { count: 2, sum: 0.3, min: null, max: null }],
    ]);
  });

  test('is not told in running totals, for nothing adds it up', () => {
    expect(pagePoints(page, cumulative).points).toEqual([]);
  });
});

describe('who it is', () => {
  test.each([
    [
      'Bedrock by what was metered',
      sonnet,
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'aws.bedrock',
        'gen_ai.token.modality': 'unknown',
        'gen_ai.request.model': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'gen_ai.response.model': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
        'crossbill.metered_model': 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'crossbill.model': 'anthropic/claude-sonnet-4.5',
        'crossbill.model.version': '20250929',
        'crossbill.model.family': 'anthropic',
        'crossbill.vendor_model': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
        'crossbill.endpoint': 'runtime',
        'crossbill.routing': 'geo',
        'crossbill.tier': 'standard',
        'crossbill.tag.cost center': '42',
      },
    ],
    [
      'Azure by the deployment that a request names',
      gpt,
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'azure.ai.openai',
        'gen_ai.token.modality': 'unknown',
        'gen_ai.request.model': 'chat-prod',
        'gen_ai.response.model': 'gpt-4o-2024-08-06',
        'crossbill.metered_model': 'gpt-4o',
        'crossbill.model': 'openai/gpt-4o',
        'crossbill.model.version': '2024-08-06',
        'crossbill.model.family': 'openai',
        'crossbill.vendor_model': 'gpt-4o',
        'crossbill.deployment': 'chat-prod',
        'crossbill.resource': 'aoai-prod',
        'crossbill.endpoint': 'azure',
        'crossbill.routing': 'global',
        'crossbill.tier': 'standard',
      },
    ],
  ])('%s', (_sentence, name, attributes) => {
    const [point] = pagePoints(pageOf([used(name, 0, { output: 1 })]), delta).points;
    expect(point?.attributes).toEqual(attributes);
  });

  test('the team is told where there are rules for it', () => {
    const page = pageOf([used(sonnet, 0, { requests: 1 })]);
    const [point] = pagePoints(page, {
      ...delta,
      teamOf: ({ tags }) => `cc-${tags['cost center']}`,
    }).points;
    expect(point?.attributes['crossbill.team']).toBe('cc-42');
  });

  test.each([
    ['openai/text-embedding-3-large', 'embeddings'],
    ['amazon/titan-embed-text-v2', 'embeddings'],
    ['cohere/embed-v4', 'embeddings'],
    ['openai/gpt-5.6-sol', 'chat'],
  ])('%s is asked for %s', (model, operation) => {
    const name = { ...sonnet, model, vendorModel: model };
    const [point] = pagePoints(
      pageOf([used(name, 0, { output: 1 })], { names: [name] }),
      delta,
    ).points;
    expect(point?.attributes['gen_ai.operation.name']).toBe(operation);
  });

  test('a point of a name that the page does not tell is an error', () => {
    const page = pageOf([used(sonnet, 0, { output: 1 })], { names: [gpt] });
    expect(() => pagePoints(page, delta)).toThrow(new RangeError('the page tells no name 1'));
  });
});

describe('running totals', () => {
  test('go on from what was told before, since the feed began', () => {
    const before = told(sonnet, 1, {
      amounts: { ...nobody, input: 100, cacheRead: 10, output: 5, requests: 9 },
      succeeded: 8,
      cost: 2_000_000_000n,
    });
    const page = pageOf(
      [
        used(sonnet, 1, { input: 1, output: 2, requests: 3, errors: 1 }, { cost: 500_000_000n }),
        used(sonnet, 2, { output: 4 }),
      ],
      { before: new Map([[sonnet.id, before]]) },
    );
    const { points } = pagePoints(page, cumulative);
    expect(values(points)).toEqual([
      [`${usage}.input_tokens`, 111],
      [`${usage}.output_tokens`, 7],
      ['crossbill.requests succeeded', 10],
      ['crossbill.requests failed', 1],
      ['crossbill.cost.estimated.usd', 2.5],
      [`${usage}.output_tokens`, 11],
    ]);
    expect(new Set(points.map((point) => point.start))).toEqual(new Set([start - minute]));
    expect(points.map(({ end }) => end).at(-1)).toBe(start + 3 * minute);
  });

  test('never go back in time: what is told late comes right after the newest', () => {
    const before = new Map([[sonnet.id, told(sonnet, 10, { amounts: { ...nobody, output: 50 } })]]);
    const late = pageOf([used(sonnet, 2, { output: 1 }), used(sonnet, 3, { output: 2 })], {
      before,
    });
    const first = pagePoints(late, cumulative);
    expect(first.points.map(({ end, value }) => [end - start, value])).toEqual([
      [10 * minute + 1, 51],
      [10 * minute + 2, 53],
    ]);
    const { stamped } = first;
    const [again] = pagePoints(pageOf([used(sonnet, 4, { output: 1 })], { before }), {
      ...cumulative,
      stamped,
    }).points;
    expect(again?.end).toBe(start + 10 * minute + 3);
  });
});

describe('corrections', () => {
  test('are states of one moment that may be below zero, token types apart', () => {
    const amounts = { ...nobody, input: -5, cacheRead: 5, output: 0 };
    const { points } = correctionPoints(
      [{ ...free, name: sonnet, amounts, cost: -250_000_000n }],
      start,
    );
    expect(
      points.map(({ attributes, value }) => [attributes['crossbill.token_type'], value]),
    ).toEqual([
      ['input', -5],
      ['cache_read', 5],
      ['output', 0],
      [undefined, -0.25],
    ]);
    expect(new Set(points.map(({ metric }) => metric.kind))).toEqual(new Set(['gauge']));
    expect(new Set(spans(points).flat())).toEqual(new Set([0]));
  });
});

const count = fc.option(fc.integer({ min: 0, max: 1_000_000_000 }), { nil: null });
const amounts = fc.record<Amounts>({
  input: count,
  cacheRead: count,
  cacheWrite: count,
  output: count,
  unsplitInput: count,
  requests: count,
  errors: count,
  throttles: count,
});
const money = fc.option(fc.bigInt({ min: 0n, max: 10n ** 12n }), { nil: null });
const pages: fc.Arbitrary<SettledPage> = fc
  .array(
    fc.tuple(fc.constantFrom<ToldName>(sonnet, gpt), fc.nat(500), amounts, money, fc.nat(1_000)),
    { maxLength: 30 },
  )
  .map((rows) =>
    pageOf(
      rows.map(([name, minutes, its, cost, unpricedTokens]) =>
        used(name, minutes, its, { cost, unpricedTokens }),
      ),
    ),
  );

function sumBy(points: readonly MetricPoint[], metric: string, nameId: number): number | undefined {
  const own = points.filter((point) => point.metric.name === metric && point.name.id === nameId);
  if (own.length === 0) return undefined;
  return own.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : 0), 0);
}

describe('for every page', () => {
  test('periods add up to the page, and the last running total is their sum', () => {
    fc.assert(
      fc.property(pages, (page) => {
        const apart = pagePoints(page, delta).points;
        const running = pagePoints(page, cumulative).points;
        for (const { id } of [sonnet, gpt]) {
          const own = page.points
            .filter(({ nameId }) => nameId === id)
            .map((point) => point.amounts);
          const sum = (key: keyof Amounts) =>
            own.reduce((total, one) => total + (one[key] ?? 0), 0);
          const input = sum('input') + sum('unsplitInput') + sum('cacheRead') + sum('cacheWrite');
          expect(sumBy(apart, `${usage}.input_tokens`, id) ?? 0).toBe(input);
          expect(sumBy(apart, `${usage}.output_tokens`, id) ?? 0).toBe(sum('output'));
          for (const metric of [`${usage}.input_tokens`, `${usage}.output_tokens`]) {
            const last = running.findLast(
              (one) => one.metric.name === metric && one.name.id === id,
            );
            expect(last?.value).toBe(sumBy(apart, metric, id));
          }
        }
      }),
    );
  });

  test('a running total never falls and its time never stands still', () => {
    fc.assert(
      fc.property(pages, (page) => {
        const newest = new Map<string, MetricPoint>();
        for (const point of pagePoints(page, cumulative).points) {
          const series = JSON.stringify([point.metric.name, point.attributes]);
          const before = newest.get(series);
          newest.set(series, point);
          if (before === undefined) continue;
          expect(point.end).toBeGreaterThan(before.end);
          expect(Number(point.value)).toBeGreaterThanOrEqual(Number(before.value));
        }
      }),
    );
  });
});
