import type { Phase } from '../core/meter.ts';
import type { LatencyRow, UsageReader } from '../core/store.ts';
import { isoUtc } from '../core/time.ts';
import { select } from './groups.ts';
import type { Selection } from './groups.ts';
import { bucketAt, bucketStart } from './plan.ts';
import { segmentQueries } from './segments.ts';
import { checkRows, mostRows } from './too-many-rows.ts';

export type LatencyQuery = Selection;

interface LatencyFigures {
  /** `request`: until the last token; `first_token`: until the first. */
  readonly phase: Phase;
  /** Null where a contributor gives no count. */
  readonly count: number | null;
  /** Weighted by count, or where the cloud gives none by the requests of the same minute. */
  readonly avg_ms: number | null;
  readonly min_ms: number | null;
  readonly max_ms: number | null;
  /** Null where more than one reading is in the row: percentiles are never merged. */
  readonly p90_ms: number | null;
}

/** A column of `groupBy` each between the time and the phase. */
export type LatencyDataRow = { readonly time: string } & LatencyFigures &
  Readonly<Record<string, string | number | null>>;

const phases = ['first_token', 'request'] as const satisfies readonly Phase[];

/**
 * Latency by bucket, group and phase. A group × phase that has readings in the range has a row in every bucket, of nulls
 * where there are none; one without any has no rows. Ordered by time, group values, phase.
 * Throws a TooManyRowsError, before anything but the identities is read where even one phase would be too many.
 */
export async function queryLatency(
  reader: UsageReader,
  query: LatencyQuery,
): Promise<readonly LatencyDataRow[]> {
  const [identities, readUntil] = await Promise.all([reader.identities(), reader.readUntil()]);
  const selected = select(identities, query, readUntil);
  const { plan, groups, groupOf } = selected;
  const maxRows = query.maxRows ?? mostRows;
  checkRows(plan, groups.length, maxRows);
  const sums: (LatencySum | undefined)[] = [];
  const series = new Set<number>();
  const add = (row: LatencyRow) => {
    const group = groupOf.get(row.identityId);
    if (group === undefined) return;
    const own = seriesOf(group, row.phase);
    const key = own * plan.buckets + bucketAt(plan, row.bucket);
    const sum = sums[key];
    if (sum !== undefined) return addRow(sum, row);
    series.add(own);
    sums[key] = firstOf(row);
  };
  for (const segment of segmentQueries(selected)) {
    if (reader.eachLatency !== undefined) await reader.eachLatency(segment, add);
    else for (const row of await reader.latency(segment)) add(row);
  }
  checkRows(plan, series.size, maxRows);

  const rows: LatencyDataRow[] = [];
  for (let bucket = 0; bucket < plan.buckets; bucket += 1) {
    const time = isoUtc(bucketStart(plan, bucket));
    for (const [group, { columns }] of groups.entries()) {
      for (const phase of phases) {
        const own = seriesOf(group, phase);
        if (!series.has(own)) continue;
        const merged = figuresOf(phase, sums[own * plan.buckets + bucket]);
        rows.push({ time, ...columns, ...merged });
      }
    }
  }
  return rows;
}

/** A number makes a cheaper key than text: there are as many rows as identities and hours. */
function seriesOf(group: number, phase: Phase): number {
  return group * 2 + (phase === 'request' ? 1 : 0);
}

/** What rows come to, each added in its turn. */
interface LatencySum {
  rows: number;
  /** Null unless every contributor tells, like the two that follow: the least of some is not the least of all. */
  count: number | null;
  least: number | null;
  greatest: number | null;
  /** Of the first one. */
  readonly p90: number | null;
  /** Those that tell a mean. */
  telling: number;
  only: number | null;
  weight: number;
  weighted: number;
}

function firstOf({ count, avgMs, weight, minMs, maxMs, p90Ms }: LatencyRow): LatencySum {
  const isTelling = avgMs !== null;
  return {
    rows: 1,
    count,
    least: minMs,
    greatest: maxMs,
    p90: p90Ms,
    telling: isTelling ? 1 : 0,
    only: avgMs,
    weight: isTelling ? weight : 0,
    weighted: isTelling ? avgMs * weight : 0,
  };
}

function addRow(sum: LatencySum, { count, avgMs, weight, minMs, maxMs }: LatencyRow): void {
  sum.rows += 1;
  sum.count = sum.count === null || count === null ? null : sum.count + count;
  sum.least = sum.least === null || minMs === null ? null : Math.min(sum.least, minMs);
  sum.greatest = sum.greatest === null || maxMs === null ? null : Math.max(sum.greatest, maxMs);
  if (avgMs === null) return;
  sum.telling += 1;
  sum.only = avgMs;
  sum.weight += weight;
  sum.weighted += avgMs * weight;
}

function figuresOf(phase: Phase, sum: LatencySum | undefined): LatencyFigures {
  if (sum === undefined) return { phase, ...nothing };
  const { rows, count, least, greatest, p90 } = sum;
  const figures = { phase, count, avg_ms: mean(sum), min_ms: least, max_ms: greatest };
  return { ...figures, p90_ms: rows === 1 ? p90 : null };
}

const nothing = { count: null, avg_ms: null, min_ms: null, max_ms: null, p90_ms: null };

function mean({ telling, only, weight, weighted }: LatencySum): number | null {
  if (telling === 1) return only;
  return weight === 0 ? null : weighted / weight;
}
