import { bench, describe } from 'vitest';
import type { Budget } from '../../agent/alerts/budgets/budget.ts';
import { budgetConditions } from '../../agent/alerts/budgets/conditions.ts';
import { holdRhythm } from '../../agent/alerts/budgets/rhythm.ts';
import { budgetStatuses } from '../../agent/alerts/budgets/statuses.ts';
import type { AmountQuery, AmountRow, Grain, SumRow, UsageReader } from '../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import { budgetOf, usd } from '../support/budget-world.ts';
import { memoryBills } from '../support/bill-world.ts';
import { coveredSpan, identityRow, memoryReader } from '../support/memory-reader.ts';

/** 10,000 series: 2,000 identities with five meters each, of 40 teams and 25 models in 20 accounts. */
const count = 2_000;
const now = Date.UTC(2026, 10, 23, 12, 7);
const models = 25;
const identities = Array.from({ length: count }, (_, index) =>
  identityRow({
    id: index + 1,
    account: `1111222233${String(index % 20).padStart(2, '0')}`,
    model: `vendor/model-${index % models}`,
    deployment: `app-${index % 400}`,
    tags: { team: `team-${Math.floor(index / models) % 40}` },
  }),
);
const known = await memoryReader({
  identities: [identityRow({ id: 1 })],
  amounts: [],
  latency: [],
  coverage: [coveredSpan(1, { start: 0, end: now - 4 * minuteMs })],
}).coverageByTraffic(3_600);
const shared = known.get(1);
const coverage = new Map(
  identities.flatMap(({ trafficId }) =>
    shared === undefined ? [] : [[trafficId, shared] as const],
  ),
);

const grainMs: Readonly<Record<Grain, number>> = { minute: minuteMs, hour: hourMs, day: dayMs };

function rowsOf({ identityIds, window, bucketMs, grain }: AmountQuery): readonly AmountRow[] {
  const step = bucketMs === 0 ? window.end - window.start : Math.max(bucketMs, grainMs[grain]);
  const rows: AmountRow[] = [];
  for (const identityId of identityIds) {
    for (let bucket = window.start; bucket < window.end; bucket += step) {
      const hours = step / hourMs;
      rows.push({
        identityId,
        bucket,
        peakTokens: null,
        cost: BigInt(Math.round(hours * 1_000_000)),
        costLow: BigInt(Math.round(hours * 1_000_000)),
        costHigh: BigInt(Math.round(hours * 1_000_000)),
        unpricedTokens: 0,
        input: 1_000 * hours,
        cacheRead: 10 * hours,
        cacheWrite: null,
        output: 200 * hours,
        unsplitInput: null,
        requests: 5,
        errors: 0,
        throttles: 0,
      });
    }
  }
  return rows;
}

/** Rows are made beforehand: what is measured is what budgets do with them. */
const made = new Map<string, readonly AmountRow[]>();
const madeSums = new Map<string, readonly SumRow[]>();

function held<Row>(
  rows: Map<string, Row>,
  query: Omit<AmountQuery, 'identityIds'>,
  make: () => Row,
) {
  const key = `${query.grain} ${query.window.start} ${query.window.end} ${query.bucketMs}`;
  const found = rows.get(key) ?? make();
  // A week of hours is read once a day: it does not stay in memory either.
  if (query.bucketMs !== hourMs) rows.set(key, found);
  return found;
}

const reader: UsageReader = {
  ...memoryReader({ identities: [], amounts: [], latency: [], coverage: [] }),
  identities: async () => identities,
  coverageByTraffic: async () => coverage,
  amounts: async (query) => held(made, query, () => rowsOf(query)),
  sums: async ({ sets, ...query }) =>
    held(madeSums, query, () =>
      sets.flatMap((identityIds, set) =>
        // All identities use the same.
        rowsOf({ ...query, identityIds: identityIds.slice(0, 1) }).map((row) => sumRow(row, set)),
      ),
    ),
};

/** Property by property, as a ledger makes them: the objects that rest patterns make are slow to read. */
function sumRow(row: AmountRow, set: number): SumRow {
  return {
    set,
    bucket: row.bucket,
    cost: row.cost,
    costLow: row.costLow,
    costHigh: row.costHigh,
    unpricedTokens: row.unpricedTokens,
    input: row.input,
    cacheRead: row.cacheRead,
    cacheWrite: row.cacheWrite,
    output: row.output,
    unsplitInput: row.unsplitInput,
    requests: row.requests,
    errors: row.errors,
    throttles: row.throttles,
  };
}

const zones = ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata'];
const periods = ['day', 'week', 'month', 'quarter'] as const;
/** A thousand: of 40 teams by model, in four zones and periods, each with four thresholds. */
const budgets: readonly Budget[] = Array.from({ length: 1_000 }, (_, index) =>
  budgetOf({
    name: `budget-${index}`,
    period: periods[index % 4] ?? 'month',
    timezone: zones[Math.floor(index / 4) % 4] ?? 'UTC',
    amount: usd(index % 10 === 0 ? 0.01 : 100_000),
    match: { team: [`team-${index % 40}`], model: [`vendor/model-${Math.floor(index / 40)}*`] },
    alerts: [
      { kind: 'actual', ratio: 0.5, severity: 'warning' },
      { kind: 'actual', ratio: 0.9, severity: 'page' },
      { kind: 'forecast', ratio: 1, severity: 'warning' },
      { kind: 'burn_rate', rate: 4, overSeconds: [3_600, 21_600], severity: 'page' },
    ],
  }),
);

const deps = {
  reader,
  bills: memoryBills([]),
  status: { sources: async () => [] },
  clock: { now: () => now },
  budgets,
  teams: [{ kind: 'tag', tag: 'team' }],
  currencies: [],
  rhythm: holdRhythm(),
} as const;
await budgetConditions(deps);
await budgetStatuses(deps);

describe('1,000 budgets over 10,000 series', () => {
  bench('status of each', async () => {
    await budgetStatuses(deps);
  });
  bench('four thresholds of each, one in ten met', async () => {
    await budgetConditions(deps);
  });
});
