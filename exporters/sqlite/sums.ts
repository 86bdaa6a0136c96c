import { setImmediate } from 'node:timers/promises';
import type { Grain, LedgerRetention, SumQuery, SumRow, SumTable } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, minuteMs } from '../../agent/core/time.ts';
import { exactSums, InexactError } from './amounts.ts';
import { rowsOf, tableOf } from './sum-answers.ts';
import type { Added } from './sum-answers.ts';
import { openRefresh } from './fresh-memory.ts';
import type { FreshParts } from './fresh-memory.ts';
import { openHourPacks } from './hour-packs.ts';
import { createBlock, createSlots } from './sum-blocks.ts';
import type { Block } from './sum-blocks.ts';
import { grainMinutes, partsAhead, partsOf, together } from './sum-parts.ts';
import type { SumPart } from './sum-parts.ts';
import { figureNames, figureValues } from './sum-figures.ts';
import { openSumTexts } from './sum-texts.ts';

/** Sums over many identities. What was read stays in memory for the next question, as long as it is asked for. */
export interface Sums {
  sums(query: SumQuery): Promise<readonly SumRow[]>;
  /** Null where a number would not be exact. */
  sumTable(query: SumQuery): Promise<SumTable | null>;
  /** Rows that were given up for their age are in the file no more. */
  aged(now: Instant, retention: LedgerRetention): void;
}

const width = figureNames.length;

/** Once a question has read; while it does, half as much may be there beside it. */
const mostBytes = 32 * 1_024 * 1_024;
/** Nobody asked for so long: the memory is worth more to others. */
const keptMs = 300_000;
/** Rows that are read before others have their turn: some milliseconds. */
const rowsAtOnce = 6_000;
/** Rows that a question which finds all it asks for reads for those of the next minutes: a millisecond or two. */
const rowsAhead = 1_200;

type Sets = SumQuery['sets'];

interface Turn {
  /** That were looked at since others had their turn. */
  rows: number;
  hasRead: boolean;
}

interface Missing {
  readonly missing: readonly number[];
  /** Of the figures that are missing, one each, that of the first is 1. */
  readonly bits: number;
}

export function openSums(parts: FreshParts): Sums {
  const { db } = parts;
  const texts = openSumTexts(db, figureValues);
  const packs = openHourPacks(db);
  /** In the order of their last use. */
  const blocks = new Map<string, Block>();
  let slots = createSlots();
  /** Of lists of sets of one. */
  let slotsOfOnes = new WeakMap<Sets, Int32Array>();
  let drop: NodeJS.Timeout | undefined;

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
  function read(block: Block, { missing, bits }: Missing, rowsLeft: number): number {
    const rowsOfOne = rowsIn(block.grain, block);
    const ids = missing.slice(0, Math.max(1, Math.floor(rowsLeft / rowsOfOne)));
    for (const id of ids) block.close(id, bits);
    try {
      texts.read(block, ids, bits);
    } catch (error) {
      block.forget(ids);
      throw error;
    }
    return ids.length * rowsOfOne;
  }

  /**
   * Others may have asked for the block, or changed it, while a part of it was read.
   * @param use what to do with it once it is whole, before others have their turn
   */
  async function withBlock(
    { grain, sets }: SumQuery,
    part: SumPart,
    bits: number,
    turn: Turn,
    use: (block: Block) => void,
  ): Promise<void> {
    for (;;) {
      refresh();
      const block = blockOf(grain, part);
      const missing = block.missing(sets, bits);
      if (missing.length === 0) return use(block);
      turn.hasRead = true;
      turn.rows += read(block, { missing, bits }, rowsAtOnce - turn.rows);
      if (turn.rows < rowsAtOnce) continue;
      turn.rows = 0;
      await setImmediate();
    }
  }

  /**
   * Reads what is missing of some identities in all parts, then of the next ones: what lies together in the file is read
   * together, which for many short parts is half the time.
   */
  async function readParts(
    { grain, sets }: SumQuery,
    group: readonly SumPart[],
    bits: number,
    turn: Turn,
  ): Promise<void> {
    refresh();
    const missing = [...new Set(group.flatMap((part) => blockOf(grain, part).missing(sets, bits)))];
    const rowsOfOne = group.reduce((rows, part) => rows + rowsIn(grain, part), 0);
    for (let at = 0; at < missing.length;) {
      const next = at + Math.max(1, Math.floor((rowsAtOnce - turn.rows) / rowsOfOne));
      const some = [missing.slice(at, next)];
      at = next;
      for (const part of group) {
        const block = blockOf(grain, part);
        const ofPart = block.missing(some, bits);
        if (ofPart.length > 0) turn.rows += read(block, { missing: ofPart, bits }, Infinity);
      }
      turn.hasRead = true;
      if (turn.rows + rowsOfOne <= rowsAtOnce) continue;
      turn.rows = 0;
      await setImmediate();
      refresh();
    }
  }

  /** Whole days of hours are packed, but for what has changed since. */
  async function unpack(
    { grain, sets }: SumQuery,
    group: readonly SumPart[],
    bits: number,
  ): Promise<void> {
    for (const part of group) {
      refresh();
      const block = blockOf(grain, part);
      const missing = block.missing(sets, bits);
      if (missing.length === 0) continue;
      packs.fill(block, missing, bits);
      await setImmediate();
    }
  }

  /** So that no question waits for all that is new at the start of its range. */
  function readAhead(sets: Sets, bits: number, ahead: readonly SumPart[]): void {
    let rowsLeft = rowsAhead;
    try {
      for (const part of ahead) {
        if (rowsLeft <= 0) break;
        const block = blockOf('minute', part);
        const missing = block.missing(sets, bits);
        if (missing.length > 0) rowsLeft -= read(block, { missing, bits }, rowsLeft);
      }
    } catch (error) {
      // Whoever asks for it is told by exact sums.
      if (!(error instanceof InexactError)) throw error;
    }
    trim();
  }

  async function sumUp(query: SumQuery, wanted: SumQuery['figures'] = figureNames): Promise<Added> {
    const { grain, sets } = query;
    const start = query.window.start / minuteMs;
    const end = query.window.end / minuteMs;
    const step = query.bucketMs / minuteMs;
    const firstBucket = step === 0 ? 0 : Math.floor(start / step);
    const buckets = step === 0 ? 1 : Math.ceil(end / step) - firstBucket;
    const bucketOf = (minute: number) => (step === 0 ? 0 : Math.floor(minute / step) - firstBucket);
    const sums = figureNames.map((name) =>
      wanted.includes(name) ? new Float64Array(sets.length * buckets).fill(Number.NaN) : undefined,
    );
    const bits = sums.reduce((all, sum, i) => (sum === undefined ? all : all | (1 << i)), 0);
    const turn = { rows: 0, hasRead: false };
    const add = (block: Block, part: SumPart) => {
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
    };
    const identities = sets.reduce((count, ids) => count + ids.length, 0);
    const numbersAtOnce = mostBytes / 2 / 8 / Math.max(identities, slots.size);
    for (const group of together(partsOf(grain, start, end, step), numbersAtOnce / width)) {
      if (grain === 'hour') await unpack(query, group, bits);
      if (group.length > 1) await readParts(query, group, bits, turn);
      for (const part of group) {
        await withBlock(query, part, bits, turn, (block) => add(block, part));
      }
      trim();
    }
    if (grain === 'minute' && !turn.hasRead) readAhead(sets, bits, partsAhead(start, end));
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
        return tableOf(query, await sumUp(query, query.figures));
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

/** How many rows one identity costs: by itself as much as some. */
function rowsIn(grain: Grain, { start, end }: Pick<SumPart, 'start' | 'end'>): number {
  return (end - start) / grainMinutes[grain] + 10;
}
