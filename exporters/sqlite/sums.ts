import { setImmediate } from 'node:timers/promises';
import type { Grain, LedgerRetention, SumQuery, SumRow } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, minuteMs } from '../../agent/core/time.ts';
import { amountColumns, tokensOfRow } from './amount-columns.ts';
import { exactSums, grainTables, InexactError } from './amounts.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import { createBlock, createSlots } from './sum-blocks.ts';
import type { Block } from './sum-blocks.ts';

/** Sums over many identities. What was read stays in memory for the next question, as long as it is asked for. */
export interface Sums {
  sums(query: SumQuery): Promise<readonly SumRow[]>;
  /** Rows that were given up for their age are in the file no more. */
  aged(now: Instant, retention: LedgerRetention): void;
}

/** What the blocks were read from. */
interface Seen {
  readonly revision: number;
  readonly data: number;
  readonly names: Identities | undefined;
  readonly version: number;
}

export interface SumParts {
  readonly db: Db;
  readonly identities: () => Identities;
}

const figures = [...amountColumns, 'cost', 'cost_low', 'cost_high', 'unpriced'] as const;
const width = figures.length;
const unpriced = `coalesce(unpriced, ${tokensOfRow})`;
const valueOf = (name: string) => (name === 'unpriced' ? unpriced : name);
const plain = figures.map(valueOf).join(', ');
const added = figures.map((name) => `sum(${valueOf(name)})`).join(', ');

const grainMinutes: Readonly<Record<Grain, number>> = { minute: 1, hour: 60, day: 1_440 };
/** How many rows of an identity are kept together, by their table: an hour, a day, eight days. */
const periodsOfBlock: Readonly<Record<Grain, number>> = { minute: 60, hour: 24, day: 8 };

const mostBytes = 32 * 1_024 * 1_024;
/** Nobody asked for so long: the memory is worth more to others. */
const keptMs = 300_000;
/** Rows that are read before others have their turn: some milliseconds. */
const rowsAtOnce = 4_000;

export function openSums({ db, identities }: SumParts): Sums {
  const statements = new Map<string, ReturnType<typeof prepare>>();
  const revisions = db
    .prepare<[number], [number, number, number, number]>(
      'SELECT sequence, traffic_id, start_minute, end_minute FROM revision WHERE sequence > ?',
    )
    .raw();
  const newest = db.prepare('SELECT coalesce(max(sequence), 0) FROM revision').pluck();
  const dataVersion = db.prepare('PRAGMA data_version').pluck();
  /** In the order of their last use. */
  const blocks = new Map<string, Block>();
  let slots = createSlots();
  let seen: Seen = { revision: -1, data: -1, names: undefined, version: -1 };
  let drop: NodeJS.Timeout | undefined;

  function prepare(grain: Grain) {
    const where = `FROM ${grainTables[grain]} WHERE identity_id = ? AND minute >= ? AND minute < ?`;
    type Row = (number | null)[];
    return {
      rows: db.prepare<[number, number, number], Row>(`SELECT minute, ${plain} ${where}`).raw(),
      sum: db.prepare<[number, number, number], Row>(`SELECT count(*), ${added} ${where}`).raw(),
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
  }

  /** Forgets what is not in the file any more as it was read. */
  function refresh(): void {
    const data = dataVersion.get() as number;
    // Another process writes where this one only reads: then its every write counts.
    const names = db.readonly ? undefined : identities();
    const version = names?.version ?? 0;
    const revision = newest.get() as number;
    const isSame = data === seen.data && names === seen.names && version === seen.version;
    if (!isSame || revision < seen.revision) forgetAll();
    else if (revision > seen.revision && blocks.size > 0) {
      for (const [, trafficId, start, end] of revisions.iterate(seen.revision)) {
        forgetSpan(identities().idsOf(trafficId), start, end);
      }
    }
    seen = { revision, data, names, version };
  }

  function forgetSpan(ids: readonly number[], start: number, end: number): void {
    const dayStart = floorTo(start, dayMs / minuteMs);
    const dayEnd = ceilTo(end, dayMs / minuteMs);
    for (const block of blocks.values()) {
      const [from, to] = block.grain === 'minute' ? [start, end] : [dayStart, dayEnd];
      if (block.start < to && block.end > from) block.forget(ids);
    }
  }

  function blockOf(grain: Grain, start: number, end: number, step: number): Block {
    const key = `${grain} ${start} ${end} ${step}`;
    const block = blocks.get(key) ?? createBlock({ grain, start, end, step }, width, slots);
    blocks.delete(key);
    blocks.set(key, block);
    return block;
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

  /** Returns how many rows were looked at. */
  function readOne(block: Block, identityId: number): number {
    const { rows, sum } = statementsOf(block.grain);
    const { start, end, step } = block;
    let count = 0;
    if (block.periods === 1) {
      const row = sum.get(identityId, start, end);
      count = row?.[0] ?? 0;
      if (row !== undefined && count > 0) block.put(identityId, 0, row, 1);
    } else {
      const found = rows.all(identityId, start, end);
      for (const row of found) {
        block.put(identityId, ((row[0] as number) - start) / step, row, 1);
      }
      // A row by itself costs thrice what one among others does.
      count = found.length * 3;
    }
    block.close(identityId);
    return count + 10;
  }

  /** Whole, or with a part of it read: others may have asked for it meanwhile, or changed it. */
  async function filled(
    place: readonly [Grain, number, number, number],
    ids: readonly number[],
    turn: { rows: number },
  ): Promise<Block> {
    for (;;) {
      refresh();
      const block = blockOf(...place);
      for (const id of block.missing(ids)) {
        turn.rows += readOne(block, id);
        if (turn.rows >= rowsAtOnce) break;
      }
      if (turn.rows < rowsAtOnce) return block;
      turn.rows = 0;
      await setImmediate();
    }
  }

  async function sumUp(query: SumQuery): Promise<readonly SumRow[]> {
    const { grain, sets } = query;
    const start = query.window.start / minuteMs;
    const end = query.window.end / minuteMs;
    const step = query.bucketMs / minuteMs;
    const unit = grainMinutes[grain];
    const firstBucket = step === 0 ? 0 : Math.floor(start / step);
    const buckets = step === 0 ? 1 : Math.ceil(end / step) - firstBucket;
    const bucketOf = (minute: number) => (step === 0 ? 0 : Math.floor(minute / step) - firstBucket);
    const sums = figures.map(() => new Float64Array(sets.length * buckets).fill(Number.NaN));
    const ids = sets.flat();
    const turn = { rows: 0 };
    const length = buckets === 1 ? end - start : Math.max(step, unit * periodsOfBlock[grain]);
    for (let at = start; at < end;) {
      const next = buckets === 1 ? end : Math.min(floorTo(at, length) + length, end);
      // Blocks of rows begin where all questions cut alike; the sums of a span are of that span alone.
      const isRows = buckets > 1 && step === unit;
      const from = isRows ? floorTo(at, length) : at;
      const to = isRows ? from + length : next;
      const size = isRows ? unit : to - from;
      const pieces = isRows || buckets === 1 ? [[from, to] as const] : cut(at, next, step);
      for (const [first, last] of pieces) {
        const period = isRows ? size : last - first;
        const block = await filled([grain, first, last, period], ids, turn);
        const begin = isRows ? (at - first) / unit : 0;
        const stop = isRows ? (next - first) / unit : 1;
        for (const [set, members] of sets.entries()) {
          const row = set * buckets;
          block.addTo(sums, members, begin, stop, (p) => row + bucketOf(first + p * period));
        }
      }
      trim();
      at = next;
    }
    return rowsOf(query, sums, buckets, firstBucket);
  }

  return {
    async sums(query) {
      try {
        return await sumUp(query);
      } catch (error) {
        if (error instanceof InexactError) return exactSums(db, query);
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

/** The buckets of a span. */
function cut(start: number, end: number, step: number): readonly (readonly [number, number])[] {
  const pieces: (readonly [number, number])[] = [];
  for (let at = start; at < end;) {
    const next = Math.min(floorTo(at, step) + step, end);
    pieces.push([at, next]);
    at = next;
  }
  return pieces;
}

function rowsOf(
  { sets, window, bucketMs }: SumQuery,
  sums: readonly Float64Array[],
  buckets: number,
  firstBucket: number,
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
