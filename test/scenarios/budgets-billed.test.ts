import { describe, expect } from 'vitest';
import { dayMs, hourMs } from '../../agent/core/time.ts';
import { billLine, billStatement, november, novemberDays } from '../support/bill-world.ts';
import { budgetScenarios } from '../support/budget-scenario.ts';
import type { BudgetScenario } from '../support/budget-scenario.ts';
import { usd } from '../support/budget-world.ts';
import type { WorldTraffic } from '../support/budget-world.ts';

/** A dollar every hour, always. */
const even: WorldTraffic = { usd: () => 1 };
const page = { severity: 'page' };
const team = (name: string) => ({ tags: { team: name } });
const bill = billStatement({
  days: { start: november(1) - 30 * dayMs, end: november(6) },
  finalUntil: november(3),
  lines: [1, 2, 3, 4, 5].map((day) =>
    billLine({ day: november(day), cost: '30.00', amortizedCost: '40.00' }),
  ),
});
const sol = { model: 'openai/gpt-5.6-sol', region: 'us-east-1' };
const tenth = novemberDays(1, 5).end + 12 * hourMs;

const billed: readonly BudgetScenario[] = [
  {
    says: 'a bill is held as it came, as far as it goes',
    world: {
      now: tenth,
      traffics: [{ ...even, identity: sol }],
      bills: [bill],
      budgets: [
        { basis: 'billed', alerts: [{ kind: 'actual', ratio: 1, ...page }] },
        { name: 'b', basis: 'amortized' },
        { name: 'c', basis: 'billed', match: { model: ['openai/*'] } },
        { name: 'd', basis: 'billed', match: { model: ['anthropic/*'] } },
      ],
    },
    stands: [
      { spent: 150, state: 'over', dataUntil: november(6), settled: 0.4, coverage: 1, notes: [] },
      { spent: 200 },
      { spent: 150 },
      { spent: 0 },
    ],
    alerts: [{ state: 'met', certainty: 'billed', value: 150 }],
  },
  {
    says: 'what it does not tell is shared by tokens',
    world: {
      now: tenth,
      traffics: [
        { usd: () => 3, identity: { ...sol, ...team('search') } },
        { usd: () => 1, identity: { ...sol, ...team('chat') } },
        { usd: () => 50, identity: { model: 'meta/llama', region: 'us-east-1', ...team('chat') } },
      ],
      bills: [bill],
      budgets: [
        { name: '{team}', forEach: 'team', basis: 'billed', amount: usd(1_000) },
        { name: 's', match: { team: ['search'] }, basis: 'billed' },
      ],
    },
    stands: [
      { budget: 'chat', spent: expect.closeTo(37.5) },
      {
        budget: 'search',
        spent: expect.closeTo(112.5),
        notes: ['shared by tokens where the bill does not tell who used it'],
      },
      { budget: 's', spent: expect.closeTo(112.5), state: 'over' },
    ],
  },
  {
    says: 'a bill in euro without a rate is not added to dollars',
    world: {
      now: tenth,
      traffics: [{ ...even, identity: sol }],
      bills: [
        {
          ...bill,
          lines: [
            ...bill.lines,
            billLine({ day: november(4), meter: 'x', cost: '10', currency: 'EUR' }),
          ],
        },
      ],
      budgets: [{ basis: 'billed', amount: usd(1_000) }],
    },
    stands: [
      {
        spent: 150,
        state: 'incomplete',
        forecast: null,
        notes: ['no rate of EUR: its lines are left out, add one to currencies'],
      },
    ],
  },
  {
    says: 'with rates each day is worth what the rate of that day says',
    world: {
      now: tenth,
      traffics: [{ ...even, identity: sol }],
      bills: [{ ...bill, lines: bill.lines.map((line) => ({ ...line, currency: 'EUR' })) }],
      budgets: [{ basis: 'billed', amount: usd(1_000) }],
      deps: {
        currencies: [
          { currency: 'EUR', nanoUsd: 1_100_000_000n, from: 0 },
          { currency: 'EUR', nanoUsd: 1_200_000_000n, from: november(4) },
        ],
      },
    },
    stands: [{ spent: expect.closeTo(3 * 33 + 2 * 36), notes: [] }],
  },
  {
    says: 'no bill at all cannot be told',
    world: {
      now: tenth,
      traffics: [{ ...even, identity: sol }],
      budgets: [{ basis: 'billed', alerts: [{ kind: 'actual', ratio: 1, ...page }] }],
    },
    stands: [{ spent: null, state: 'incomplete' }],
    alerts: [{ state: 'no_data', certainty: 'billed' }],
  },
];

describe('budgets against the bill', () => {
  budgetScenarios(billed);
});
