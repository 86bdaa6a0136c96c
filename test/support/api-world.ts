import type { Hono } from 'hono';
import { z } from 'zod';
import { createApi } from '../../agent/api/api.ts';
import type { ApiDeps } from '../../agent/api/api.ts';
import { suggestion } from '../../agent/config/nearest.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import { hourMs } from '../../agent/core/time.ts';
import type { TargetStatus } from '../../agent/core/store.ts';
import { listedRow } from '../agent/pricing/price-rows.ts';
import { coveredSpan, identityRow, memoryReader } from './memory-reader.ts';
import type { MemoryLedger } from './memory-reader.ts';

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

export interface ApiWorld {
  readonly api: Hono;
  /** What `onError` heard. */
  readonly errors: unknown[];
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
    book: { prices: async () => [listedRow()] },
    evidence: {
      evidence: () => Promise.reject(new Error('rows in memory have no readings')),
      nearestUsage: async () => ({ minute: null, hour: null }),
      cardsOf: async () => undefined,
    },
    explainCost,
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
