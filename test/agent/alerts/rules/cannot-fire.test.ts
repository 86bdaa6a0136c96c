import { describe, expect, it } from 'vitest';
import { cannotFire } from '../../../../agent/alerts/rules/cannot-fire.ts';
import type { RuleWorld } from '../../../../agent/alerts/rules/cannot-fire.ts';
import { ruleKindFacts } from '../../../../agent/alerts/rules/kinds.ts';
import type { Rule, RuleKind } from '../../../../agent/alerts/rules/rule.ts';
import { ruleKinds } from '../../../../agent/config/rule-kinds.ts';
import { awsCatalog } from '../../../../collectors/aws/catalog.ts';
import { catalog as azureCatalog } from '../../../../collectors/azure/catalog.ts';
import { ruleOf } from './rule-world.ts';

const world: RuleWorld = {
  collects: new Set(['usage', 'bills', 'quotas']),
  notifiers: 1,
  rows: [...awsCatalog, ...azureCatalog],
  pricesUpdate: 'daily',
};
const mantle = awsCatalog.filter(({ namespace }) => namespace === 'AWS/BedrockMantle');

const cases: readonly (readonly [says: string, rule: Rule, world: RuleWorld, message: string])[] = [
  [
    'throttling where only Mantle is',
    ruleOf('throttle_ratio'),
    { ...world, rows: mantle },
    'cannot fire: no meter tells throttled requests in AWS/BedrockMantle; delete the rule',
  ],
  [
    'throttling where Mantle is among others',
    ruleOf('throttle_ratio'),
    world,
    'says nothing of AWS/BedrockMantle: no meter tells throttled requests there',
  ],
  [
    'latency where no meter tells it',
    ruleOf('latency_ms'),
    { ...world, rows: mantle.filter(({ measure }) => measure.kind !== 'latency') },
    'cannot fire: no meter tells the time to the last token',
  ],
  [
    'quotas that nobody collects',
    ruleOf('quota_ratio'),
    { ...world, collects: new Set(['usage']) },
    'no source collects quotas',
  ],
  [
    'bills that nobody collects',
    ruleOf('bill_drift'),
    { ...world, collects: new Set(['usage']) },
    'no source collects them; add bills',
  ],
  [
    'prices that are never updated',
    ruleOf('price_change'),
    { ...world, pricesUpdate: 'never' },
    '`prices.update` is never',
  ],
  [
    'deliveries to nobody',
    ruleOf('delivery_failing'),
    { ...world, notifiers: 0 },
    'there is no notifier',
  ],
  [
    'dimensions for a rule that has series of its own',
    ruleOf('source_stale', { by: ['model', 'tag.team'] }),
    world,
    '`by: [model, tag_team]` is without effect: the kind source_stale has a series each source and target',
  ],
];

describe('a rule that cannot fire', () => {
  it.each(cases)('is told: %s', (_, rule, seen, message) => {
    const found = cannotFire([rule], seen);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ rule: 'r' });
    expect(found[0]?.message).toContain(message);
  });

  it('is not told of what was not listed', () => {
    const kinds = Object.keys(ruleKindFacts) as RuleKind[];
    const rules = kinds.map((kind) => ruleOf(kind));
    expect(cannotFire(rules, { ...world, rows: undefined })).toEqual([]);
  });
});

it('there is an evaluator for every kind that the configuration knows, in its unit', () => {
  expect(Object.keys(ruleKindFacts).toSorted()).toEqual(Object.keys(ruleKinds).toSorted());
  for (const kind of Object.keys(ruleKindFacts) as RuleKind[]) {
    const { unit } = ruleKindFacts[kind];
    const { threshold } = ruleKinds[kind];
    expect([kind, unit === 'count' ? 'tokens' : unit]).toEqual([kind, threshold]);
  }
});
