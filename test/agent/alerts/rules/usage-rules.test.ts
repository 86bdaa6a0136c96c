import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../../agent/alerts/rules/rule.ts';
import { hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { coveredSpan, identityRow } from '../../../support/memory-reader.ts';
import {
  busyWorld,
  conditionsOf,
  hourOf,
  now,
  ruleOf,
  settledTo,
  watermark,
} from './rule-world.ts';
import type { RuleWorldParts } from './rule-world.ts';

interface Case {
  readonly says: string;
  readonly rule: Rule;
  readonly world: RuleWorldParts;
  readonly expected: object;
}

const throttled = ruleOf('throttle_ratio', { above: { value: 0.02 }, minRequests: 100 });
const failing = ruleOf('error_ratio', { above: { value: 0.05 } });
const slow = ruleOf('latency_ms', { above: { value: 2_000 } });
const slowStart = ruleOf('first_token_ms', { above: { value: 500 } });
const unpriced = ruleOf('unpriced_tokens');

/** A mean of so many milliseconds over so many requests, within the last minutes. */
function measured(
  phase: 'request' | 'first_token',
  points: readonly (readonly [requests: number, avgMs: number])[],
): RuleWorldParts {
  const total = points.reduce((sum, [requests]) => sum + requests, 0);
  return {
    ...busyWorld({ requests: total }),
    latency: points.map(([requests, avgMs], at) => ({
      identityId: 1,
      phase,
      start: watermark - (at + 1) * minuteMs,
      count: requests,
      weight: requests,
      avgMs,
      minMs: null,
      maxMs: null,
      p90Ms: 60_000,
    })),
  };
}

const cases: readonly Case[] = [
  {
    says: 'three throttled of a hundred are above two per cent',
    rule: throttled,
    world: busyWorld({ requests: 97, throttles: 3 }),
    expected: { state: 'met', value: 0.03, threshold: 0.02, unit: 'ratio', dataUntil: watermark },
  },
  {
    says: 'exactly the threshold is not above it, but near',
    rule: throttled,
    world: busyWorld({ requests: 98, throttles: 2 }),
    expected: { state: 'clear', near: true, value: 0.02 },
  },
  {
    says: 'half the threshold is clear and not near',
    rule: throttled,
    world: busyWorld({ requests: 198, throttles: 2 }),
    expected: { state: 'clear', near: false, value: 0.01 },
  },
  {
    says: 'below the least number of requests it keeps quiet, though half are throttled',
    rule: throttled,
    world: busyWorld({ requests: 40, throttles: 40 }),
    expected: { state: 'clear', near: false, value: 0.5 },
  },
  {
    says: 'traffic that was looked at and silent is clear',
    rule: throttled,
    world: busyWorld({ requests: 0 }),
    expected: { state: 'clear', value: null },
  },
  {
    says: 'all throttled and none accepted is met',
    rule: throttled,
    world: busyWorld({ requests: 0, throttles: 500 }),
    expected: { state: 'met', value: 1 },
  },
  {
    says: 'an endpoint without a meter of throttled requests has no data',
    rule: throttled,
    world: busyWorld(
      { requests: 500, throttles: 400 },
      { endpoint: 'mantle', reports: new Set(['output', 'requests', 'errors']) },
    ),
    expected: { state: 'no_data', value: null },
  },
  {
    says: 'data of three hours ago is no data, whatever it says',
    rule: throttled,
    world: busyWorld({ requests: 10, throttles: 90 }, {}, now - 3 * hourMs),
    expected: { state: 'no_data' },
  },
  {
    says: 'what was read and is not settled yet does not count',
    rule: throttled,
    world: {
      ...busyWorld({ requests: 10, throttles: 90 }),
      coverage: [
        settledTo(1, watermark - 2 * minuteMs),
        coveredSpan(1, { start: watermark - 2 * minuteMs, end: watermark }, { settled: false }),
      ],
    },
    expected: { state: 'met', dataUntil: watermark - 2 * minuteMs },
  },
  {
    says: 'a ledger that settled nothing yet has no data',
    rule: throttled,
    world: { ...busyWorld({ requests: 10, throttles: 90 }), coverage: [] },
    expected: { state: 'no_data' },
  },
  {
    says: 'an empty ledger has no data',
    rule: throttled,
    world: {},
    expected: { state: 'no_data' },
  },
  {
    says: 'six failed of a hundred are above five per cent',
    rule: failing,
    world: busyWorld({ requests: 100, errors: 6 }),
    expected: { state: 'met', value: 0.06 },
  },
  {
    says: 'without min_requests nineteen requests are too few',
    rule: failing,
    world: busyWorld({ requests: 19, errors: 19 }),
    expected: { state: 'clear' },
  },
  {
    says: 'and twenty are enough',
    rule: failing,
    world: busyWorld({ requests: 20, errors: 20 }),
    expected: { state: 'met', value: 1 },
  },
  {
    says: 'traffic whose meters tell no failures has no data',
    rule: failing,
    world: busyWorld({ requests: 100 }, { reports: new Set(['output', 'requests']) }),
    expected: { state: 'no_data' },
  },
  {
    says: 'a mean is weighted by requests, and percentiles are not looked at',
    rule: slow,
    world: measured('request', [
      [90, 1_000],
      [10, 11_000],
    ]),
    expected: { state: 'clear', near: true, value: 2_000 },
  },
  {
    says: 'a mean above the threshold is met',
    rule: slow,
    world: measured('request', [[30, 2_500]]),
    expected: { state: 'met', value: 2_500, unit: 'milliseconds' },
  },
  {
    says: 'too few requests for a mean keep it quiet',
    rule: slow,
    world: measured('request', [[3, 9_000]]),
    expected: { state: 'clear', value: 9_000 },
  },
  {
    says: 'requests whose latency no meter tells are no data',
    rule: slow,
    world: busyWorld({ requests: 100 }),
    expected: { state: 'no_data' },
  },
  {
    says: 'no requests, no latency: clear',
    rule: slow,
    world: busyWorld({ requests: 0 }),
    expected: { state: 'clear', value: null },
  },
  {
    says: 'the first token is a phase of its own',
    rule: slowStart,
    world: measured('first_token', [[30, 700]]),
    expected: { state: 'met', value: 700 },
  },
  {
    says: 'and says nothing of the whole request',
    rule: slow,
    world: measured('first_token', [[30, 70_000]]),
    expected: { state: 'no_data' },
  },
  {
    says: 'one token without a price is above none',
    rule: unpriced,
    world: { ...busyWorld({ requests: 1 }), amounts: [hourOf(1, 3, { usd: 1, unpriced: 1 })] },
    expected: { state: 'met', value: 1, threshold: 0, unit: 'tokens' },
  },
  {
    says: 'tokens that are all priced are clear',
    rule: unpriced,
    world: { ...busyWorld({ requests: 1 }), amounts: [hourOf(1, 3, { usd: 1 })] },
    expected: { state: 'clear', value: 0 },
  },
  {
    says: 'those of yesterday before this time do not count',
    rule: unpriced,
    world: { ...busyWorld({ requests: 1 }), amounts: [hourOf(1, 25, { unpriced: 9 })] },
    expected: { state: 'clear', value: 0 },
  },
  {
    says: 'below a threshold of its own it is near',
    rule: ruleOf('unpriced_tokens', { above: { value: 1_000 } }),
    world: { ...busyWorld({ requests: 1 }), amounts: [hourOf(1, 3, { tokens: 950 })] },
    expected: { state: 'clear', near: true, value: 950 },
  },
];

describe('rules of usage', () => {
  it.each(cases)('$rule.kind: $says', async ({ rule, world, expected }) => {
    const found = await conditionsOf(rule, world);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      key: 'rule/r',
      group: 'rule/r',
      kind: rule.kind,
      ...expected,
    });
  });
});

describe('series of a rule', () => {
  const two: RuleWorldParts = {
    identities: [
      identityRow({
        id: 1,
        model: 'openai/gpt-5.4',
        region: 'us-east-1',
        tags: { team: 'search' },
      }),
      identityRow({ id: 2, model: 'openai/gpt-5.4', region: 'eu-west-1' }),
    ],
    coverage: [settledTo(1), settledTo(2, watermark - 5 * minuteMs)],
    amounts: [
      {
        identityId: 1,
        start: watermark - minuteMs,
        period: 'minute',
        amounts: { requests: 100, throttles: 0 },
      },
      {
        identityId: 2,
        start: watermark - 6 * minuteMs,
        period: 'minute',
        amounts: { requests: 60, throttles: 40 },
      },
    ],
  };

  it('are one a combination of values, each up to its own watermark', async () => {
    const found = await conditionsOf({ ...throttled, by: ['region', 'model'] }, two);
    expect(found.map(({ key, state, dataUntil }) => ({ key, state, dataUntil }))).toEqual([
      {
        key: 'rule/r {"model":"openai/gpt-5.4","region":"us-east-1"}',
        state: 'clear',
        dataUntil: watermark,
      },
      {
        key: 'rule/r {"model":"openai/gpt-5.4","region":"eu-west-1"}',
        state: 'met',
        dataUntil: watermark - 5 * minuteMs,
      },
    ]);
  });

  it('have the same keys however the dimensions are ordered', async () => {
    const keys = async (by: Rule['by']) =>
      (await conditionsOf({ ...throttled, by }, two)).map(({ key }) => key);
    expect(await keys(['region', 'model'])).toEqual(await keys(['model', 'region', 'model']));
  });

  it('carry the labels people route by, without empty values', async () => {
    const [first] = await conditionsOf(
      { ...throttled, by: ['tag.team', 'region', 'resource'] },
      two,
    );
    expect(first?.labels).toEqual({
      alertname: 'r',
      kind: 'throttle_ratio',
      severity: 'warning',
      region: 'us-east-1',
      tag_team: 'search',
    });
  });

  it('add up what is in one of them', async () => {
    const [only] = await conditionsOf({ ...throttled, by: ['model'] }, two);
    expect(only).toMatchObject({ state: 'met', value: 0.2, dataUntil: watermark });
  });

  it('say that some of it is late', async () => {
    const late = { ...two, coverage: [settledTo(1), settledTo(2, now - 5 * hourMs)] };
    const [only] = await conditionsOf(throttled, late);
    expect(only).toMatchObject({ state: 'clear', incomplete: true, value: 0 });
  });

  it('do not wait for what was last read two days ago', async () => {
    const gone = { ...two, coverage: [settledTo(1), settledTo(2, now - 48 * hourMs)] };
    const found = await conditionsOf({ ...throttled, by: ['region'] }, gone);
    expect(found.map(({ labels, incomplete }) => [labels['region'], incomplete])).toEqual([
      ['us-east-1', false],
    ]);
  });

  it('are at most 500 a rule, the busiest, and it is said', async () => {
    const ids = Array.from({ length: 520 }, (_, at) => at + 1);
    const many: RuleWorldParts = {
      identities: ids.map((id) => identityRow({ id, deployment: `d${id}` })),
      coverage: ids.map((id) => settledTo(id)),
      amounts: ids.map((id) => ({
        identityId: id,
        start: watermark - minuteMs,
        period: 'minute',
        amounts: { requests: id, throttles: 0 },
      })),
    };
    const found = await conditionsOf({ ...throttled, by: ['deployment'] }, many);
    expect(found).toHaveLength(500);
    expect(found.some(({ labels }) => labels['deployment'] === 'd20')).toBe(false);
    expect(found.some(({ labels }) => labels['deployment'] === 'd21')).toBe(true);
    expect(found[0]?.annotations['description']).toContain('Of 520 series the 500 busiest');
  });
});

it('says what, how much, the limit, whose and of when', async () => {
  const rule = { ...throttled, name: 'throttled', runbook: 'https://wiki.example.com/throttled' };
  const [found] = await conditionsOf(
    { ...rule, by: ['model', 'region'] },
    {
      ...busyWorld({ requests: 12_350, throttles: 650 }),
      deps: { publicUrl: 'https://c.example' },
    },
  );
  expect(found?.annotations).toEqual({
    summary:
      'throttled: 5% of 13,000 requests throttled (limit 2%): anthropic/claude-sonnet-4.6, us-east-1; 10 min to 12:00 UTC',
    runbook_url: 'https://wiki.example.com/throttled',
    link: 'https://c.example/',
  });
});
