import { ruleConditions } from '../../../../agent/alerts/rules/conditions.ts';
import type { Rule, RuleDeps } from '../../../../agent/alerts/rules/rule.ts';
import type { Condition, Delivery } from '../../../../agent/core/alert.ts';
import type { IdentityRow } from '../../../../agent/core/ledger-rows.ts';
import type { Price } from '../../../../agent/core/price.ts';
import type { ApiCallSum, TargetStatus } from '../../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { coveredSpan, identityRow, memoryReader } from '../../../support/memory-reader.ts';
import type { MemoryLedger } from '../../../support/memory-reader.ts';

/** A Tuesday. */
export const now = Date.UTC(2026, 10, 24, 12, 20);
/** Settled up to here. */
export const watermark = now - 20 * minuteMs;

/** What rules see; everything that is not named is empty. */
export interface RuleWorldParts extends Partial<MemoryLedger> {
  readonly statuses?: readonly TargetStatus[];
  readonly apiCalls?: readonly ApiCallSum[];
  readonly prices?: readonly Price[];
  readonly deliveries?: readonly Delivery[];
  readonly deps?: Partial<RuleDeps>;
}

export function ruleOf(kind: Rule['kind'], change: Partial<Rule> = {}): Rule {
  return {
    name: 'r',
    kind,
    forSeconds: 0,
    by: [],
    severity: 'warning',
    notify: ['oncall'],
    ...change,
  };
}

export function depsOf(parts: RuleWorldParts): RuleDeps {
  const { statuses = [], apiCalls = [], prices = [], deliveries = [] } = parts;
  const { identities = [], amounts = [], latency = [], coverage = [] } = parts;
  return {
    reader: memoryReader({ identities, amounts, latency, coverage }),
    status: { sources: async () => statuses, apiCalls: async () => apiCalls },
    book: { prices: async () => prices },
    outbox: {
      deliveries: async ({ state, notifier, limit }) =>
        deliveries
          .filter((one) => state === undefined || one.state === state)
          .filter((one) => notifier === undefined || one.notifier === notifier)
          .toSorted((a, b) => b.createdAt - a.createdAt)
          .slice(0, limit),
    },
    sources: ['prod-aws'],
    notifiers: ['oncall'],
    teams: [],
    everySeconds: 300,
    spendLimitOf: () => undefined,
    ...parts.deps,
  };
}

export function conditionsOf(
  rule: Rule,
  parts: RuleWorldParts,
  at = now,
): Promise<readonly Condition[]> {
  return ruleConditions([rule], depsOf(parts), at);
}

/** Looked at and settled for five weeks, up to the watermark. */
export function settledTo(trafficId: number, end = watermark) {
  return coveredSpan(trafficId, { start: end - 35 * dayMs, end });
}

/** One identity, settled up to the watermark, with so many requests in the last minutes. */
export function busyWorld(
  amounts: { readonly requests: number; readonly errors?: number; readonly throttles?: number },
  change: Partial<IdentityRow> = {},
  end = watermark,
): RuleWorldParts {
  const { requests, errors = 0, throttles = 0 } = amounts;
  return {
    identities: [identityRow({ id: 1, ...change })],
    coverage: [settledTo(1, end)],
    amounts: [
      {
        identityId: 1,
        start: end - 3 * minuteMs,
        period: 'minute',
        amounts: { requests, errors, throttles },
      },
      // Just before the window: of it nothing may be counted.
      {
        identityId: 1,
        start: end - 11 * minuteMs,
        period: 'minute',
        amounts: { requests: 7_777, errors: 7_777, throttles: 7_777 },
      },
    ],
  };
}

/** What one identity used in an hour of the last day. */
export function hourOf(
  identityId: number,
  hoursBefore: number,
  change: { readonly usd?: number; readonly tokens?: number; readonly unpriced?: number },
) {
  const { usd, tokens = 1_000, unpriced } = change;
  const best = usd === undefined ? undefined : BigInt(Math.round(usd * 1e9));
  return {
    identityId,
    start: watermark - hoursBefore * hourMs,
    period: 'hour' as const,
    amounts: { input: tokens, output: 0, requests: 100 },
    ...(best === undefined ? {} : { cost: { low: best, best, high: best } }),
    ...(unpriced === undefined ? {} : { unpricedTokens: unpriced }),
  };
}
