import type { FacetKey } from '../../agent/core/reading.ts';
import type { Window } from '../../agent/core/time.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { split } from '../../agent/core/window.ts';
import type { Amounts, DerivedRow, Interpretation, SeriesColumn } from '../../agent/core/usage.ts';
import { amountColumns, amountsFrom, costColumns } from './amount-columns.ts';
import type { AmountRecord, CostRecord } from './amount-columns.ts';
import type { Db } from './database.ts';
import type { HeldSums } from './held.ts';
import { identityAt } from './identities.ts';
import type { Identities, KnownIdentity } from './identities.ts';
import { openManyRows } from './many-rows.ts';
import type { ReadingStore, SeriesSums } from './readings.ts';
import type { CostValues, Rating } from './rating.ts';
import type { KnownTraffic, Registry } from './registry.ts';

/** The partition by minute, kept equal to what the readings of the moment derive to. */
export interface UsageStore {
  /**
   * Derives the traffic's minutes of the window anew; what changed is in the file after `flush`. Returns how many rows.
   * @param held sums that need not be read for it; all of the window's are among them
   */
  derive(trafficId: number, window: Window, held?: HeldSums): number;
  /** Rates the traffic's minutes of the window anew, whose amounts stay. Returns how many changed; `flush` as above. */
  rate(trafficId: number, window: Window): number;
  flush(): void;
  /** Rows the traffic's hour-long readings derive to, for hours the minutes do not cover. */
  ofHours(trafficId: number, window: Window): readonly IdentifiedRow[];
}

interface StoredMinute extends AmountRecord, CostRecord {
  readonly minute: number;
  readonly violation: number;
}

/** An identity's stored minutes in order, and the first that nothing derived was held against. */
interface Before {
  readonly rows: readonly (readonly number[])[];
  next: number;
}

/** A row and whose it is. */
export interface IdentifiedRow {
  readonly row: DerivedRow;
  readonly identity: KnownIdentity;
}

export function openUsage(
  db: Db,
  registry: Registry,
  readings: ReadingStore,
  identities: Identities,
  interpretation: Interpretation,
  rating: Rating,
): UsageStore {
  const columns = [...amountColumns, 'violation', ...costColumns];
  const existing = db
    .prepare<[number, number, number], readonly number[]>(
      `SELECT minute, ${columns.join(', ')} FROM usage_minute
       WHERE identity_id = ? AND minute >= ? AND minute < ? ORDER BY minute`,
    )
    .raw();
  const stored = db.prepare<[number, number, number], StoredMinute>(
    'SELECT * FROM usage_minute WHERE identity_id = ? AND minute >= ? AND minute < ?',
  );
  const upsertOf = (told: readonly string[]) =>
    openManyRows(
      db,
      2 + told.length,
      (rows) =>
        `INSERT INTO usage_minute (identity_id, minute, ${told.join(', ')}) VALUES ${rows}
         ON CONFLICT (identity_id, minute) DO UPDATE SET
           ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    );
  const rated = upsertOf(columns);
  /** Without costs: every value that is bound costs. */
  const unrated = upsertOf([...amountColumns, 'violation']);
  const remove = db.prepare('DELETE FROM usage_minute WHERE identity_id = ? AND minute = ?');

  function derived(
    trafficId: number,
    window: Window,
    periodSeconds: number,
    held: HeldSums,
  ): readonly IdentifiedRow[] {
    const stepMs = periodSeconds * 1_000;
    const grid = { start: window.start, stepMs, periods: (window.end - window.start) / stepMs };
    const series = registry
      .traffic(trafficId)
      .series.filter((one) => one.measure.kind === 'tokens' || one.measure.kind === 'requests');
    const sumsById = new Map<number, SeriesColumn>();
    for (const { id } of series) {
      const sums = held.get(id) ?? readings.sums(id, periodSeconds, window);
      const column = columnOf(sums, window, stepMs, grid.periods);
      if (column !== undefined) sumsById.set(id, column);
    }
    const spans = new Map<FacetKey, readonly KnownIdentity[]>();
    let last: FacetKey | undefined;
    let ofLast: readonly KnownIdentity[] = [];
    const identityOf = (facet: FacetKey, at: number) => {
      if (facet !== last) {
        last = facet;
        ofLast = spans.get(facet) ?? identities.waitingOf(trafficId, facet);
        spans.set(facet, ofLast);
      }
      return identityAt(ofLast, at);
    };
    const rows = interpretation.derive(
      series,
      grid,
      (id) => sumsById.get(id),
      (facet, at) => identityOf(facet, at).family,
    );
    return rows.map((row) => ({ row, identity: identityOf(row.facet, row.start) }));
  }

  function keep(
    identityId: number,
    start: number,
    amounts: Amounts,
    violation: boolean,
    costs: CostValues,
  ): void {
    const cost = costs[0];
    const low = costs[1];
    const high = costs[2];
    const unpriced = costs[3];
    const isRated = cost !== null || low !== null || high !== null || unpriced !== null;
    const put = isRated ? rated : unrated;
    put.value(identityId);
    put.value(start / minuteMs);
    put.value(amounts.input);
    put.value(amounts.cacheRead);
    put.value(amounts.cacheWrite);
    put.value(amounts.output);
    put.value(amounts.unsplitInput);
    put.value(amounts.requests);
    put.value(amounts.errors);
    put.value(amounts.throttles);
    put.value(violation ? 1 : 0);
    if (!isRated) return;
    put.value(cost);
    put.value(low);
    put.value(high);
    put.value(unpriced);
  }

  function deriveDay(trafficId: number, window: Window, held: HeldSums): number {
    const traffic = registry.traffic(trafficId);
    const rows = derived(trafficId, window, 60, held);
    const before = new Map<number, Before>();
    for (const id of identities.idsOf(trafficId)) {
      const found = existing.all(id, window.start / minuteMs, window.end / minuteMs);
      if (found.length > 0) before.set(id, { rows: found, next: 0 });
    }
    let changed = 0;
    for (const { row, identity } of rows) {
      const { start, amounts, violation } = row;
      const costs = rating.of(traffic, identity, { start, periodSeconds: 60, amounts, held });
      const known = before.get(identity.id);
      if (known !== undefined) {
        const minute = start / minuteMs;
        changed += removeUntil(identity.id, known, minute);
        const old = known.rows[known.next];
        if (old?.[0] === minute) {
          known.next += 1;
          if (isSame(old, row, costs)) continue;
        }
      }
      keep(identity.id, start, amounts, violation, costs);
      changed += 1;
    }
    for (const [id, rest] of before) changed += removeUntil(id, rest, Number.POSITIVE_INFINITY);
    return changed;
  }

  /** What was stored of the minutes before that one and nothing derives to any more. Returns how many. */
  function removeUntil(identityId: number, before: Before, end: number): number {
    let removed = 0;
    for (;;) {
      const minute = before.rows[before.next]?.[0];
      if (minute === undefined || minute >= end) return removed;
      remove.run(identityId, minute);
      before.next += 1;
      removed += 1;
    }
  }

  function rateAll(traffic: KnownTraffic, identity: KnownIdentity, window: Window): number {
    let changed = 0;
    const found = stored.all(identity.id, window.start / minuteMs, window.end / minuteMs);
    for (const row of found) {
      const start = row.minute * minuteMs;
      const amounts = amountsFrom(row);
      const costs = rating.of(traffic, identity, { start, periodSeconds: 60, amounts });
      if (costColumns.every((name, i) => row[name] === costs[i])) continue;
      keep(identity.id, start, amounts, row.violation === 1, costs);
      changed += 1;
    }
    return changed;
  }

  return {
    rate(trafficId, window) {
      const traffic = registry.traffic(trafficId);
      const days = split(window, dayMs);
      return identities
        .all(trafficId)
        .flatMap((identity) => days.map((day) => rateAll(traffic, identity, day)))
        .reduce((sum, changed) => sum + changed, 0);
    },
    derive: (trafficId, window, held = new Map()) =>
      split(window, dayMs).reduce((sum, day) => sum + deriveDay(trafficId, day, held), 0),
    flush() {
      identities.flush();
      rated.flush();
      unrated.flush();
    },
    ofHours(trafficId, { start, end }) {
      const hours = { start: floorTo(start, hourMs), end };
      const rows = derived(trafficId, hours, 3_600, new Map());
      identities.flush();
      return rows;
    },
  };
}

/** Whether a stored row says what was derived: its minute, amounts, violation and costs, in the order of the table. */
function isSame(
  stored: readonly number[],
  { amounts, violation }: DerivedRow,
  costs: CostValues,
): boolean {
  return (
    stored[1] === amounts.input &&
    stored[2] === amounts.cacheRead &&
    stored[3] === amounts.cacheWrite &&
    stored[4] === amounts.output &&
    stored[5] === amounts.unsplitInput &&
    stored[6] === amounts.requests &&
    stored[7] === amounts.errors &&
    stored[8] === amounts.throttles &&
    stored[9] === (violation ? 1 : 0) &&
    stored[10] === costs[0] &&
    stored[11] === costs[1] &&
    stored[12] === costs[2] &&
    stored[13] === costs[3]
  );
}

/** Whether every period of the grid, and no other, has a sum: then they are the column, and nothing is copied. */
function isDense(
  starts: SeriesSums['starts'],
  sums: SeriesSums['sums'],
  first: number,
  stepMs: number,
  periods: number,
): sums is readonly number[] {
  if (starts.length !== periods || sums.length !== periods) return false;
  for (let i = 0; i < periods; i += 1) {
    if (sums[i] === null || starts[i] !== first + i * stepMs) return false;
  }
  return periods > 0;
}

/** Sums by period of the window; undefined where there are none. */
function columnOf(
  { starts, sums }: SeriesSums,
  window: Window,
  stepMs: number,
  periods: number,
): SeriesColumn | undefined {
  if (isDense(starts, sums, window.start, stepMs, periods)) return sums;
  let column: number[] | undefined;
  for (let i = 0; i < starts.length; i += 1) {
    const sum = sums[i] ?? null;
    const at = ((starts[i] as number) - window.start) / stepMs;
    if (sum === null || at < 0 || at >= periods) continue;
    column ??= Array<number>(periods).fill(Number.NaN);
    column[at] = sum;
  }
  return column;
}
