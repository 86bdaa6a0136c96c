import { dayMs, hourMs } from '../../../agent/core/time.ts';
import type { Audit } from '../../../agent/core/audit.ts';
import { reconcile } from '../../../agent/reconcile/reconcile.ts';
import { auditRow } from '../../../agent/reconcile/rows.ts';
import { auditSummary } from '../../../agent/reconcile/summary.ts';
import { alertAccess, apiNow, apiWorld } from '../../support/api-world.ts';
import type { ApiWorld } from '../../support/api-world.ts';
import { messageSample } from '../../support/alert-samples.ts';
import { memoryOutbox } from '../../support/memory-outbox.ts';
import { memoryAlerts, trackedSample } from '../../support/memory-alerts.ts';
import { coveredSpan, identityRow } from '../../support/memory-reader.ts';
import type { MemoryLedger } from '../../support/memory-reader.ts';
import { targetStatus } from '../../support/target-status.ts';
import { listedRow } from '../../agent/pricing/price-rows.ts';
import { billedTokens, inputOf, meteredDay } from '../../agent/reconcile/days.ts';
import type { InfinityTarget } from './board-schema.ts';
import { runInfinity } from './infinity-emulator.ts';
import { openingAt } from './opening.ts';
import type { Frame, Viewer } from './infinity-emulator.ts';

const begin = Date.UTC(2026, 9, 15);
const model = 'openai/gpt-5.6-sol';

const identities: MemoryLedger['identities'] = [
  identityRow({ id: 1, model, deployment: 'search-prod', tags: { team: 'search' } }),
  identityRow({
    id: 2,
    cloud: 'azure',
    endpoint: 'azure',
    account: '00000000-0000-0000-0000-000000000001',
    resource: 'aoai-east',
    region: 'eastus',
    routing: 'global',
    model,
    deployment: 'chat',
    tags: { team: 'support' },
  }),
  identityRow({ id: 3, model: 'anthropic/claude-sonnet-4.6', tags: { team: 'search' } }),
  identityRow({
    id: 4,
    cloud: 'azure',
    endpoint: 'azure',
    account: '00000000-0000-0000-0000-000000000001',
    resource: 'aoai-east',
    region: 'eastus',
    model: 'openai/gpt-4o',
    deployment: 'reserved',
    tier: 'provisioned',
  }),
];

/** An hour of every day of 39, each day a little more, on two clouds; the third model has no price. */
function monthOfTraffic(): MemoryLedger {
  const amounts: MemoryLedger['amounts'][number][] = [];
  const latency: MemoryLedger['latency'][number][] = [];
  for (let start = begin + 10 * hourMs, day = 1; start < apiNow; start += dayMs, day += 1) {
    for (const identityId of [1, 2, 3]) {
      const best = BigInt(identityId * day) * 10_000_000n;
      amounts.push({
        identityId,
        start,
        period: 'hour',
        amounts: {
          input: 1_000 * identityId * day,
          cacheRead: 500 * day,
          cacheWrite: 100,
          output: 200 * identityId * day,
          unsplitInput: 0,
          requests: 10 * day,
          errors: day % 3,
          throttles: day % 2,
        },
        ...(identityId === 3 ? {} : { cost: { low: best / 2n, best, high: best * 2n } }),
      });
      latency.push({
        identityId,
        phase: identityId === 2 ? 'first_token' : 'request',
        start,
        count: 10,
        weight: 10,
        avgMs: 100 * identityId + day,
        minMs: 50,
        maxMs: 900,
        p90Ms: 400,
      });
    }
  }
  const used = { cost: 2_500_000_000n };
  const idle = { cost: 7_500_000_000n };
  const start = apiNow - hourMs;
  const whole = {
    cost: 10_000_000_000n,
    unitMs: 10 * hourMs,
    meteredUnitMs: 10 * hourMs,
    usedUnitMs: 2.5 * hourMs,
  };
  const [, , , reserved] = identities;
  return {
    identities,
    amounts: [
      ...amounts,
      {
        identityId: 4,
        start,
        period: 'minute',
        amounts: { input: 400_000, output: 100_000 },
        cost: { low: 0n, best: 0n, high: 0n },
      },
    ],
    latency,
    coverage: identities.flatMap(({ id }) => [
      coveredSpan(id, { start: begin, end: apiNow - dayMs }),
      coveredSpan(id, { start: apiNow - dayMs, end: apiNow }, { settled: false }),
    ]),
    capacities: [
      {
        ...identityRow({ ...reserved, id: -1, trafficId: 0, reports: new Set() }),
        from: start,
        to: apiNow,
        sku: 'GlobalProvisionedManaged',
        units: 10,
      },
    ],
    capacity: [
      { identityId: 4, start, ...used },
      { identityId: -1, start, ...idle, whole },
    ],
  };
}

/** A day whose bill says a tenth more than the meters do. */
const drifted: Audit = async (days, _now, { keeps }) => {
  const day = Math.ceil(days.start / dayMs) * dayMs;
  const findings = reconcile(
    inputOf({
      metered: [meteredDay({ day, input: 1_000_000 })],
      billed: billedTokens({ input: 1_100_000 }, { input: 5 }, { day }),
    }),
  ).filter(keeps);
  return {
    count: findings.length,
    rows: async () => findings.map(auditRow),
    summary: () => auditSummary(findings, days),
  };
};

/** One alert that fires and one that is over. */
function alerts() {
  const ledger = memoryAlerts();
  const over = { state: 'resolved', endedAt: apiNow - hourMs, fingerprint: 'over' } as const;
  const both = [trackedSample(), trackedSample(over)];
  ledger.recordStep({ at: apiNow - hourMs, alerts: both, events: [], messages: [] });
  return ledger;
}

/** One message that waits and one that was given up. */
function outbox() {
  const messages = memoryOutbox();
  messages.put([messageSample({ id: 'lost', group: 'a' })], apiNow - hourMs);
  const [first] = messages.dueDeliveries(apiNow, 1);
  if (first !== undefined) {
    messages.recordAttempt({ ...first, state: 'dead', attempts: 10, lastTryAt: apiNow });
  }
  messages.put([messageSample({ id: 'waits', group: 'b' })], apiNow);
  return messages;
}

/** An agent that has seen a month, with bills, budgets, alerts and a source that fails. */
export function boardWorld(): ApiWorld {
  return apiWorld({
    ledger: monthOfTraffic(),
    audit: drifted,
    alerts: alertAccess(alerts()),
    outbox: outbox(),
    book: { prices: async () => [listedRow({ model })] },
    statuses: [
      targetStatus({ watermark: apiNow - hourMs, lastSuccess: apiNow - hourMs, series: 4 }),
      targetStatus({ target: 'prod-aws/other', watermark: apiNow - 3 * hourMs }),
    ],
  });
}

/** What somebody sees who chose nothing: all of each variable, and one model where only one can be. */
export function viewerOf(
  from: number,
  change: Partial<Viewer['variables']> = {},
  interval = '1h',
): Viewer {
  const variables = { datasource: ['crossbill'], ...change };
  return { variables: withoutUndefined(variables), from, to: apiNow, interval };
}

function withoutUndefined(
  given: Readonly<Record<string, readonly string[] | undefined>>,
): Viewer['variables'] {
  return Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values ?? []]));
}

/** Asks an API as Infinity does. */
export function ask(world: ApiWorld, target: InfinityTarget, viewer: Viewer): Promise<Frame> {
  return runInfinity(target, viewer, (path, init) => world.api.request(path, init));
}

/** Where a board opens for somebody who looks at that world. */
export function startOf(text: string): number {
  return openingAt(text, apiNow);
}
