import { describe, expect, it } from 'vitest';
import { ruleConditions } from '../../../../agent/alerts/rules/conditions.ts';
import { ruleKindFacts } from '../../../../agent/alerts/rules/kinds.ts';
import type { RuleKind } from '../../../../agent/alerts/rules/rule.ts';
import { identityRow } from '../../../support/memory-reader.ts';
import { targetStatus } from '../../../support/target-status.ts';
import { busyWorld, depsOf, hourOf, now, ruleOf, settledTo } from './rule-world.ts';

const kinds = Object.keys(ruleKindFacts) as RuleKind[];
const rules = kinds.map((kind) =>
  ruleOf(kind, { name: kind, by: ['model', 'tag.team'], forSeconds: 60, severity: 'page' }),
);

const world = {
  ...busyWorld({ requests: 500, throttles: 5 }),
  identities: [
    identityRow({ id: 1, tags: { team: 'a"],["b' } }),
    identityRow({ id: 2, tags: { team: 'a' } }),
    identityRow({ id: 3, tags: {} }),
  ],
  coverage: [settledTo(1), settledTo(2), settledTo(3)],
  amounts: [hourOf(1, 2, { usd: 30 }), hourOf(2, 2, { usd: 30 }), hourOf(3, 2, {})],
  statuses: [
    targetStatus({ target: 'a', units: 1, watermark: now, lastSuccess: now }),
    targetStatus({ target: 'b', units: 1, watermark: now, lastSuccess: now }),
  ],
};

describe('conditions of all kinds together', () => {
  it('have keys of their own, the same at every evaluation', async () => {
    const first = await ruleConditions(rules, depsOf(world), now);
    const later = await ruleConditions(rules.toReversed(), depsOf(world), now + 60_000);
    const keys = first.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(later.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  });

  it('carry what the rule says, and no figure in a label', async () => {
    for (const one of await ruleConditions(rules, depsOf(world), now)) {
      expect(one).toMatchObject({ group: `rule/${one.name}`, period: null, forSeconds: 60 });
      expect(one.labels).toMatchObject({ alertname: one.name, kind: one.kind, severity: 'page' });
      expect(one.notify).toEqual(['oncall']);
      expect(Object.values(one.labels)).not.toContain('');
      expect(one.annotations['summary']).toMatch(/^\w+: ./);
    }
  });

  it('say nothing for sure where nothing is known, but for the sign of life', async () => {
    const deps = depsOf({ deps: { notifiers: [] } });
    const all = await ruleConditions(
      rules.map((rule) => ({ ...rule, by: [] })),
      deps,
      now,
    );
    const sure = all.filter(({ state }) => state !== 'no_data').map(({ kind }) => kind);
    expect(sure).toEqual(['heartbeat']);
    expect(all).toHaveLength(rules.length);
  });

  it('are those of the other rules where one cannot be evaluated', async () => {
    const book = { prices: () => Promise.reject(new Error('no such table')) };
    const deps = { ...depsOf(world), book };
    const told: string[] = [];
    const failed = (rule: string, error: unknown) => void told.push(`${rule}: ${String(error)}`);
    const found = await ruleConditions(rules, deps, now, failed);
    expect(told).toEqual(['price_change: Error: no such table']);
    const whole = await ruleConditions(rules, depsOf(world), now);
    expect(found).toEqual(whole.filter(({ kind }) => kind !== 'price_change'));
    const only = rules.filter(({ kind }) => kind === 'price_change');
    await expect(ruleConditions(only, deps, now, failed)).rejects.toThrow('no such table');
    await expect(ruleConditions(rules, deps, now)).rejects.toThrow('no such table');
  });

  it('are none without rules', async () => {
    expect(await ruleConditions([], depsOf(world), now)).toEqual([]);
  });
});
