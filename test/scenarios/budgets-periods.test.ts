import { describe, expect } from 'vitest';
import { budgetScenarios } from '../support/budget-scenario.ts';
import type { BudgetScenario } from '../support/budget-scenario.ts';
import { usd } from '../support/budget-world.ts';
import type { WorldTraffic } from '../support/budget-world.ts';

const at = (text: string) => Date.parse(text);
/** A dollar every hour, always. */
const even: WorldTraffic = { usd: () => 1 };
const page = { severity: 'page' };

const scenarios: readonly BudgetScenario[] = [
  {
    says: 'a month counts from its first midnight',
    world: { now: at('2026-11-11T00:00:00Z'), traffics: [even], budgets: [{}] },
    stands: [{ spent: 240, ratio: 2.4, state: 'over', coverage: 1, settled: 1 }],
  },
  {
    says: 'a day of Berlin on which summer time begins has 23 hours',
    world: {
      now: at('2026-03-29T21:59:00Z'),
      traffics: [
        {
          ...even,
          minutes: { start: at('2026-03-29T21:00:00Z'), end: at('2026-03-29T22:00:00Z') },
        },
      ],
      budgets: [{ period: 'day', timezone: 'Europe/Berlin' }],
    },
    stands: [{ spent: expect.closeTo(23 - 1 / 60, 6) }],
  },
  {
    says: 'and one on which it ends has 25',
    world: {
      now: at('2026-10-25T23:00:00Z') - 1,
      traffics: [
        {
          ...even,
          minutes: { start: at('2026-10-25T22:00:00Z'), end: at('2026-10-25T23:00:00Z') },
        },
      ],
      budgets: [{ period: 'day', timezone: 'Europe/Berlin' }],
    },
    stands: [{ spent: expect.closeTo(25, 6) }],
  },
  {
    says: 'a month of Los Angeles still runs while the next one has begun in UTC',
    world: {
      now: at('2026-12-01T07:00:00Z'),
      traffics: [even],
      budgets: [{ timezone: 'America/Los_Angeles' }],
    },
    stands: [
      {
        spent: 30 * 24,
        period: { start: at('2026-11-01T07:00:00Z'), end: at('2026-12-01T08:00:00Z') },
      },
    ],
  },
  {
    says: 'the first minute of a month has spent nothing of it',
    world: {
      now: at('2026-12-01T00:00:00Z'),
      traffics: [even],
      budgets: [{ amount: usd(700), alerts: [{ kind: 'actual', ratio: 1, ...page }] }],
    },
    stands: [
      {
        spent: 0,
        state: 'forecast_over',
        forecast: { mean: expect.closeTo(744), low: expect.any(Number), high: expect.any(Number) },
      },
    ],
    alerts: [{ state: 'clear' }],
  },
  {
    says: 'a period whose first minutes are not read yet has spent nothing, and is no gap',
    world: {
      now: at('2026-12-01T00:09:00Z'),
      traffics: [
        {
          usd: (hour) => (hour < at('2026-12-01T00:00:00Z') ? 1 : undefined),
          read: [{ start: 0, end: at('2026-11-30T23:58:00Z') }],
        },
      ],
      budgets: [{ amount: usd(1_000), alerts: [{ kind: 'actual', ratio: 1, ...page }] }],
    },
    stands: [{ spent: 0, state: 'ok', coverage: 1, dataUntil: at('2026-11-30T23:58:00Z') }],
    alerts: [{ state: 'clear', incomplete: false }],
  },
  {
    says: 'a source that is blind since before the period is blind in it',
    world: {
      now: at('2026-12-01T00:09:00Z'),
      traffics: [{ ...even, read: [{ start: 0, end: at('2026-11-30T20:00:00Z') }] }],
      budgets: [{ alerts: [{ kind: 'actual', ratio: 1, ...page }] }],
    },
    stands: [{ state: 'incomplete', coverage: 0, forecast: null }],
    alerts: [{ state: 'no_data' }],
  },
  {
    says: 'a February of a leap year is forecast to its 29th day',
    world: {
      now: at('2028-02-15T00:00:00Z'),
      traffics: [even],
      budgets: [{ amount: usd(690) }],
    },
    stands: [
      {
        spent: 14 * 24,
        forecast: {
          mean: expect.closeTo(29 * 24),
          low: expect.closeTo(29 * 24),
          high: expect.closeTo(29 * 24),
        },
        state: 'forecast_over',
      },
    ],
  },
  {
    says: 'a quarter reaches further back than forecasts look',
    world: {
      now: at('2026-12-21T00:00:00Z'),
      traffics: [even],
      days: 100,
      budgets: [{ period: 'quarter', amount: usd(10_000) }],
    },
    stands: [
      {
        spent: 81 * 24,
        state: 'ok',
        forecast: {
          mean: expect.closeTo(92 * 24),
          low: expect.anything(),
          high: expect.anything(),
        },
      },
    ],
  },
  {
    says: 'a week begins on Monday',
    world: { now: at('2026-11-22T12:00:00Z'), traffics: [even], budgets: [{ period: 'week' }] },
    stands: [{ spent: 6 * 24 + 12 }],
  },
  {
    says: 'a zone of half an hour counts the cut hour by its share once its minutes are given up',
    world: {
      now: at('2026-11-20T00:00:00Z'),
      traffics: [even],
      budgets: [{ timezone: 'Asia/Kolkata' }],
    },
    stands: [{ spent: 19 * 24 + 5.5, coverage: 1, state: 'over' }],
  },
  {
    says: 'and by its minutes while they are kept',
    world: {
      now: at('2026-11-20T00:00:00Z'),
      traffics: [
        {
          ...even,
          minutes: { start: at('2026-10-31T00:00:00Z'), end: at('2026-11-01T00:00:00Z') },
        },
      ],
      budgets: [{ timezone: 'Asia/Kolkata' }],
    },
    stands: [{ spent: expect.closeTo(19 * 24 + 5.5, 6) }],
  },
  {
    says: 'data that has not come yet is late, not missing, and forecast',
    world: {
      now: at('2026-11-11T00:09:00Z'),
      traffics: [
        {
          ...even,
          usd: (hour) => (hour < at('2026-11-11T00:00:00Z') ? 1 : undefined),
          read: [{ start: 0, end: at('2026-11-11T00:00:00Z') }],
        },
      ],
      budgets: [{ amount: usd(1_000) }],
    },
    stands: [
      {
        spent: 240,
        coverage: 1,
        state: 'ok',
        dataUntil: at('2026-11-11T00:00:00Z'),
        forecast: { mean: expect.closeTo(720), low: expect.anything(), high: expect.anything() },
      },
    ],
  },
  {
    says: 'what may still change is provisional, and said so',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [{ ...even, settledUntil: at('2026-11-06T00:00:00Z') }],
      budgets: [{ amount: usd(240), alerts: [{ kind: 'actual', ratio: 0.9, ...page }] }],
    },
    stands: [{ settled: 0.5 }],
    alerts: [{ state: 'met', certainty: 'provisional', value: 240, threshold: 216, unit: 'usd' }],
  },
];

describe('what a budget counts over its period', () => {
  budgetScenarios(scenarios);
});
