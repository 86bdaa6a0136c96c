import { describe, expect, it } from 'vitest';
import { budgetConditions } from '../../agent/alerts/budgets/conditions.ts';
import { budgetScenarios } from '../support/budget-scenario.ts';
import type { BudgetScenario } from '../support/budget-scenario.ts';
import { budgetWorld, usd } from '../support/budget-world.ts';
import type { WorldTraffic } from '../support/budget-world.ts';

const at = (text: string) => Date.parse(text);
/** A dollar every hour, always. */
const even: WorldTraffic = { usd: () => 1 };
const page = { severity: 'page' };

const team = (name: string) => ({ tags: { team: name } });
const scenarios: readonly BudgetScenario[] = [
  {
    says: 'each team has its budget from its first token on, a new one in mid-period too',
    world: {
      now: at('2026-11-21T00:00:00Z'),
      traffics: [
        { ...even, identity: team('search') },
        {
          identity: team('chat'),
          usd: (hour) => (hour < at('2026-11-20T00:00:00Z') ? undefined : 2),
        },
        {
          identity: team('gone'),
          usd: (hour) => (hour < at('2026-10-20T00:00:00Z') ? 2 : undefined),
        },
        { identity: {}, usd: () => 0.5 },
      ],
      budgets: [{ name: '{team}-monthly', forEach: 'team', amount: usd(1_000) }],
    },
    stands: [
      { budget: 'chat-monthly', each: { team: 'chat' }, spent: 48, forecast: null, coverage: 1 },
      { budget: 'search-monthly', each: { team: 'search' }, spent: 480, state: 'ok' },
      { budget: 'unassigned-monthly', each: { team: 'unassigned' }, spent: 240 },
    ],
  },
  {
    says: 'a budget of tokens counts every type, and needs no price',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [{ ...even, unpriced: true, written: () => 0.25 }],
      budgets: [
        {
          amount: { unit: 'tokens', tokens: 480_000 },
          alerts: [{ kind: 'actual', ratio: 0.5, ...page }],
        },
      ],
    },
    stands: [{ spent: 240_000, unit: 'tokens', ratio: 0.5, state: 'forecast_over', notes: [] }],
    alerts: [{ state: 'met', unit: 'tokens', threshold: 240_000 }],
  },
  {
    says: 'money of tokens without a price is missing, and said so',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [even, { ...even, unpriced: true }],
      budgets: [{ amount: usd(10_000) }],
    },
    stands: [{ spent: 240, notes: ['50% of tokens without a price'] }],
  },
  {
    says: 'a careful budget is held against the highest it can be, a kind one against the lowest',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [even],
      budgets: [
        { name: 'high', estimate: 'high' },
        { name: 'low', estimate: 'low' },
      ],
    },
    stands: [{ spent: 480 }, { spent: 120 }],
  },
  {
    says: 'a match with stars and several conditions counts what fits all of them',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [
        { ...even, identity: { model: 'openai/gpt-5.4', region: 'us-east-1' } },
        { ...even, identity: { model: 'openai/gpt-4.1-mini', region: 'eu-central-1' } },
        { ...even, identity: { model: 'anthropic/claude-sonnet-4.6', region: 'us-east-1' } },
      ],
      budgets: [{ match: { model: ['openai/*'], region: ['us-*', 'ap-south-1'] } }],
    },
    stands: [{ spent: 240 }],
  },
  {
    says: 'a match that fits nothing cannot be told',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [even],
      budgets: [
        {
          match: { model: ['meta/*'] },
          alerts: [
            { kind: 'actual', ratio: 0.5, ...page },
            { kind: 'forecast', ratio: 1, ...page },
            { kind: 'burn_rate', rate: 2, overSeconds: [3_600, 21_600], ...page },
          ],
        },
      ],
    },
    stands: [{ spent: null, ratio: null, state: 'incomplete', coverage: 0, dataUntil: null }],
    alerts: [{ state: 'no_data' }, { state: 'no_data' }, { state: 'no_data' }],
  },
  {
    says: 'two windows must both burn; they end at the watermark and may begin in the last period',
    world: {
      now: at('2026-11-01T02:09:00Z'),
      traffics: [
        {
          usd: (hour) =>
            hour < at('2026-11-01T02:00:00Z')
              ? hour < at('2026-10-31T20:00:00Z')
                ? 0.5
                : 4
              : undefined,
          read: [{ start: 0, end: at('2026-11-01T02:00:00Z') }],
        },
      ],
      budgets: [
        {
          amount: usd(720),
          alerts: [
            { kind: 'burn_rate', rate: 4, overSeconds: [3_600, 21_600], ...page },
            { kind: 'burn_rate', rate: 3, overSeconds: [3_600, 43_200], ...page },
            { kind: 'burn_rate', rate: 2.3, overSeconds: [3_600, 43_200], ...page },
          ],
        },
      ],
    },
    stands: [{ spent: 8 }],
    alerts: [
      {
        state: 'met',
        value: expect.closeTo(4),
        unit: 'factor',
        period: null,
        dataUntil: at('2026-11-01T02:00:00Z'),
      },
      { state: 'clear', near: false, value: expect.closeTo(2.25) },
      { state: 'clear', near: true },
    ],
  },
  {
    says: 'a forecast just under its threshold keeps what fires firing, and alone is clear',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [even],
      budgets: [
        {
          amount: usd(740),
          alerts: [
            { kind: 'forecast', ratio: 1, ...page },
            { kind: 'forecast', ratio: 0.95, ...page },
            { kind: 'forecast', ratio: 1.2, ...page },
          ],
        },
      ],
    },
    stands: [{ state: 'ok' }],
    alerts: [
      { state: 'clear', near: true },
      { state: 'met', near: false },
      { state: 'clear', near: false },
    ],
  },
  {
    says: 'no forecast before three settled days',
    world: {
      now: at('2026-11-03T12:00:00Z'),
      traffics: [{ usd: (hour) => (hour < at('2026-11-01T00:00:00Z') ? undefined : 1) }],
      budgets: [{ amount: usd(100) }],
    },
    stands: [{ spent: 60, forecast: null, state: 'ok' }],
  },
];

describe('how budgets stand', () => {
  budgetScenarios(scenarios);

  it('a restatement takes back what was spent: nothing is carried over', async () => {
    const now = at('2026-11-11T00:00:00Z');
    const budgets = [{ alerts: [{ kind: 'actual', ratio: 1, ...page }] }] as const;
    const before = budgetWorld({ now, budgets, traffics: [even] });
    const after = budgetWorld({ now, budgets, traffics: [{ usd: () => 0.25 }] });
    const states = [];
    for (const deps of [before, after]) {
      const [condition] = await budgetConditions({ ...before, reader: deps.reader });
      states.push([condition?.key, condition?.state, condition?.value]);
    }
    expect(states).toEqual([
      [states[0]?.[0], 'met', 240],
      [states[0]?.[0], 'clear', 60],
    ]);
  });

  it('a key holds through a period and changes with it', async () => {
    const keysAt = async (text: string) => {
      const alerts = [
        { kind: 'actual', ratio: 0.5, ...page },
        { kind: 'burn_rate', rate: 4, overSeconds: [3_600, 21_600], ...page },
      ] as const;
      const world = budgetWorld({ now: at(text), budgets: [{ alerts }], traffics: [even] });
      return (await budgetConditions(world)).map(({ key }) => key);
    };
    const [early, late, next] = [
      await keysAt('2026-11-02T00:00:00Z'),
      await keysAt('2026-11-30T23:00:00Z'),
      await keysAt('2026-12-01T01:00:00Z'),
    ];
    expect(early).toEqual(late);
    expect(next?.[0]).not.toBe(early?.[0]);
    expect(next?.[1]).toBe(early?.[1]);
  });
});
