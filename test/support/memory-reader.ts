import type { Calibration } from '../../agent/core/calibration.ts';
import type { CapacityIdentity, CapacityQuery, CapacityUseRow } from '../../agent/core/capacity.ts';
import type {
  AmountQuery,
  AmountRow,
  CostSums,
  Grain,
  IdentityRow,
  LatencyRow,
  SumRow,
  TrafficCoverage,
  UsageReader,
} from '../../agent/core/store.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { union } from '../../agent/core/window.ts';

/** What an identity used in one minute, or in one hour of which no minutes are known. */
interface StoredAmounts {
  readonly identityId: number;
  readonly start: Instant;
  readonly period: 'minute' | 'hour';
  readonly amounts: Partial<Amounts>;
  /** What it costs in nano-dollars; absent: nothing of it has a price. */
  readonly cost?: { readonly low: bigint; readonly best: bigint; readonly high: bigint };
  /** Of the tokens of a row with a cost, those without a price. */
  readonly unpricedTokens?: number;
}

export interface StoredLatency extends Omit<LatencyRow, 'bucket'> {
  readonly start: Instant;
}

/** A span in which some amounts of a traffic were looked at. */
export interface StoredCoverage extends Window {
  readonly trafficId: number;
  readonly amounts: readonly (keyof Amounts)[];
  readonly periodSeconds: number;
  readonly settled: boolean;
}

/** What an identity bears of capacity in one minute; of a capacity's own also the whole of it, used or not. */
interface StoredCapacity {
  readonly identityId: number;
  readonly start: Instant;
  readonly cost: bigint | null;
  readonly whole?: Pick<CapacityUseRow, 'cost' | 'unitMs' | 'meteredUnitMs' | 'usedUnitMs'>;
}

/** A ledger as plain rows. */
export interface MemoryLedger {
  readonly calibrations?: readonly Calibration[];
  readonly capacities?: readonly CapacityIdentity[];
  readonly capacity?: readonly StoredCapacity[];
  readonly identities: readonly IdentityRow[];
  readonly amounts: readonly StoredAmounts[];
  readonly latency: readonly StoredLatency[];
  readonly coverage: readonly StoredCoverage[];
}

const grainMs: Readonly<Record<Grain, number>> = { minute: minuteMs, hour: hourMs, day: dayMs };

/** Answers from plain rows. Refuses what no real ledger promises: windows that are not aligned, identities it does not know. */
export function memoryReader(ledger: MemoryLedger): UsageReader {
  const reader: Omit<UsageReader, 'sums'> = {
    readUntil: async () => {
      const ends = [
        ...ledger.coverage.map(({ end }) => end),
        ...ledger.amounts.map(({ start, period }) => start + grainMs[period]),
      ];
      return ends.length === 0 ? null : Math.max(...ends);
    },
    identities: async () => ledger.identities,
    calibrations: async () => ledger.calibrations ?? [],
    coverageByTraffic: async (periodSeconds) =>
      new Map(
        [...new Set(ledger.identities.map(({ trafficId }) => trafficId))].map((trafficId) => [
          trafficId,
          coverageOf(ledger, trafficId, periodSeconds),
        ]),
      ),
    amounts: async (query) => {
      refuse(query, ledger);
      const buckets = new Map<string, AmountRow>();
      for (const row of ledger.amounts) {
        if (row.period === 'hour' && query.grain === 'minute') continue;
        if (!asked(row, query)) continue;
        const bucket = bucketOf(row.start, query);
        const key = `${row.identityId} ${bucket}`;
        const { identityId } = row;
        const known = buckets.get(key) ?? {
          identityId,
          bucket,
          peakTokens: null,
          ...nothing,
          ...noCost,
        };
        const amounts = sum(known, { ...nothing, ...row.amounts });
        buckets.set(key, { ...known, ...amounts, ...sumCosts(known, costsOf(row)) });
      }
      return [...buckets.values()];
    },
    latency: async (query) => {
      refuse(query, ledger);
      const buckets = new Map<string, StoredLatency[]>();
      for (const row of ledger.latency) {
        if (!asked(row, query)) continue;
        const key = `${row.identityId} ${row.phase} ${bucketOf(row.start, query)}`;
        buckets.set(key, [...(buckets.get(key) ?? []), row]);
      }
      return [...buckets.values()].flatMap((rows) => mergeLatency(rows, query));
    },
    capacities: async () => ledger.capacities ?? [],
    capacityCosts: async (query) =>
      (ledger.capacity ?? [])
        .filter((row) => asked(row, query))
        .map(({ identityId, start, cost }) => ({
          identityId,
          bucket: bucketOf(start, query),
          ...exactly(cost),
        })),
    capacityUse: async (query) =>
      (ledger.capacity ?? [])
        .filter((row) => asked(row, query))
        .flatMap(({ identityId, start, whole }) =>
          whole === undefined
            ? []
            : [{ identityId, bucket: bucketOf(start, query), ...whole, ...exactly(whole.cost) }],
        ),
  };
  return { ...reader, sums: sumsOver(reader) };
}

/** Sums by set from a reader's sums by identity. */
export function sumsOver({ amounts }: Pick<UsageReader, 'amounts'>): UsageReader['sums'] {
  return async ({ sets, ...query }) => {
    const pages = await Promise.all(
      sets.map(async (identityIds, set) => {
        const rows = identityIds.length === 0 ? [] : await amounts({ ...query, identityIds });
        const buckets = new Map<Instant, SumRow>();
        for (const { identityId: _, peakTokens: _peak, ...row } of rows) {
          const known = buckets.get(row.bucket);
          const both = known && { ...known, ...sum(known, row), ...sumCosts(known, row) };
          buckets.set(row.bucket, both ?? { set, ...row });
        }
        return [...buckets.values()];
      }),
    );
    return pages.flat();
  };
}

function exactly(cost: bigint | null): CostSums {
  return { cost, costLow: cost, costHigh: cost, unpricedTokens: 0 };
}

const nothing: Amounts = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: null,
  unsplitInput: null,
  requests: null,
  errors: null,
  throttles: null,
};

const noCost: CostSums = { cost: null, costLow: null, costHigh: null, unpricedTokens: 0 };

function costsOf({ amounts, cost, unpricedTokens }: StoredAmounts): CostSums {
  const { input, cacheRead, cacheWrite, output, unsplitInput } = amounts;
  const all = [input, cacheRead, cacheWrite, output, unsplitInput];
  const tokens = all.reduce<number>((total, count) => total + (count ?? 0), 0);
  if (cost === undefined) return { ...noCost, unpricedTokens: tokens };
  const { low, best, high } = cost;
  return { cost: best, costLow: low, costHigh: high, unpricedTokens: unpricedTokens ?? 0 };
}

function sumCosts(a: CostSums, b: CostSums): CostSums {
  const add = (x: bigint | null, y: bigint | null) => (x === null || y === null ? (x ?? y) : x + y);
  return {
    cost: add(a.cost, b.cost),
    costLow: add(a.costLow, b.costLow),
    costHigh: add(a.costHigh, b.costHigh),
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
  };
}

function refuse({ grain, window, identityIds }: AmountQuery, ledger: MemoryLedger): void {
  if (window.start % grainMs[grain] !== 0 || window.end % grainMs[grain] !== 0) {
    throw new RangeError(`${grain} window ${window.start}-${window.end} is not aligned`);
  }
  if (window.start >= window.end) throw new RangeError('the window is empty');
  const known = new Set(ledger.identities.map(({ id }) => id));
  if (identityIds.some((id) => !known.has(id))) throw new RangeError('an identity is not known');
}

function asked(
  row: { readonly identityId: number; readonly start: Instant },
  { window, identityIds }: CapacityQuery,
): boolean {
  return (
    row.start >= window.start && row.start < window.end && identityIds.includes(row.identityId)
  );
}

function bucketOf(start: Instant, { bucketMs, window }: CapacityQuery): Instant {
  return bucketMs === 0 ? window.start : floorTo(start, bucketMs);
}

function sum(a: Amounts, b: Amounts): Amounts {
  const entries = amountNames.map((name) => {
    const [x, y] = [a[name], b[name]];
    return [name, x === null || y === null ? (x ?? y) : x + y] as const;
  });
  return { ...nothing, ...Object.fromEntries(entries) };
}

function mergeLatency(rows: readonly StoredLatency[], query: AmountQuery): readonly LatencyRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const counts = rows.flatMap(({ count }) => (count === null ? [] : [count]));
  const means = rows.filter(({ avgMs }) => avgMs !== null);
  const meansWeight = means.reduce((total, row) => total + row.weight, 0);
  const weighted = means.reduce((total, row) => total + (row.avgMs ?? 0) * row.weight, 0);
  return [
    {
      identityId: first.identityId,
      phase: first.phase,
      bucket: bucketOf(first.start, query),
      count: counts.length < rows.length ? null : counts.reduce((total, n) => total + n, 0),
      weight: rows.reduce((total, row) => total + row.weight, 0),
      avgMs: means.length === 0 ? null : weighted / meansWeight,
      minMs: extreme(
        Math.min,
        rows.map(({ minMs }) => minMs),
      ),
      maxMs: extreme(
        Math.max,
        rows.map(({ maxMs }) => maxMs),
      ),
      p90Ms: rows.length === 1 ? first.p90Ms : null,
    },
  ];
}

function extreme(
  pick: (...values: readonly number[]) => number,
  values: readonly (number | null)[],
): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : pick(...known);
}

function coverageOf(
  { coverage }: MemoryLedger,
  trafficId: number,
  periodSeconds: number,
): TrafficCoverage {
  const read = coverage.filter(
    (span) => span.trafficId === trafficId && span.periodSeconds <= periodSeconds,
  );
  const of = (name: keyof Amounts) => union(read.filter(({ amounts }) => amounts.includes(name)));
  return {
    covered: {
      input: of('input'),
      cacheRead: of('cacheRead'),
      cacheWrite: of('cacheWrite'),
      output: of('output'),
      unsplitInput: of('unsplitInput'),
      requests: of('requests'),
      errors: of('errors'),
      throttles: of('throttles'),
    },
    settled: union(read.filter(({ settled }) => settled)),
  };
}

/** An identity with a value for everything, to be changed where a test cares. */
export function identityRow(change: Partial<IdentityRow> & { readonly id: number }): IdentityRow {
  return {
    trafficId: change.id,
    cloud: 'aws',
    account: '111122223333',
    region: 'us-east-1',
    resource: '',
    endpoint: 'runtime',
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
    model: 'anthropic/claude-sonnet-4.6',
    modelVersion: '20260217',
    vendorModel: 'anthropic.claude-sonnet-4-6-v1:0',
    deployment: '',
    routing: 'in_region',
    tier: 'standard',
    family: 'anthropic',
    confidence: 'parsed',
    tags: {},
    assumed: false,
    reports: new Set(amountNames),
    ...change,
  };
}

/** A traffic looked at by every meter. */
export function coveredSpan(
  trafficId: number,
  window: Window,
  change: Partial<StoredCoverage> = {},
): StoredCoverage {
  return {
    trafficId,
    ...window,
    amounts: amountNames,
    periodSeconds: 60,
    settled: true,
    ...change,
  };
}
