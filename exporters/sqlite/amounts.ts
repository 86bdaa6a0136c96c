import { setImmediate } from 'node:timers/promises';
import type { AmountQuery, AmountRow, Grain, SumQuery, SumRow } from '../../agent/core/store.ts';
import { addKnown } from '../../agent/core/money.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { split } from '../../agent/core/window.ts';
import { amountNames } from '../../agent/core/usage.ts';
import { amountColumns, costColumns, costsFrom, costSums, tokensOfRow } from './amount-columns.ts';
import { amountsFrom } from './amount-columns.ts';
import type { AmountRecord, CostRecord } from './amount-columns.ts';
import type { Db } from './database.ts';

export const grainTables = {
  minute: 'usage_minute',
  hour: 'usage_hour',
  day: 'usage_day',
} as const;

/** A figure beyond what a double holds exactly: the question is answered the slow way. */
export class InexactError extends Error {}

/** Rows that are read before others have their turn: some milliseconds. */
const rowsAtOnce = 4_000;

/** Sums by identity and bucket. Lets other work through while it reads. */
export function openAmounts(db: Db): (query: AmountQuery) => Promise<readonly AmountRow[]> {
  const statements = new Map<Grain, ReturnType<typeof prepare>>();

  function prepare(grain: Grain) {
    const range = `FROM ${grainTables[grain]} WHERE identity_id = ? AND minute >= ? AND minute < ?`;
    const peak = grain === 'minute' ? tokensOfRow : 'peak_tokens';
    const unpriced = `coalesce(unpriced, ${tokensOfRow})`;
    const figures = [...amountColumns, 'cost', 'cost_low', 'cost_high', unpriced];
    const sums = figures.map((figure) => `sum(${figure})`).join(', ');
    type Range = [number, number, number];
    return {
      rows: db
        .prepare<Range, StoredRow>(`SELECT minute, ${figures.join(', ')}, ${peak} ${range}`)
        .raw(),
      sum: db.prepare<Range, StoredRow>(`SELECT count(*), ${sums}, max(${peak}) ${range}`).raw(),
    };
  }

  /** Buckets of an identity, or undefined where more than one row is in each of several. */
  function readOne(identityId: number, query: AmountQuery): AmountRow[] {
    const { grain, window, bucketMs } = query;
    const known = statements.get(grain) ?? prepare(grain);
    statements.set(grain, known);
    const [start, end] = [window.start / minuteMs, window.end / minuteMs];
    if (bucketMs === grainMs[grain]) {
      return known.rows
        .all(identityId, start, end)
        .map((row) => rowFrom(row, identityId, (row[0] as number) * minuteMs));
    }
    const rows: AmountRow[] = [];
    for (const one of bucketMs === 0 ? [window] : split(window, bucketMs)) {
      const row = known.sum.get(identityId, one.start / minuteMs, one.end / minuteMs);
      if (row === undefined || row[0] === 0) continue;
      const bucket = bucketMs === 0 ? window.start : floorTo(one.start, bucketMs);
      rows.push(rowFrom(row, identityId, bucket));
    }
    return rows;
  }

  return async (query) => {
    const found: AmountRow[] = [];
    let turn = 0;
    try {
      for (const identityId of query.identityIds) {
        const rows = readOne(identityId, query);
        for (const row of rows) found.push(row);
        turn += rows.length * 3 + 10;
        if (turn < rowsAtOnce) continue;
        turn = 0;
        await setImmediate();
      }
      return found;
    } catch (error) {
      if (error instanceof InexactError) return readExactly(db, query);
      throw error;
    }
  };
}

const grainMs: Readonly<Record<Grain, number>> = { minute: minuteMs, hour: hourMs, day: dayMs };

/** A minute or a count, the figures in the order of the tables, the peak. */
type StoredRow = readonly (number | null)[];

function rowFrom(row: StoredRow, identityId: number, bucket: Instant): AmountRow {
  return {
    identityId,
    bucket,
    input: row[1] ?? null,
    cacheRead: row[2] ?? null,
    cacheWrite: row[3] ?? null,
    output: row[4] ?? null,
    unsplitInput: row[5] ?? null,
    requests: row[6] ?? null,
    errors: row[7] ?? null,
    throttles: row[8] ?? null,
    peakTokens: row[13] ?? null,
    cost: exact(row[9]),
    costLow: exact(row[10]),
    costHigh: exact(row[11]),
    unpricedTokens: row[12] ?? 0,
  };
}

function exact(nanoUsd: number | null | undefined): bigint | null {
  if (nanoUsd === null || nanoUsd === undefined) return null;
  if (nanoUsd > Number.MAX_SAFE_INTEGER) throw new InexactError();
  return BigInt(nanoUsd);
}

type Stored<Numbers> = { readonly [Name in keyof Numbers]: bigint | null };

/** Every number is a bigint: money must stay exact. */
interface SumRecord extends Stored<AmountRecord>, Stored<CostRecord> {
  readonly identity_id: bigint;
  readonly bucket: bigint;
  readonly peak: bigint | null;
}

const sums = [
  ...amountColumns.map((name) => `sum(${name}) AS ${name}`),
  ...costColumns.map((name, i) => `${costSums[i]} AS ${name}`),
].join(', ');

/** Whatever the sums come to: every number is a bigint. */
function readExactly(db: Db, query: AmountQuery): readonly AmountRow[] {
  const start = query.window.start / minuteMs;
  const step = query.bucketMs / minuteMs;
  const bucket = step === 0 ? String(start) : `minute / ${step} * ${step}`;
  const peak = query.grain === 'minute' ? `max(${tokensOfRow})` : 'max(peak_tokens)';
  const rows = db
    .prepare(
      `SELECT identity_id, ${bucket} AS bucket, ${sums}, ${peak} AS peak
       FROM ${grainTables[query.grain]}
       WHERE identity_id IN (SELECT value FROM json_each(?)) AND minute >= ? AND minute < ?
       GROUP BY 1, 2`,
    )
    .safeIntegers(true)
    .all(JSON.stringify(query.identityIds), start, query.window.end / minuteMs) as SumRecord[];
  return rows.map((row) => ({
    identityId: Number(row.identity_id),
    bucket: Number(row.bucket) * minuteMs,
    ...amountsFrom(numbersOf(row)),
    peakTokens: numberOf(row.peak),
    ...costsFrom(row),
  }));
}

function numbersOf(row: Stored<AmountRecord>): AmountRecord {
  return {
    input: numberOf(row.input),
    cache_read: numberOf(row.cache_read),
    cache_write: numberOf(row.cache_write),
    output: numberOf(row.output),
    unsplit_input: numberOf(row.unsplit_input),
    requests: numberOf(row.requests),
    errors: numberOf(row.errors),
    throttles: numberOf(row.throttles),
  };
}

function numberOf(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}

/** Whatever the sums come to. */
export function exactSums(db: Db, { sets, ...query }: SumQuery): readonly SumRow[] {
  return sets.flatMap((identityIds, set) => {
    const buckets = new Map<number, SumRow>();
    for (const { identityId: _, peakTokens: _peak, ...row } of readExactly(db, {
      ...query,
      identityIds,
    })) {
      const known = buckets.get(row.bucket);
      buckets.set(row.bucket, known === undefined ? { set, ...row } : bothOf(known, row));
    }
    return [...buckets.values()];
  });
}

function bothOf(known: SumRow, row: Omit<SumRow, 'set'>): SumRow {
  const sum = { ...known };
  for (const name of amountNames) {
    const [a, b] = [known[name], row[name]];
    Object.assign(sum, { [name]: a === null || b === null ? (a ?? b) : a + b });
  }
  return {
    ...sum,
    cost: addKnown(known.cost, row.cost),
    costLow: addKnown(known.costLow, row.costLow),
    costHigh: addKnown(known.costHigh, row.costHigh),
    unpricedTokens: known.unpricedTokens + row.unpricedTokens,
  };
}
