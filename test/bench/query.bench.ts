import { bench, describe } from 'vitest';
import type { AmountRow, UsageReader } from '../../agent/core/store.ts';
import { dayMs, hourMs } from '../../agent/core/time.ts';
import { amountNames } from '../../agent/core/usage.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import { coveredSpan, identityRow, memoryReader, sumsOver } from '../support/memory-reader.ts';

const start = Date.UTC(2026, 10, 1);
const traffics = 400;
const groups = 40;
const hours = 250;

/** 400 traffics in 40 models over 250 hours: 10,000 rows from 100,000 stored ones, with a gap in coverage every 6 hours. */
const identities = Array.from({ length: traffics }, (_, index) =>
  identityRow({ id: index + 1, trafficId: index + 1, model: `vendor/model-${index % groups}` }),
);
const amounts: readonly AmountRow[] = identities.flatMap(({ id }) =>
  Array.from({ length: hours }, (_, hour) => ({
    identityId: id,
    bucket: start + hour * hourMs,
    peakTokens: null,
    cost: 1_000n,
    costLow: 1_000n,
    costHigh: 1_000n,
    unpricedTokens: 0,
    input: 1_000,
    cacheRead: 10,
    cacheWrite: null,
    output: 200,
    unsplitInput: null,
    requests: 5,
    errors: 0,
    throttles: 0,
  })),
);
const coverage = await memoryReader({
  identities: [identityRow({ id: 1 })],
  amounts: [],
  latency: [],
  coverage: Array.from({ length: 42 }, (_, index) =>
    coveredSpan(1, {
      start: start + index * 6 * hourMs,
      end: start + index * 6 * hourMs + 5 * hourMs,
    }),
  ),
}).coverageByTraffic(3_600);
const known = coverage.get(1);

/** Each traffic with lists of its own, as the worst case, or all with the same ones. */
function readerWith(own: boolean): UsageReader {
  const byTraffic = new Map(
    identities.flatMap(({ trafficId }) =>
      known === undefined ? [] : [[trafficId, own ? structuredClone(known) : known] as const],
    ),
  );
  return {
    identities: async () => identities,
    coverageByTraffic: async () => byTraffic,
    amounts: async () => amounts,
    sums: sumsOver({ amounts: async () => amounts }),
    readUntil: async () => null,
    latency: async () => [],
    capacities: async () => [],
    calibrations: async () => [],
    capacityCosts: async () => [],
    capacityUse: async () => [],
  };
}

const query = {
  from: start,
  to: start + hours * hourMs,
  stepMs: hourMs,
  groupBy: ['model'],
  filters: new Map(),
  teams: [],
} as const;

describe(`10,000 rows of ${traffics} traffics and ${amountNames.length} amounts`, () => {
  const shared = readerWith(false);
  const own = readerWith(true);
  bench('coverage lists shared', async () => {
    await queryUsage(shared, query);
  });
  bench('coverage lists of their own', async () => {
    await queryUsage(own, query);
  });
  bench('one row of all', async () => {
    await queryUsage(shared, { ...query, stepMs: 'total', to: start + 10 * dayMs });
  });
});
