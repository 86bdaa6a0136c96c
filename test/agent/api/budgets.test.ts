import { describe, expect, it } from 'vitest';
import { budgetStatuses } from '../../../agent/alerts/budgets/statuses.ts';
import { apiWorld, rowsIn } from '../../support/api-world.ts';
import { budgetSample } from '../../support/budget-sample.ts';
import { budgetOf, budgetWorld } from '../../support/budget-world.ts';
import { billStatement } from '../../support/bill-world.ts';

describe('GET /api/v1/budgets', () => {
  it('answers flat rows with the promised columns', async () => {
    const { api } = apiWorld();
    expect(await rowsIn(await api.request('/api/v1/budgets'))).toEqual([
      {
        budget: 'search-monthly',
        period_start: '2026-10-31T23:00:00.000Z',
        period_end: '2026-11-30T23:00:00.000Z',
        amount: 500,
        unit: 'usd',
        spent: 455,
        forecast: 610,
        forecast_low: 560,
        forecast_high: 680,
        ratio: 0.91,
        basis: 'estimated',
        state: 'forecast_over',
        settled: 0.78,
        coverage: 1,
      },
    ]);
  });

  it('has nulls where nothing is known', async () => {
    const nothing = { spent: null, forecast: null, ratio: null, settled: null } as const;
    const one = budgetSample({ ...nothing, state: 'incomplete', coverage: 0 });
    const { api } = apiWorld({ budgets: async () => [one] });
    expect(await rowsIn(await api.request('/api/v1/budgets'))).toMatchObject([
      { ...nothing, forecast_low: null, forecast_high: null },
    ]);
  });

  it.each([
    ['budget=search-*', ['search-monthly', 'search-daily']],
    ['budget=chat,search-daily', ['search-daily', 'chat']],
    ['state=over', ['chat']],
    ['state=ok', []],
  ])('?%s', async (search, names) => {
    const budgets = [
      budgetSample(),
      budgetSample({ budget: 'search-daily' }),
      budgetSample({ budget: 'chat', state: 'over' }),
    ];
    const { api } = apiWorld({ budgets: async () => budgets });
    const rows = await rowsIn(await api.request(`/api/v1/budgets?${search}`));
    expect(rows.map(({ budget }) => budget)).toEqual(names);
  });

  it('names a state that is none', async () => {
    const { api } = apiWorld();
    const response = await api.request('/api/v1/budgets?state=fine');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('state');
  });

  it('is empty where no budgets are', async () => {
    const { api } = apiWorld({ budgets: undefined });
    expect(await rowsIn(await api.request('/api/v1/budgets'))).toEqual([]);
  });
});

describe('a token that is limited by a match', () => {
  const search = new Map([['team', ['search']]] as const);
  const deps = budgetWorld({
    now: Date.UTC(2026, 10, 11),
    traffics: ['search', 'chat'].map((team) => ({ usd: () => 1, identity: { tags: { team } } })),
    bills: [billStatement()],
    budgets: [
      { name: 'all' },
      { name: 'search', match: { team: ['search'] } },
      { name: 'search-model', match: { team: ['search'], model: ['anthropic/*'] } },
      { name: 'nothing', match: { model: ['meta/*'] } },
      { name: '{team}-each', forEach: 'team' },
      { name: 'search-billed', match: { team: ['search'] }, basis: 'billed' },
    ],
  });

  it('sees the budgets that hold nothing else', async () => {
    const seen = await budgetStatuses(deps, search);
    expect(seen.map(({ budget }) => budget)).toEqual([
      'search',
      'search-model',
      'search-each',
      'search-billed',
    ]);
  });

  it('sees no bill whose budget does not name its limits, though all that is metered is its own', async () => {
    const own = budgetWorld({
      now: Date.UTC(2026, 10, 11),
      traffics: [{ usd: () => 1, identity: { tags: { team: 'search' } } }],
      bills: [billStatement()],
      budgets: [budgetOf({ name: 'all' }), budgetOf({ name: 'bill', basis: 'billed' })],
    });
    const seen = await budgetStatuses(own, search);
    expect(seen.map(({ budget }) => budget)).toEqual(['all']);
  });
});
