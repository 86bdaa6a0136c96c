import { setImmediate } from 'node:timers/promises';
import type { Grain, LedgerRetention, SumQuery, SumRow, SumTable } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, minuteMs } from '../../agent/core/time.ts';
import { amountColumns, tokensOfRow } from './amount-columns.ts';
import { exactSums, grainTables, InexactError } from './amounts.ts';
import { openRefresh } from './fresh-memory.ts';
import type { FreshParts } from './fresh-memory.ts';
import { createBlock, createSlots } from './sum-blocks.ts';
import type { Block } from './sum-blocks.ts';
import { grainMinutes, partsAhead, partsOf } from './sum-parts.ts';
import type { SumPart } from './sum-parts.ts';

/** Sums over many identities. What was read stays in memory for the next question, as long as it is asked for. */
export interface Sums {
  sums(query: SumQuery): Promise<readonly SumRow[]>;
  /** Null where a number would not be exact. */
  sumTable(query: SumQuery): Promise<SumTable | null>;
  /** Rows that were given up for their age are in the file no more. */
  aged(now: Instant, retention: LedgerRetention): void;
}

const figures = [...amountColumns, 'cost', 'cost_low', 'cost_high', 'unpriced'] as const;
const width = figures.length;
const unpriced = `coalesce(unpriced, ${tokensOfRow})`;
const valueOf = (name: string) => (name === 'unpriced' ? unpriced : name);
const plain = figures.map(valueOf).join(', ');
const added = figures.map((name) => `sum(${valueOf(name)})`).join(', ');

const mostBytes = 32 * 1_024 * 1_024;
/** Nobody asked for so long: the memory is worth more to others. */
const keptMs = 300_000;
/** Rows that are read before others have their turn: some milliseconds. */
const rowsAtOnce = 4_000;
/** Rows that a question which finds all it asks for reads for those of the next minutes: a millisecond or two. */
const rowsAhead = 1_200;

type Sets = SumQuery['sets'];

export function openSums(parts: FreshParts): Sums {
  const { db } = parts;
  const statements = new Map<string, ReturnType<typeof prepare>>();
  /** In the order of their last use. */
  const blocks = new Map<string, Block>();
  let slots = createSlots();
  /** Of lists of sets of one. */
  let slotsOfOnes = new WeakMap<Sets, Int32Array>();
  let drop: NodeJS.Timeout | undefined;

  function prepare(grain: Grain) {
    const where = `FROM ${grainTables[grain]} WHERE identity_id IN (SELECT value FROM json_each(?))
       AND minute >= ? AND minute < ?`;
    const rows = `SELECT identity_id, minute, ${plain} ${where}`;
    const sums = `SELECT identity_id, ${added} ${where} GROUP BY 1`;
    return {
      rows: db.prepare<[string, number, number], (number | null)[]>(rows).raw(),
      sums: db.prepare<[string, number, number], (number | null)[]>(sums).raw(),
    };
  }

  function statementsOf(grain: Grain) {
    const known = statements.get(grain) ?? prepare(grain);
    statements.set(grain, known);
    return known;
  }

  function forgetAll(): void {
    blocks.clear();
    slots = createSlots();
    slotsOfOnes = new WeakMap();
  }

  const refresh = openRefresh(parts, {
    isEmpty: () => blocks.size === 0,
    forgetAll,
    forget(_, ids, start, end) {
      const dayStart = floorTo(start, dayMs / minuteMs);
      const dayEnd = ceilTo(end, dayMs / minuteMs);
      for (const block of blocks.values()) {
        const [from, to] = block.grain === 'minute' ? [start, end] : [dayStart, dayEnd];
        if (block.start < to && block.end > from) block.forget(ids);
      }
    },
  });

  function blockOf(grain: Grain, { start, end, step }: SumPart): Block {
    const key = `${grain} ${start} ${end} ${step}`;
    const block = blocks.get(key) ?? createBlock({ grain, start, end, step }, width, slots);
    blocks.delete(key);
    blocks.set(key, block);
    return block;
  }

  /** Undefined where a set has not one member. */
  function slotsOf(sets: Sets): Int32Array | undefined {
    const known = slotsOfOnes.get(sets);
    if (known !== undefined || sets.some((ids) => ids.length !== 1)) return known;
    const made = Int32Array.from(sets, ([id]) => slots.of(id ?? 0));
    slotsOfOnes.set(sets, made);
    return made;
  }

  function trim(): void {
    let bytes = 0;
    for (const block of blocks.values()) bytes += block.bytes();
    for (const [key, block] of blocks) {
      if (bytes <= mostBytes) break;
      bytes -= block.bytes();
      blocks.delete(key);
    }
    clearTimeout(drop);
    drop = setTimeout(forgetAll, keptMs).unref();
  }

  /** Reads what is missing, as far as there is time. Returns how many rows may have been looked at. */
  function read(block: Block, missing: readonly number[], rowsLeft: number): number {
    const { rows, sums } = statementsOf(block.grain);
    const { grain, start, end, step } = block;
    const isSum = block.periods === 1;
    // A row by itself costs thrice what one among others does.
    const rowsOfOne = ((end - start) / grainMinutes[grain]) * (isSum ? 1 : 3) + 10;
    const ids = missing.slice(0, Math.max(1, Math.floor(rowsLeft / rowsOfOne)));
    const found = (isSum ? sums : rows).all(JSON.stringify(ids), start, end);
    for (const row of found) {
      const id = row[0] as number;
      if (isSum) block.put(id, 0, row, 1);
      else block.put(id, ((row[1] as number) - start) / step, row, 2);
    }
    for (const id of ids) block.close(id);
    return ids.length * rowsOfOne;
  }

  /**
   * Others may have asked for the block, or changed it, while a part of it was read.
   * @param use what to do with it once it is whole, before others have their turn
   */
  async function withBlock(
    { grain, sets }: SumQuery,
    part: SumPart,
    turn: { rows: number; hasRead: boolean },
    use: (block: Block) => void,
  ): Promise<void> {
    for (;;) {
      refresh();
      const block = blockOf(grain, part);
      const missing = block.missing(sets);
      if (missing.length === 0) return use(block);
      turn.hasRead = true;
      turn.rows += read(block, missing, rowsAtOnce - turn.rows);
      if (turn.rows < rowsAtOnce) continue;
      turn.rows = 0;
      await setImmediate();
    }
  }

  /** So that no question waits for all that is new at the start of its range. */
  function readAhead(sets: Sets, ahead: readonly SumPart[]): void {
    let rowsLeft = rowsAhead;
    try {
      for (const part of ahead) {
        if (rowsLeft <= 0) break;
        const block = blockOf('minute', part);
        const missing = block.missing(sets);
        if (missing.length > 0) rowsLeft -= read(block, missing, rowsLeft);
      }
    } catch (error) {
      // Whoever asks for it is told by exact sums.
      if (!(error instanceof InexactError)) throw error;
    }
    trim();
  }

  async function sumUp(query: SumQuery): Promise<Added> {
    const { grain, sets } = query;
    const start = query.window.start / minuteMs;
    const end = query.window.end / minuteMs;
    const step = query.bucketMs / minuteMs;
    const firstBucket = step === 0 ? 0 : Math.floor(start / step);
    const buckets = step === 0 ? 1 : Math.ceil(end / step) - firstBucket;
    const bucketOf = (minute: number) => (step === 0 ? 0 : Math.floor(minute / step) - firstBucket);
    const sums = figures.map(() => new Float64Array(sets.length * buckets).fill(Number.NaN));
    const turn = { rows: 0, hasRead: false };
    for (const part of partsOf(grain, start, end, step)) {
      await withBlock(query, part, turn, (block) => {
        const ones = slotsOf(sets);
        if (ones !== undefined) {
          const indexOf = (period: number) => bucketOf(part.start + period * part.step);
          block.addEach(sums, ones, buckets, part, indexOf);
          return;
        }
        for (const [set, members] of sets.entries()) {
          const row = set * buckets;
          const indexOf = (period: number) => row + bucketOf(part.start + period * part.step);
          block.addTo(sums, members, part.first, part.last, indexOf);
        }
      });
      trim();
    }
    if (grain === 'minute' && !turn.hasRead) readAhead(sets, partsAhead(start, end));
    return { sums, buckets, firstBucket };
  }

  return {
    async sums(query) {
      try {
        return rowsOf(query, await sumUp(query));
      } catch (error) {
        if (error instanceof InexactError) return exactSums(db, query);
        throw error;
      }
    },
    async sumTable(query) {
      try {
        return tableOf(query, await sumUp(query));
      } catch (error) {
        if (error instanceof InexactError) return null;
        throw error;
      }
    },
    aged(now, { minuteSeconds, hourSeconds, daySeconds }) {
      const kept = { minute: minuteSeconds, hour: hourSeconds, day: daySeconds };
      for (const [key, { grain, start }] of blocks) {
        if (start * minuteMs < now - kept[grain] * 1_000) blocks.delete(key);
      }
    },
  };
}

/** Figures by set and bucket. */
interface Added {
  readonly sums: readonly Float64Array[];
  readonly buckets: number;
  /** Counted from the epoch. */
  readonly firstBucket: number;
}

function tableOf({ window, bucketMs }: SumQuery, { sums, buckets, firstBucket }: Added): SumTable {
  const column = (index: number) => {
    const numbers = sums[index] ?? new Float64Array();
    for (const figure of numbers) if (figure > Number.MAX_SAFE_INTEGER) throw new InexactError();
    return numbers;
  };
  return {
    first: bucketMs === 0 ? window.start : firstBucket * bucketMs,
    buckets,
    amounts: {
      input: column(0),
      cacheRead: column(1),
      cacheWrite: column(2),
      output: column(3),
      unsplitInput: column(4),
      requests: column(5),
      errors: column(6),
      throttles: column(7),
    },
    costs: {
      cost: column(8),
      costLow: column(9),
      costHigh: column(10),
      unpricedTokens: column(11),
    },
  };
}

function rowsOf(
  { sets, window, bucketMs }: SumQuery,
  { sums, buckets, firstBucket }: Added,
): readonly SumRow[] {
  const rows: SumRow[] = [];
  for (let set = 0; set < sets.length; set += 1) {
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const index = set * buckets + bucket;
      const figure = (i: number) => {
        const value = sums[i]?.[index] ?? Number.NaN;
        if (value > Number.MAX_SAFE_INTEGER) throw new InexactError();
        return Number.isNaN(value) ? null : value;
      };
      const unpricedTokens = figure(11);
      // Every row says how much of it has no price: where none does, there is none.
      if (unpricedTokens === null) continue;
      rows.push({
        set,
        bucket: bucketMs === 0 ? window.start : (firstBucket + bucket) * bucketMs,
        input: figure(0),
        cacheRead: figure(1),
        cacheWrite: figure(2),
        output: figure(3),
        unsplitInput: figure(4),
        requests: figure(5),
        errors: figure(6),
        throttles: figure(7),
        cost: exact(figure(8)),
        costLow: exact(figure(9)),
        costHigh: exact(figure(10)),
        unpricedTokens,
      });
    }
  }
  return rows;
}

function exact(nanoUsd: number | null): bigint | null {
  return nanoUsd === null ? null : BigInt(nanoUsd);
}
