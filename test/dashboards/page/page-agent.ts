import { createAlertDesk } from '../../../agent/alerts/alert-desk.ts';
import { createApi } from '../../../agent/api/api.ts';
import type { ApiDeps } from '../../../agent/api/api.ts';
import { mountPage } from '../../../agent/cli/page-mount.ts';
import { suggestion } from '../../../agent/config/nearest.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { explainCost } from '../../../agent/pricing/cost-lines.ts';
import { createPage } from '../../../dashboards/page/page.tsx';
import { alertAccess } from '../../support/api-world.ts';
import { filePrices } from '../../support/explain-places.ts';
import { readAt } from '../../support/explain-world.ts';
import { memoryAudit } from '../../support/memory-audit.ts';

export interface PageAgent {
  /** @returns what the agent answers on loopback */
  ask(path: string, init?: RequestInit): Promise<Response>;
  readonly errors: unknown[];
}

/** The API with the page on it, as the agent mounts it, over one ledger. */
export function pageAgent(ledger: Ledger, change: Partial<ApiDeps> = {}): PageAgent {
  const errors: unknown[] = [];
  const clock = { now: () => readAt, sleep: async () => {} };
  const settings = { repeatMs: hourMs, goneMs: hourMs, isConfigured: () => true, publicUrl: null };
  const deps: ApiDeps = {
    pages: mountPage({ version: '1.2.3', page: createPage }, [], () => deps),
    reader: ledger,
    status: ledger,
    bills: ledger,
    audit: memoryAudit,
    book: ledger,
    evidence: ledger,
    explainCost,
    filePrices,
    alerts: {
      ...alertAccess(),
      reader: ledger,
      commands: createAlertDesk({ clock, ledger, settings }),
    },
    outbox: ledger,
    clock,
    teams: [{ kind: 'tag', tag: 'team' }],
    everySeconds: 300,
    waitingFor: () => [],
    tokens: [],
    listenHost: '127.0.0.1',
    allowedHosts: [],
    demo: false,
    version: '1.2.3',
    suggest: suggestion,
    onError: (error) => errors.push(error),
    ...change,
  };
  const api = createApi(deps);
  return { ask: async (path, init) => api.request(`http://127.0.0.1${path}`, init), errors };
}
