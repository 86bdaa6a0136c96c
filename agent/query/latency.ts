import type { Phase } from '../core/meter.ts';
import type { LatencyRow, UsageReader } from '../core/store.ts';
import { isoUtc } from '../core/time.ts';
import { select } from './groups.ts';
import type { Selection } from './groups.ts';
import { bucketAt, bucketStart } from './plan.ts';
import { readSegments } from './segments.ts';
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
  const selected = select(await reader.identities(), query);
  const { plan, groups, groupOf } = selected;
  const maxRows = query.maxRows ?? mostRows;
  checkRows(plan, groups.length, maxRows);
  const contributors = new Map<number, LatencyRow[]>();
  const series = new Set<number>();
  const pages = await readSegments(selected, (segment) => reader.latency(segment));
  for (const row of pages.flat()) {
    const group = groupOf.get(row.identityId);
    if (group === undefined) continue;
    const own = seriesOf(group, row.phase);
    const key = own * plan.buckets + bucketAt(plan, row.bucket);
    series.add(own);
    const known = contributors.get(key);
    if (known === undefined) contributors.set(key, [row]);
    else known.push(row);
  }
  checkRows(plan, series.size, maxRows);

  const rows: LatencyDataRow[] = [];
  for (let bucket = 0; bucket < plan.buckets; bucket += 1) {
    const time = isoUtc(bucketStart(plan, bucket));
    for (const [group, { columns }] of groups.entries()) {
      for (const phase of phases) {
        const own = seriesOf(group, phase);
        if (!series.has(own)) continue;
        const merged = merge(phase, contributors.get(own * plan.buckets + bucket) ?? []);
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
function merge(phase: Phase, rows: readonly LatencyRow[]): LatencyFigures {
  const [only] = rows;
  if (only === undefined) return { phase, ...nothing };
  if (rows.length === 1) {
    const { count, avgMs, minMs, maxMs, p90Ms } = only;
    return { phase, count, avg_ms: avgMs, min_ms: minMs, max_ms: maxMs, p90_ms: p90Ms };
  }
  // Null unless every contributor tells: the least of some is not the least of all.
  let count: number | null = 0;
  let least: number | null = Infinity;
  let greatest: number | null = -Infinity;
  for (const row of rows) {
    count = count === null || row.count === null ? null : count + row.count;
    least = least === null || row.minMs === null ? null : Math.min(least, row.minMs);
    greatest = greatest === null || row.maxMs === null ? null : Math.max(greatest, row.maxMs);
  }
  return { phase, count, avg_ms: mean(rows), min_ms: least, max_ms: greatest, p90_ms: null };
}

const nothing = { count: null, avg_ms: null, min_ms: null, max_ms: null, p90_ms: null };

function mean(rows: readonly LatencyRow[]): number | null {
  let telling = 0;
  let only: number | null = null;
  let weight = 0;
  let weighted = 0;
  for (const row of rows) {
    if (row.avgMs === null) continue;
    telling += 1;
    only = row.avgMs;
    weight += row.weight;
    weighted += row.avgMs * row.weight;
  }
  if (telling === 1) return only;
  return weight === 0 ? null : weighted / weight;
}
