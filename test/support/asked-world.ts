import { createMetrics } from '../../agent/cli/metrics.ts';
import { openPrometheusFeed } from '../../agent/cli/prometheus-feed.ts';
import { createAudit } from '../../agent/cli/audit-of.ts';
import type { ApiDeps } from '../../agent/api/api.ts';
import type { Clock } from '../../agent/core/time.ts';
import { dayMs, hourMs } from '../../agent/core/time.ts';
import { generatedFiles } from '../../dashboards/grafana/boards.ts';
import { focusBytes } from '../../exporters/focus/focus.ts';
import { messageSample } from './alert-samples.ts';
import { alertAccess, apiWorld } from './api-world.ts';
import type { ApiWorld } from './api-world.ts';
import { billLine, billStatement, novemberDays } from './bill-world.ts';
import { filePrices } from './explain-places.ts';
import { focusLedger } from './focus-world.ts';
import { trackedSample } from './memory-alerts.ts';
import { hour0 } from './explain-world.ts';

/** When the agent that is asked is: three days after its hour of traffic. */
const askedNow = hour0 + 3 * dayMs;

export interface AskedWorld extends ApiWorld {
  readonly ledger: Awaited<ReturnType<typeof focusLedger>>;
}

/** An API over a ledger on disk or in memory as it is: traffic of every kind, capacity, bills, alerts and messages. */
export async function askedWorld(change: Partial<ApiDeps> = {}): Promise<AskedWorld> {
  const ledger = await focusLedger();
  const clock: Clock = { now: () => askedNow, sleep: async () => {} };
  const teams = [{ kind: 'tag', tag: 'team' }] as const;
  const feed = openPrometheusFeed(ledger, clock);
  ledger.recordBill(
    billStatement({
      days: novemberDays(1, 13),
      finalUntil: askedNow,
      lines: [10, 11].flatMap((day) => [
        billLine({ day: Date.UTC(2026, 10, day) }),
        billLine({
          day: Date.UTC(2026, 10, day),
          meter: 'Tax',
          meaning: 'not_tokens',
          recordType: 'tax',
        }),
      ]),
    }),
  );
  const at = askedNow - hourMs;
  const firing = trackedSample({ activeAt: at, firedAt: at });
  const { fingerprint, value } = firing;
  ledger.recordStep({
    at,
    alerts: [firing, trackedSample({ fingerprint: 'over', state: 'resolved', endedAt: at })],
    events: [{ fingerprint, value, from: 'inactive', to: 'firing', note: '', at }],
    messages: [messageSample({ at })],
  });
  const settings = { contracts, currencies: [], filePrices };
  const world = apiWorld({
    reader: ledger,
    status: ledger,
    bills: ledger,
    audit: createAudit(ledger, settings),
    book: ledger,
    evidence: ledger,
    filePrices,
    outbox: ledger,
    alerts: alertAccess(ledger),
    clock,
    teams,
    focusWriter: async () => focusBytes,
    metrics: createMetrics({ clock, ledger, feed, teams, version: '1.2.3', exporters: () => [] }),
    grafana: { dashboards: async () => dashboards, url: 'https://crossbill.example.com' },
    demo: true,
    ...change,
  });
  return { ...world, ledger };
}

const dashboards = [...generatedFiles()].map(([name, text]) => ({ uid: name.slice(0, -5), text }));

const contracts = {
  openaiInputIncludesCached: true,
  openaiInputConfirmed: false,
  bedrockInvocations: 'accepted',
} as const;
