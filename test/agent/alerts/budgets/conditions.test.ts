import { describe, expect, it } from 'vitest';
import { budgetConditions } from '../../../../agent/alerts/budgets/conditions.ts';
import { hourMs } from '../../../../agent/core/time.ts';
import { budgetWorld, usd } from '../../../support/budget-world.ts';
import type { WorldTraffic } from '../../../support/budget-world.ts';

const now = Date.UTC(2026, 10, 23, 12);
/** Thursday. */
const rise = Date.UTC(2026, 10, 19);
const identity = { model: 'openai/gpt-5.6-sol', deployment: 'chat-eu' };
const page = { severity: 'page' };

async function summaryOf(traffics: readonly WorldTraffic[], change: object = {}) {
  const deps = budgetWorld({
    now,
    traffics,
    budgets: [
      {
        name: 'search-monthly',
        amount: usd(500),
        alerts: [{ kind: 'actual', ratio: 0.9, ...page }],
        ...change,
      },
    ],
    deps: { publicUrl: 'https://crossbill.example.com' },
  });
  const [condition] = await budgetConditions(deps);
  return condition?.annotations['summary'] ?? '';
}

describe('what an alert says', () => {
  it('is a sentence one can act on', async () => {
    const growing: WorldTraffic = {
      identity,
      usd: (hour) => (hour < rise ? 0.5 : hour < now - hourMs ? 2.5 : undefined),
      read: [{ start: 0, end: now - hourMs }],
      settledUntil: Date.UTC(2026, 10, 21),
    };
    const even: WorldTraffic = { identity: { model: 'openai/gpt-5.4' }, usd: () => 0.05 };
    expect(await summaryOf([growing, even])).toMatch(
      /^search-monthly: \$511 of \$500 \(102%\), forecast \$851 \(572–1,131\) by 30 Nov; driver gpt-5\.6-sol\/chat-eu \+\$214 since Thu \(volume\); 5% provisional, lag 1 h; https:\/\/crossbill\.example\.com\/api\/v1\/budgets\?budget=search-monthly$/,
    );
  });

  it.each<[string, WorldTraffic, RegExp]>([
    [
      'more tokens of the same price drive it by volume',
      { identity, usd: (hour) => (hour < rise ? 1 : 2) },
      /driver gpt-5\.6-sol\/chat-eu \+\$108 since Thu \(volume\)/,
    ],
    [
      'as many tokens at a higher price, by price',
      { identity, usd: (hour) => (hour < rise ? 1 : 2), tokens: () => 1_000 },
      /\(price\)/,
    ],
    [
      'as many tokens, more of them written, by mix',
      {
        identity,
        usd: (hour) => (hour < rise ? 1 : 2),
        tokens: () => 1_000,
        written: (hour) => (hour < rise ? 0.1 : 0.6),
      },
      /\(mix\)/,
    ],
    ['what does not grow has no driver', { identity, usd: () => 1 }, /30 Nov; settled, lag 0 min;/],
  ])('%s', async (_, traffic, says) => {
    expect(await summaryOf([traffic])).toMatch(says);
  });

  it('of tokens is in tokens, and knows no cause', async () => {
    const said = await summaryOf([{ identity, usd: (hour) => (hour < rise ? 1 : 2) }], {
      amount: { unit: 'tokens', tokens: 500_000 },
    });
    expect(said).toContain('648K of 500K tokens (129%)');
    expect(said).toContain('+108K tokens since Thu;');
  });

  it('of a history with a hole is a floor', async () => {
    const said = await summaryOf([
      { usd: () => 1, read: [{ start: Date.UTC(2026, 10, 12, 6), end: now }] },
    ]);
    expect(said).toContain('at least $540 of $500 (108%), no forecast: 50% of the period read;');
  });

  it('of a rate says both windows', async () => {
    const alerts = [{ kind: 'burn_rate', rate: 4, overSeconds: [3_600, 21_600], ...page }];
    expect(await summaryOf([{ usd: () => 3 }], { alerts })).toMatch(
      /^search-monthly: burns 4\.3× over 1 h and 4\.3× over 6 h of the even rate \(limit 4×\); /,
    );
  });

  it('never says 100 % of what is not reached', async () => {
    expect(await summaryOf([{ usd: () => 499.9 / 540 }])).toContain('$500 of $500 (99%)');
  });
});

describe('conditions of one budget', () => {
  it('have labels that tell them apart and hold no figures, and share a group', async () => {
    const deps = budgetWorld({
      now,
      traffics: [{ usd: () => 1, identity: { tags: { team: 'search' } } }],
      budgets: [
        {
          name: '{team}-monthly',
          forEach: 'team',
          alerts: [
            { kind: 'actual', ratio: 0.5, severity: 'warning' },
            { kind: 'actual', ratio: 0.9, ...page },
            { kind: 'forecast', ratio: 1, ...page },
            { kind: 'burn_rate', rate: 4, overSeconds: [3_600, 21_600], ...page },
          ],
        },
      ],
    });
    const conditions = await budgetConditions(deps);
    const common = {
      alertname: 'search-monthly',
      budget: 'search-monthly',
      team: 'search',
      basis: 'estimated',
    };
    expect(conditions.map(({ labels }) => labels)).toEqual([
      { ...common, severity: 'warning', threshold: 'actual 50%' },
      { ...common, severity: 'page', threshold: 'actual 90%' },
      { ...common, severity: 'page', threshold: 'forecast 100%' },
      { ...common, severity: 'page', threshold: 'burn_rate 4 over 1 h and 6 h' },
    ]);
    expect(new Set(conditions.map(({ key }) => key)).size).toBe(4);
    expect(new Set(conditions.map(({ group }) => group)).size).toBe(1);
    expect(conditions.map(({ notify }) => notify)).toEqual(conditions.map(() => ['finops']));
  });
});
