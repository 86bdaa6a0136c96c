import type { Hono } from 'hono';
import type { Ledger } from '../../agent/core/store.ts';
import { createAlertDesk } from '../../agent/alerts/alert-desk.ts';
import { budgetStatuses } from '../../agent/alerts/budgets/statuses.ts';
import type { Budget } from '../../agent/alerts/budgets/budget.ts';
import { createApi } from '../../agent/api/api.ts';
import { createAudit } from '../../agent/cli/audit-of.ts';
import { answerAhead } from '../../agent/cli/boards-ahead.ts';
import { holdRhythm } from '../../agent/alerts/budgets/rhythm.ts';
import { suggestion } from '../../agent/config/nearest.ts';
import { silentLog } from '../../agent/core/log.ts';
import { wholeAudit } from '../../agent/core/audit.ts';
import { ceilTo, dayMs, hourMs } from '../../agent/core/time.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { interpretation, teams, worldEnd } from './query-world.ts';

/** The agent's API over the world's ledger, which is open for writing as a running agent has it. */
export interface QueryAgent {
  readonly api: Hono;
  readonly ledger: Ledger;
  /** Milliseconds that its clock stands behind the moment at which the world ends; moves by hand. */
  readonly clock: { ms: number };
  /** What the agent's loops have done five minutes after its start: packed hours, judged the budgets, made the days of the audit and what changed. */
  runLoopsOnce(): Promise<void>;
  close(): void;
}

const budgets: readonly Budget[] = [undefined, 'cloud' as const, 'team' as const].map(
  (forEach, index) => ({
    name: forEach === undefined ? 'everything' : `{${forEach}}`,
    forEach,
    amount: { unit: 'USD', nanoUsd: 10_000_000_000_000n },
    period: 'month',
    timezone: index === 2 ? 'Europe/Berlin' : 'UTC',
    match: {},
    basis: 'estimated',
    estimate: 'best',
    alerts: [{ kind: 'actual', ratio: 0.9, severity: 'warning' }],
    notify: [],
  }),
);

const settings = {
  repeatMs: hourMs,
  goneMs: hourMs,
  isConfigured: () => true,
  publicUrl: null,
};

export function openAgent(file: string): QueryAgent {
  const ledger = openLedger(file, interpretation, worldEnd);
  const clock = { ms: 0 };
  const time = { now: () => worldEnd + clock.ms, sleep: async () => {} };
  const audit = createAudit(ledger, {
    contracts: {
      openaiInputIncludesCached: true,
      bedrockInvocations: 'accepted',
      openaiInputConfirmed: true,
    },
    currencies: [],
    filePrices: [],
  });
  const budgetDeps = {
    reader: ledger,
    bills: ledger,
    status: ledger,
    clock: time,
    budgets,
    teams,
    currencies: [],
    rhythm: holdRhythm(),
  };
  const api = createApi({
    reader: ledger,
    status: ledger,
    bills: ledger,
    audit,
    book: ledger,
    evidence: ledger,
    explainCost,
    filePrices: [],
    clock: time,
    budgets: (scope) => budgetStatuses(budgetDeps, scope),
    alerts: {
      reader: ledger,
      commands: createAlertDesk({ clock: time, ledger, settings }),
      newId: () => 'none',
      log: silentLog,
    },
    outbox: ledger,
    teams,
    tokens: [],
    listenHost: '127.0.0.1',
    allowedHosts: [],
    everySeconds: 300,
    waitingFor: () => [],
    demo: false,
    version: '0.0.0',
    suggest: suggestion,
    changeMark: () => ledger.changeMark(),
    onError(error) {
      throw error;
    },
  });
  return {
    api,
    ledger,
    clock,
    async runLoopsOnce() {
      while (ledger.packHours(worldEnd));
      await budgetStatuses(budgetDeps, new Map());
      const days = { start: ceilTo(worldEnd - 30 * dayMs, dayMs), end: ceilTo(worldEnd, dayMs) };
      await audit(days, worldEnd, wholeAudit);
      await answerAhead(ledger, explainCost, teams, worldEnd);
    },
    close: () => ledger.close(),
  };
}
