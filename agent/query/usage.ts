import type { UsageReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { calibratedOver } from './calibrated.ts';
import { bearersOf, readCapacityCosts } from './capacity-costs.ts';
import { usdOf } from './costs.ts';
import { learn, readCoverage } from './coverage.ts';
import { select } from './groups.ts';
import type { Selection } from './groups.ts';
import { readSums, setsOf } from './sum-sets.ts';
import { checkRows, mostRows } from './too-many-rows.ts';
import { wantedOf } from './usage-columns.ts';
import { rowsOf } from './usage-rows.ts';
import type { UsageCut, UsageRow } from './usage-rows.ts';
import { addUp } from './usage-sums.ts';

export { usageColumns } from './usage-columns.ts';
export type { UsageRow } from './usage-rows.ts';

export type UsageQuery = Selection;

export interface UsageResult<Row = UsageRow> {
  /** By time, then by group values. */
  readonly rows: readonly Row[];
  /** The end of the newest span of the range that was looked at; null where none was. */
  readonly newest: Instant | null;
  /** Of the costs of all rows, capacity that nobody used; null where none is known. */
  readonly idleUsd: number | null;
}

/**
 * Tokens and requests by bucket and group: every combination of group values that the range knows × every bucket.
 * Buckets are epoch-aligned and clipped to the range, so they add up to its total. Provisioned capacity is among the costs, at
 * list price: whoever used it bears a share by tokens, and the deployment itself what stood idle.
 * Throws a TooManyRowsError before anything but the identities is read.
 */
export function queryUsage(reader: UsageReader, query: UsageQuery): Promise<UsageResult>;
/** @param columns of `usageColumns` the only ones that rows have, in their order, which are made for less; empty: all */
export function queryUsage(
  reader: UsageReader,
  query: UsageQuery,
  columns: ReadonlySet<string>,
): Promise<UsageResult<UsageCut>>;
export async function queryUsage(
  reader: UsageReader,
  query: UsageQuery,
  columns: ReadonlySet<string> = new Set(),
): Promise<UsageResult<UsageCut>> {
  const [identities, capacities, readUntil] = await Promise.all([
    reader.identities(),
    reader.capacities(),
    reader.readUntil(),
  ]);
  const bearers = bearersOf(identities, capacities);
  const selected = select(bearers.all, query, readUntil);
  checkRows(selected.plan, selected.groups.length, query.maxRows ?? mostRows);
  const metered = bearers.metered(selected);
  const wanted = wantedOf(columns);
  // Coverage first: what is read while sums are is in the sums at most, where it does no harm.
  const [layers, capacity, calibrations] = await Promise.all([
    readCoverage(reader, selected.plan),
    readCapacityCosts(reader, selected, capacities),
    reader.calibrations(),
  ]);
  const calibrated = calibratedOver(identities, calibrations);
  const sets = setsOf(metered, calibrated);
  const pages = await readSums(reader, selected.plan, sets, wanted.figures);
  const knowledge = learn(metered, layers, wanted.amounts);
  const sums = addUp(selected, wanted, sets, pages, capacity, calibrated);
  const rows = rowsOf(selected, wanted, sums, knowledge);
  return { rows, newest: knowledge.newest, idleUsd: usdOf(capacity.idle) };
}
