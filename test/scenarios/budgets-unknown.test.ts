import { describe, expect } from 'vitest';
import { budgetScenarios } from '../support/budget-scenario.ts';
import type { BudgetScenario } from '../support/budget-scenario.ts';
import { usd } from '../support/budget-world.ts';
import type { WorldTraffic } from '../support/budget-world.ts';
import { targetStatus } from '../support/target-status.ts';

const at = (text: string) => Date.parse(text);
/** A dollar every hour, always. */
const even: WorldTraffic = { usd: () => 1 };
const page = { severity: 'page' };

const scenarios: readonly BudgetScenario[] = [
  {
    says: 'a history that begins within the period makes a floor, and claims no forecast',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [
        {
          usd: (hour) => (hour < at('2026-11-06T00:00:00Z') ? undefined : 1),
          read: [{ start: at('2026-11-06T00:00:00Z'), end: at('2026-11-11T00:00:00Z') }],
        },
      ],
      budgets: [
        {
          alerts: [
            { kind: 'actual', ratio: 1, ...page },
            { kind: 'actual', ratio: 1.5, ...page },
            { kind: 'forecast', ratio: 1, ...page },
            { kind: 'forecast', ratio: 1.5, ...page },
          ],
        },
      ],
    },
    stands: [{ spent: 120, coverage: 0.5, state: 'incomplete', forecast: null, ratio: 1.2 }],
    alerts: [
      { state: 'met', incomplete: true },
      { state: 'clear', incomplete: true },
      { state: 'met', incomplete: true, value: 120 },
      { state: 'no_data', incomplete: true, value: null },
    ],
  },
  {
    says: 'a source that is blind since this morning leaves it open whether the rest was spent',
    world: {
      now: at('2026-11-11T12:00:00Z'),
      traffics: [
        {
          ...even,
          usd: (hour) => (hour < at('2026-11-11T06:00:00Z') ? 1 : undefined),
          read: [{ start: 0, end: at('2026-11-11T06:00:00Z') }],
        },
      ],
      budgets: [
        {
          amount: usd(246),
          alerts: [
            { kind: 'actual', ratio: 1, ...page },
            { kind: 'actual', ratio: 2, ...page },
            { kind: 'burn_rate', rate: 1, overSeconds: [3_600, 21_600], ...page },
          ],
        },
      ],
    },
    stands: [
      {
        spent: 246,
        state: 'incomplete',
        forecast: null,
        coverage: expect.closeTo(246 / 252, 6),
      },
    ],
    alerts: [{ state: 'met' }, { state: 'no_data' }, { state: 'no_data' }],
  },
  {
    says: 'a place that nobody looks at any more is over, not blind',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [
        even,
        {
          identity: { account: '999999999999' },
          usd: (hour) => (hour < at('2026-11-02T00:00:00Z') ? 1 : undefined),
          read: [{ start: 0, end: at('2026-11-02T00:00:00Z') }],
        },
      ],
      budgets: [{ amount: usd(10_000) }],
      statuses: (own) => own.slice(0, 1),
    },
    stands: [{ spent: 264, state: 'ok', coverage: 1 }],
  },
  {
    says: 'a subscription that was never seen makes budgets incomplete that it may belong to',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [even],
      budgets: [{ name: 'all' }, { name: 'aws', match: { cloud: ['aws'] }, amount: usd(1_000) }],
      statuses: (own) => [
        ...own,
        {
          ...targetStatus(),
          target: 'prod-azure/0001',
          cloud: 'azure',
          account: '0001',
          region: '',
          lastSuccess: null,
          watermark: null,
          failure: { reason: 'denied', operation: 'list', message: '', hint: '', at: 0, since: 0 },
        },
      ],
    },
    stands: [
      { budget: 'all', state: 'incomplete', notes: ['cannot see prod-azure/0001'] },
      { budget: 'aws', state: 'ok' },
    ],
  },
  {
    says: 'money of which nothing has a price is unknown, not nothing',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [{ ...even, unpriced: true }],
      budgets: [{ alerts: [{ kind: 'actual', ratio: 1, ...page }] }],
    },
    stands: [
      { spent: null, state: 'incomplete', coverage: 1, notes: ['100% of tokens without a price'] },
    ],
    alerts: [{ state: 'no_data' }],
  },
  {
    says: 'a bill that cannot be asked for, and names that cannot be listed, hide no usage',
    world: {
      now: at('2026-11-11T00:00:00Z'),
      traffics: [even],
      budgets: [{ amount: usd(1_000) }],
      statuses: (own) => [
        ...own,
        ...[
          'prod-aws/111122223333/bills/aws_cost_explorer',
          'prod-aws/111122223333/bills',
          'prod-aws/111122223333/us-east-1/inference-profiles',
        ].map((target) =>
          targetStatus({
            target,
            cloud: null,
            failure: {
              reason: 'denied',
              operation: 'list',
              message: '',
              hint: '',
              at: 0,
              since: 0,
            },
          }),
        ),
      ],
    },
    stands: [{ spent: 240, state: 'ok', notes: [] }],
  },
];

describe('budgets of which not all is known', () => {
  budgetScenarios(scenarios);
});
