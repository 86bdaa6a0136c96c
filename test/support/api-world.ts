import type { Hono } from 'hono';
import { z } from 'zod';
import { createAlertDesk } from '../../agent/alerts/alert-desk.ts';
import { createApi } from '../../agent/api/api.ts';
import type { ApiDeps } from '../../agent/api/api.ts';
import { suggestion } from '../../agent/config/nearest.ts';
import type { AlertReader, AlertWriter } from '../../agent/core/alert-store.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { Log } from '../../agent/core/log.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import type { Delivery } from '../../agent/core/alert.ts';
import { hourMs } from '../../agent/core/time.ts';
import type { TargetStatus } from '../../agent/core/store.ts';
import { messageSample } from './alert-samples.ts';
import { listedRow } from '../agent/pricing/price-rows.ts';
import { budgetSample } from './budget-sample.ts';
import { billLine, billStatement, memoryBills, november, novemberDays } from './bill-world.ts';
import { memoryAlerts, trackedSample } from './memory-alerts.ts';
import { memoryOutbox } from './memory-outbox.ts';
import type { OutboxUnderTest } from './memory-outbox.ts';
import { coveredSpan, identityRow, memoryReader } from './memory-reader.ts';
import type { MemoryLedger } from './memory-reader.ts';
import { memoryAudit } from './memory-audit.ts';

/** When the API's clock stands in tests. */
export const apiNow = Date.UTC(2026, 10, 23, 12);

/** Two clouds, one team each, an hour of traffic before now. */
export const twoClouds: MemoryLedger = {
  identities: [
    identityRow({ id: 1, tags: { team: 'search', 'cost center': '42' } }),
    identityRow({
      id: 2,
      cloud: 'azure',
      endpoint: 'azure',
      account: '00000000-0000-0000-0000-000000000001',
      resource: 'aoai-east',
      region: 'eastus',
      model: 'openai/gpt-4.1-mini',
      deployment: 'chat',
      tags: { team: 'support' },
    }),
  ],
  amounts: [1, 2].map((identityId) => ({
    identityId,
    start: apiNow - hourMs,
    period: 'minute',
    amounts: { input: 100 * identityId, output: 10 * identityId, requests: identityId },
  })),
  latency: [
    {
      identityId: 1,
      phase: 'request',
      start: apiNow - hourMs,
      count: 1,
      weight: 1,
      avgMs: 200,
      minMs: 200,
      maxMs: 200,
      p90Ms: 200,
    },
  ],
  coverage: [1, 2].map((id) => coveredSpan(id, { start: apiNow - hourMs, end: apiNow })),
};

const provisioned = {
  cloud: 'azure',
  endpoint: 'azure',
  account: '00000000-0000-0000-0000-000000000001',
  resource: 'aoai-east',
  region: 'eastus',
  model: 'openai/gpt-4o',
  deployment: 'reserved',
  tier: 'provisioned',
  tags: { team: 'platform' },
} as const;

/** The same, and ten units of provisioned capacity at a dollar an hour, of which a quarter was used in that hour. */
export const withCapacity: MemoryLedger = {
  ...twoClouds,
  identities: [...twoClouds.identities, identityRow({ id: 3, ...provisioned })],
  amounts: [
    ...twoClouds.amounts,
    {
      identityId: 3,
      start: apiNow - hourMs,
      period: 'minute',
      amounts: { input: 400_000, output: 100_000 },
      cost: { low: 0n, best: 0n, high: 0n },
    },
  ],
  coverage: [...twoClouds.coverage, coveredSpan(3, { start: apiNow - hourMs, end: apiNow })],
  capacities: [
    {
      ...identityRow({
        id: -1,
        trafficId: 0,
        ...provisioned,
        reports: new Set(),
      }),
      from: apiNow - hourMs,
      to: apiNow,
      sku: 'GlobalProvisionedManaged',
      units: 10,
    },
  ],
  capacity: [
    { identityId: 3, start: apiNow - hourMs, cost: 2_500_000_000n },
    {
      identityId: -1,
      start: apiNow - hourMs,
      cost: 7_500_000_000n,
      whole: {
        cost: 10_000_000_000n,
        unitMs: 10 * hourMs,
        meteredUnitMs: 10 * hourMs,
        usedUnitMs: 2.5 * hourMs,
      },
    },
  ],
};

/** One that fires and has a history, and a silence that does not touch it. */
function alertsSample(): AlertWriter & AlertReader {
  const ledger = memoryAlerts();
  const alert = trackedSample();
  const { fingerprint, value } = alert;
  const fired = { fingerprint, value, from: 'inactive', to: 'firing', note: '' } as const;
  const at = apiNow - hourMs;
  ledger.recordStep({ at, alerts: [alert], events: [{ ...fired, at }], messages: [] });
  ledger.keepSilence({
    id: 'maintenance',
    matchers: [{ name: 'alertname', value: 'throttled', isEqual: true }],
    startsAt: at,
    endsAt: apiNow + hourMs,
    createdBy: 'ada',
    comment: 'known',
    createdAt: at,
  });
  return ledger;
}

/** The alerts of an API over a store of them, with ids that count. */
export function alertAccess(
  ledger: AlertWriter & AlertReader = alertsSample(),
  log: Pick<Log, 'info'> = silentLog,
): NonNullable<ApiDeps['alerts']> {
  const settings = { repeatMs: hourMs, goneMs: hourMs, isConfigured: () => true, publicUrl: null };
  let ids = 0;
  return {
    reader: ledger,
    commands: createAlertDesk({ clock: { now: () => apiNow }, ledger, settings }),
    newId: () => `silence-${(ids += 1)}`,
    log,
  };
}

export interface ApiWorld {
  readonly api: Hono;
  /** What `onError` heard. */
  readonly errors: unknown[];
}

/** One message delivered, and one given up an hour ago. */
function outboxSample(): OutboxUnderTest {
  const outbox = memoryOutbox();
  const put = (id: string, at: number, change: Partial<Delivery>) => {
    outbox.put([messageSample({ id, group: id })], at);
    const [delivery] = outbox.dueDeliveries(at, 1);
    if (delivery !== undefined) outbox.recordAttempt({ ...delivery, lastTryAt: at, ...change });
  };
  put('sent', apiNow - 2 * hourMs, {
    state: 'delivered',
    attempts: 1,
    deliveredAt: apiNow - 2 * hourMs,
    lastStatus: 200,
    lastAnswer: 'ok',
  });
  put('lost', apiNow - hourMs, {
    state: 'dead',
    attempts: 10,
    lastAnswer: 'http://127.0.0.1:1: ECONNREFUSED',
  });
  return outbox;
}

/** An API over rows in memory, with a clock that stands still. */
export function apiWorld(
  change: Partial<ApiDeps> & {
    readonly ledger?: MemoryLedger;
    readonly statuses?: readonly TargetStatus[];
  } = {},
): ApiWorld {
  const errors: unknown[] = [];
  const { ledger = twoClouds, statuses = [], ...deps } = change;
  const api = createApi({
    reader: memoryReader(ledger),
    status: { sources: async () => statuses, apiCalls: async () => [] },
    audit: memoryAudit,
    budgets: async (scope) => (scope.size === 0 ? [budgetSample()] : []),
    bills: memoryBills([
      billStatement({ days: novemberDays(1, 23), lines: [billLine({ day: november(22) })] }),
    ]),
    book: { prices: async () => [listedRow()] },
    evidence: {
      evidence: () => Promise.reject(new Error('rows in memory have no readings')),
      nearestUsage: async () => ({ minute: null, hour: null }),
      cardsOf: async () => undefined,
    },
    explainCost,
    outbox: outboxSample(),
    alerts: alertAccess(),
    filePrices: [],
    clock: { now: () => apiNow, sleep: async () => {} },
    teams: [{ kind: 'tag', tag: 'team' }],
    everySeconds: 300,
    waitingFor: () => [],
    tokens: [],
    listenHost: '127.0.0.1',
    allowedHosts: [],
    demo: false,
    version: '0.0.0',
    suggest: suggestion,
    onError: (error) => errors.push(error),
    ...deps,
  });
  return { api, errors };
}

const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));

/** The rows that an answer holds. */
export async function rowsIn(response: Response): Promise<z.output<typeof rows>> {
  return rows.parse(await response.json());
}
