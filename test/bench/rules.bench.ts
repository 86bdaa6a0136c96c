import { bench, describe } from 'vitest';
import { createAnomalyMemory } from '../../agent/alerts/rules/anomaly-memory.ts';
import { ruleConditions } from '../../agent/alerts/rules/conditions.ts';
import type { Rule, RuleDeps, RuleKind } from '../../agent/alerts/rules/rule.ts';
import type { Dimension } from '../../agent/core/dimension.ts';
import type { AmountRow, IdentityRow, TrafficCoverage } from '../../agent/core/store.ts';
import { dayMs, minuteMs } from '../../agent/core/time.ts';
import { byAmount } from '../../agent/query/by-amount.ts';
import { depsOf, now, ruleOf, watermark } from '../agent/alerts/rules/rule-world.ts';
import { identityRow } from '../support/memory-reader.ts';

/** A hundred rules over ten thousand series, the ledger answering at once: what the evaluation itself takes. */
const seriesCount = 10_000;
const identities: readonly IdentityRow[] = Array.from({ length: seriesCount }, (_, at) =>
  identityRow({
    id: at + 1,
    model: `openai/model-${at % 40}`,
    region: `region-${at % 25}`,
    account: `account-${at % 10}`,
    deployment: `deployment-${at}`,
  }),
);
const spans = [{ start: now - 35 * dayMs, end: watermark }];
const known: TrafficCoverage = { covered: byAmount(() => spans), settled: spans };
const coverage = new Map(identities.map(({ trafficId }) => [trafficId, known]));

function amountRow(identityId: number, bucket: number): AmountRow {
  return {
    identityId,
    bucket,
    peakTokens: null,
    input: 1_000,
    cacheRead: 0,
    cacheWrite: 0,
    output: 100,
    unsplitInput: null,
    requests: 100,
    errors: identityId % 7,
    throttles: identityId % 5,
    cost: 1_000_000n,
    costLow: 1_000_000n,
    costHigh: 1_000_000n,
    unpricedTokens: 0,
  };
}

const deps: RuleDeps = {
  ...depsOf({}),
  anomalies: createAnomalyMemory(),
  reader: {
    identities: async () => identities,
    coverageByTraffic: async () => coverage,
    amounts: async ({ identityIds, window }) =>
      identityIds.map((id) => amountRow(id, window.start)),
    latency: async ({ identityIds, window }) =>
      identityIds.map((identityId) => ({
        identityId,
        phase: 'request' as const,
        bucket: window.start + minuteMs,
        count: 100,
        weight: 100,
        avgMs: 900,
        minMs: null,
        maxMs: null,
        p90Ms: null,
      })),
  },
};

const kinds: readonly RuleKind[] = [
  'throttle_ratio',
  'error_ratio',
  'latency_ms',
  'unpriced_tokens',
  'anomaly',
];
const by: readonly (readonly Dimension[])[] = [
  [],
  ['model'],
  ['model', 'region'],
  ['account', 'region'],
];
const rules: readonly Rule[] = Array.from({ length: 100 }, (_, at) =>
  ruleOf(kinds[at % kinds.length] ?? 'error_ratio', {
    name: `rule-${at}`,
    by: by[Math.floor(at / kinds.length) % by.length] ?? [],
  }),
);

describe('rules', () => {
  bench(
    `${rules.length} rules over ${seriesCount} series`,
    async () => {
      await ruleConditions(rules, deps, now);
    },
    { iterations: 5, warmupIterations: 2, time: 0 },
  );
});
