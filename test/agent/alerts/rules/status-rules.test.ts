import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../../agent/alerts/rules/rule.ts';
import type { Delivery } from '../../../../agent/core/alert.ts';
import type { ModelDrift } from '../../../../agent/core/audit.ts';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { identityRow } from '../../../support/memory-reader.ts';
import { targetStatus } from '../../../support/target-status.ts';
import { conditionsOf, now, ruleOf } from './rule-world.ts';
import type { RuleWorldParts } from './rule-world.ts';

interface Case {
  readonly says: string;
  readonly rule: Rule;
  readonly world: RuleWorldParts;
  readonly expected: object;
  readonly summary?: string;
}

const denied = {
  reason: 'denied' as const,
  operation: 'cloudwatch:GetMetricData',
  message: 'AccessDenied: role crossbill',
  hint: 'Allow cloudwatch:GetMetricData.',
  at: now - 5 * minuteMs,
  since: now - 3 * hourMs,
};

function drift(change: Partial<ModelDrift>): RuleWorldParts {
  const model: ModelDrift = {
    model: 'openai/gpt-5.4',
    cloud: 'azure',
    drift_ratio: 0.2,
    drift_usd: 200,
    class: 'cached_rated_twice',
    days: 3,
    ...change,
  };
  return { deps: { drifts: async () => ({ models: [model], until: now - dayMs }) } };
}

function delivery(change: Partial<Delivery>): Delivery {
  return {
    id: 'msg_1',
    message: {
      id: 'msg_1',
      type: 'alert.firing',
      group: 'rule/x',
      notifier: 'oncall',
      at: now,
      alerts: [],
      link: null,
    },
    notifier: 'oncall',
    state: 'waiting',
    attempts: 1,
    createdAt: now - hourMs,
    nextTryAt: now,
    lastTryAt: now - minuteMs,
    deliveredAt: null,
    lastStatus: 503,
    lastAnswer: 'busy',
    ...change,
  };
}

const call = { source: 'prod-aws', scope: 's', operation: 'o', calls: 900, metrics: 9 };
const spent = (costNanoUsd: bigint, limit: bigint | undefined): RuleWorldParts => ({
  apiCalls: [{ ...call, costNanoUsd }],
  deps: { spendLimitOf: () => limit },
});

const quota = (used: number, limit: number | null) => ({
  traffic: identityRow({ id: 1 }),
  what: 'tokens per minute',
  used,
  quota: limit,
  until: now - minuteMs,
});
const quotas = (...uses: readonly ReturnType<typeof quota>[]): RuleWorldParts => ({
  deps: { quotas: async () => uses },
});

const stale = ruleOf('source_stale', { above: { value: 1_800 } });
const drifting = ruleOf('bill_drift', { above: { value: 0.1 }, minNanoUsd: 50_000_000_000n });
const full = ruleOf('quota_ratio', { above: { value: 0.8 } });
const slowed = ruleOf('collection_slowed');
const spending = ruleOf('api_spend');
const unsent = ruleOf('delivery_failing');
const broken = ruleOf('contract_violation');

const cases: readonly Case[] = [
  {
    says: 'a target read ten minutes ago is clear',
    rule: stale,
    world: { statuses: [targetStatus({ lastSuccess: now - 10 * minuteMs })] },
    expected: { state: 'clear', value: 600, threshold: 1_800 },
  },
  {
    says: 'one read 31 minutes ago is stale, failed or not',
    rule: stale,
    world: { statuses: [targetStatus({ lastSuccess: now - 31 * minuteMs })] },
    expected: { state: 'met', value: 1_860, unit: 'seconds', dataUntil: now },
    summary:
      'r: prod-aws/111122223333/us-east-1/AWS/Bedrock: not read. Blind since 11:49 (31 min).',
  },
  {
    says: 'what failed says why, since when, what to do and when it is tried again',
    rule: stale,
    world: {
      statuses: [
        targetStatus({
          lastSuccess: now - 160 * minuteMs,
          watermark: now - 175 * minuteMs,
          failure: denied,
          nextPoll: now + 5 * minuteMs,
        }),
      ],
    },
    expected: { state: 'met' },
    summary:
      'r: prod-aws/111122223333/us-east-1/AWS/Bedrock: denied cloudwatch:GetMetricData. Blind since 09:40 (3 h). ' +
      'Settled data to 09:25. Fix: Allow cloudwatch:GetMetricData. Next try 12:25.',
  },
  {
    says: 'what failed and was never read is stale from the start',
    rule: stale,
    world: { statuses: [targetStatus({ failure: denied })] },
    expected: { state: 'met', value: null },
    summary:
      'r: prod-aws/111122223333/us-east-1/AWS/Bedrock: denied cloudwatch:GetMetricData. Never read. ' +
      'Fix: Allow cloudwatch:GetMetricData.',
  },
  {
    says: 'what was never read because it is throttled has as long as what was',
    rule: stale,
    world: {
      statuses: [
        targetStatus({ failure: { ...denied, reason: 'throttled', since: now - 20 * minuteMs } }),
      ],
    },
    expected: { state: 'no_data' },
  },
  {
    says: 'and is stale once it has failed for longer',
    rule: stale,
    world: { statuses: [targetStatus({ failure: { ...denied, reason: 'throttled' } })] },
    expected: { state: 'met', value: null },
  },
  {
    says: 'what has not been tried yet has no data',
    rule: stale,
    world: { statuses: [targetStatus()] },
    expected: { state: 'no_data' },
  },
  {
    says: 'bills are read twice a day: half a day without is not stale',
    rule: stale,
    world: {
      statuses: [targetStatus({ lastSuccess: now - 13 * hourMs, cadenceSeconds: 43_200 })],
    },
    expected: { state: 'clear', threshold: 86_400 },
  },
  {
    says: 'no target at all is no data',
    rule: stale,
    world: {},
    expected: { state: 'no_data' },
  },
  {
    says: 'a bill a fifth above its meters is met, and billed certainty',
    rule: drifting,
    world: drift({}),
    expected: { state: 'met', value: 0.2, certainty: 'billed', dataUntil: now - dayMs },
    summary:
      'r: openai/gpt-5.4 on azure is billed $200 more than metered (20%, limit 10%): cached_rated_twice on 3 days ' +
      'to 2026-11-23 12:20; `crossbill audit` shows the rows',
  },
  {
    says: 'a bill far below its meters is met too',
    rule: drifting,
    world: drift({ drift_ratio: -0.5, drift_usd: -60 }),
    expected: { state: 'met', value: 0.5 },
  },
  {
    says: 'less than min_usd is clear, whatever share it is',
    rule: drifting,
    world: drift({ drift_ratio: 5, drift_usd: 49 }),
    expected: { state: 'clear', near: false, value: 5 },
  },
  {
    says: 'nine tenths of the threshold is near',
    rule: drifting,
    world: drift({ drift_ratio: 0.095 }),
    expected: { state: 'clear', near: true },
  },
  {
    says: 'a model without a price has no data',
    rule: drifting,
    world: drift({ drift_ratio: null }),
    expected: { state: 'no_data' },
  },
  {
    says: 'without an audit there is no data',
    rule: drifting,
    world: {},
    expected: { state: 'no_data' },
  },
  {
    says: 'the quota nearest to its end decides',
    rule: full,
    world: quotas(quota(10, 100), quota(90, 100)),
    expected: { state: 'met', value: 0.9, dataUntil: now - minuteMs },
  },
  {
    says: 'half of a quota is clear',
    rule: full,
    world: quotas(quota(50, 100)),
    expected: { state: 'clear', near: false, value: 0.5 },
  },
  {
    says: 'use without a known quota has no data',
    rule: full,
    world: quotas(quota(50, null)),
    expected: { state: 'no_data' },
  },
  {
    says: 'nobody who tells quotas is no data',
    rule: full,
    world: {},
    expected: { state: 'no_data' },
  },
  {
    says: 'anything that waits for the spend limit is met',
    rule: slowed,
    world: {
      statuses: [
        targetStatus({ units: 9, cadenceSeconds: 300, slowed: 'history waits: …' }),
        targetStatus({ target: 'other', units: 9, cadenceSeconds: 300 }),
      ],
    },
    expected: { state: 'met', value: 1, unit: 'factor' },
    summary:
      'r: prod-aws: 1 target of 2 slowed, prod-aws/111122223333/us-east-1/AWS/Bedrock most (1× its 5 min): history waits: …',
  },
  {
    says: 'with a factor of its own, twice as long is not above three times',
    rule: { ...slowed, above: { value: 3 } },
    world: { statuses: [targetStatus({ units: 9, cadenceSeconds: 600, slowed: 'slow' })] },
    expected: { state: 'clear', value: 2 },
  },
  {
    says: 'four times as long is',
    rule: { ...slowed, above: { value: 3 } },
    world: { statuses: [targetStatus({ units: 9, cadenceSeconds: 1_200, slowed: 'slow' })] },
    expected: { state: 'met', value: 4 },
  },
  {
    says: 'read as configured is clear',
    rule: slowed,
    world: { statuses: [targetStatus({ units: 9, cadenceSeconds: 300 })] },
    expected: { state: 'clear' },
  },
  { says: 'not read yet is no data', rule: slowed, world: {}, expected: { state: 'no_data' } },
  {
    says: 'nine tenths of the own limit are above eight',
    rule: spending,
    world: spent(900_000_000n, 1_000_000_000n),
    expected: { state: 'met', value: 0.9, threshold: 0.8 },
  },
  {
    says: 'three quarters are near',
    rule: spending,
    world: spent(750_000_000n, 1_000_000_000n),
    expected: { state: 'clear', near: true },
  },
  {
    says: 'a limit that is not worked out yet is no data',
    rule: spending,
    world: spent(750_000_000n, undefined),
    expected: { state: 'no_data' },
  },
  {
    says: 'nothing spent is clear',
    rule: spending,
    world: { deps: { spendLimitOf: () => 1n } },
    expected: { state: 'clear', value: 0 },
  },
  {
    says: 'a message that waits for an hour is met, with the last answer',
    rule: unsent,
    world: { deliveries: [delivery({}), delivery({ id: 'b', createdAt: now - minuteMs })] },
    expected: { state: 'met', value: 3_600, threshold: 900 },
    summary: 'r: oncall: 2 messages wait, the oldest for 60 min; last answer: 503 busy',
  },
  {
    says: 'one that waits for ten minutes is clear',
    rule: unsent,
    world: { deliveries: [delivery({ createdAt: now - 10 * minuteMs })] },
    expected: { state: 'clear', value: 600 },
  },
  {
    says: 'one that was given up is met though nothing waits',
    rule: unsent,
    world: { deliveries: [delivery({ state: 'dead' })] },
    expected: { state: 'met', value: 0 },
  },
  {
    says: 'one given up before the last that arrived is over',
    rule: unsent,
    world: {
      deliveries: [
        delivery({ state: 'dead' }),
        delivery({ id: 'b', state: 'delivered', deliveredAt: now, createdAt: now }),
      ],
    },
    expected: { state: 'clear' },
  },
  {
    says: 'one given up two days ago is over',
    rule: unsent,
    world: { deliveries: [delivery({ state: 'dead', lastTryAt: now - 2 * dayMs })] },
    expected: { state: 'clear' },
  },
  {
    says: 'without notifiers there is no data',
    rule: unsent,
    world: { deps: { notifiers: [] } },
    expected: { state: 'no_data' },
  },
  {
    says: 'is always met and says how often it comes',
    rule: ruleOf('heartbeat', { above: { value: 600 } }),
    world: { statuses: [targetStatus({ lastSuccess: now - minuteMs })] },
    expected: { state: 'met', threshold: 600, value: null },
    summary: 'r: alive at 12:20 UTC, again in 10 min; 1 target read, last at 12:19 UTC',
  },
  {
    says: 'is met with nothing read, once an hour by itself',
    rule: ruleOf('heartbeat'),
    world: {},
    expected: { state: 'met', threshold: 3_600 },
  },
  {
    says: 'a minute that does not add up is met',
    rule: broken,
    world: {
      statuses: [
        targetStatus({
          units: 3,
          watermark: now - hourMs,
          irregularities: { contract_violation: 2 },
        }),
      ],
    },
    expected: { state: 'met', value: 2, unit: 'count', dataUntil: now - hourMs },
  },
  {
    says: 'other irregularities are none of it',
    rule: broken,
    world: {
      statuses: [targetStatus({ units: 3, watermark: now, irregularities: { vanished: 2 } })],
    },
    expected: { state: 'clear', value: 0 },
  },
  {
    says: 'nothing settled is no data',
    rule: broken,
    world: { statuses: [targetStatus({ units: 3 })] },
    expected: { state: 'no_data' },
  },
];

describe('rules of the agent itself, its sources and bills', () => {
  it.each(cases)('$rule.kind: $says', async ({ rule, world, expected, summary }) => {
    const [found, ...more] = await conditionsOf(rule, world);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ kind: rule.kind, period: null, ...expected });
    expect(found?.annotations['summary']).toBe(summary ?? found?.annotations['summary']);
  });
});

it('source_stale has a condition each target and scope, with labels to route by', async () => {
  const found = await conditionsOf(stale, {
    statuses: [
      targetStatus({ target: 'a', lastSuccess: now }),
      targetStatus({ target: 'b', cloud: null, account: '', region: '', failure: denied }),
    ],
  });
  expect(found.map(({ key, state }) => [key, state])).toEqual([
    ['rule/r {"source":"prod-aws","target":"a"}', 'clear'],
    ['rule/r {"source":"prod-aws","target":"b"}', 'met'],
  ]);
  expect(found[0]?.labels).toMatchObject({ cloud: 'aws', region: 'us-east-1', target: 'a' });
  expect(found[1]?.labels).not.toHaveProperty('cloud');
});
