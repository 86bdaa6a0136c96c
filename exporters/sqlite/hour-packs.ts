import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import type { Block } from './sum-blocks.ts';

/** Identities whose numbers are packed together, by their id; the triggers that say what is stale know it as well. */
export const packIdentities = 256;
export const packHours = 24;
/** Under this figure stands whether a pack can be used. */
export const usableFigure = -1;

const dayMinutes = dayMs / minuteMs;
const hourMinutes = hourMs / minuteMs;

/** Hours of whole days as numbers, a figure of many identities in one piece: thousands of rows are read in no time. */
export interface HourPacks {
  /**
   * Puts what is packed into a block of hours of one day and closes what is whole then; what changed since it was packed, or
   * never was, is left.
   * @param figures a bit each, that of the first is 1
   */
  fill(block: Block, identityIds: readonly number[], figures: number): void;
}

type Found = readonly [figureOrIdentity: number, numbers: Uint8Array | null];
type Asked = [
  day: number,
  slice: number,
  figures: string,
  staleDay: number,
  from: number,
  to: number,
];

export function openHourPacks(db: Db): HourPacks {
  // One statement: another process may pack anew between two.
  const packed = db
    .prepare<Asked, Found>(
      `SELECT figure, numbers FROM hour_pack
         WHERE day = ? AND slice = ? AND figure IN (SELECT value FROM json_each(?))
       UNION ALL
       SELECT identity_id, NULL FROM hour_pack_stale WHERE day = ? AND identity_id >= ? AND identity_id < ?`,
    )
    .raw();

  function packOf(day: number, slice: number, figures: readonly number[]) {
    const first = slice * packIdentities;
    const wanted = JSON.stringify([usableFigure, ...figures]);
    const stale = new Set<number>();
    const numbers = new Map<number, Float64Array>();
    let isUsable = false;
    for (const [name, bytes] of packed.all(
      day,
      slice,
      wanted,
      day,
      first,
      first + packIdentities,
    )) {
      if (bytes === null) stale.add(name);
      else if (name === usableFigure) isUsable = bytes[0] === 1;
      else numbers.set(name, numbersIn(bytes));
    }
    return isUsable ? { stale, numbers } : undefined;
  }

  return {
    fill(block, identityIds, figures) {
      const day = Math.floor(block.start / dayMinutes);
      const isOneDay = block.end <= (day + 1) * dayMinutes;
      if (!isOneDay || (block.periods > 1 && block.periods !== packHours)) return;
      const wanted = bitsOf(figures);
      const hours = {
        from: (block.start - day * dayMinutes) / hourMinutes,
        to: (block.end - day * dayMinutes) / hourMinutes,
      };
      for (const [slice, ids] of bySlice(identityIds)) {
        const pack = packOf(day, slice, wanted);
        if (pack === undefined) continue;
        const own = ids.filter((id) => !pack.stale.has(id));
        const first = slice * packIdentities;
        if (block.periods === packHours) {
          for (const [figure, numbers] of pack.numbers) block.putAll(figure, own, numbers, first);
        } else if (!putSums(block, own, pack.numbers, { ...hours, first })) continue;
        for (const id of own) block.close(id, figures);
      }
    },
  };
}

interface Summed {
  /** The id of the first identity in the numbers. */
  readonly first: number;
  /** Of the day, the last one excluded. */
  readonly from: number;
  readonly to: number;
}

/** False where a sum is beyond what a number holds exactly: rows say so, and what to do. */
function putSums(
  block: Block,
  identityIds: readonly number[],
  numbers: ReadonlyMap<number, Float64Array>,
  { first, from, to }: Summed,
): boolean {
  const sums = new Map<number, Float64Array>();
  for (const [figure, column] of numbers) {
    const own = new Float64Array(identityIds.length);
    let most = 0;
    for (let at = 0; at < own.length; at += 1) {
      const start = ((identityIds[at] as number) - first) * packHours;
      const end = Math.min(start + to, column.length);
      let sum = Number.NaN;
      for (let place = start + from; place < end; place += 1) {
        const value = column[place] as number;
        // Only NaN is not itself: there is no figure.
        if (value === value) sum = sum === sum ? sum + value : value;
      }
      own[at] = sum;
      if (sum > most) most = sum;
    }
    if (most > Number.MAX_SAFE_INTEGER) return false;
    sums.set(figure, own);
  }
  const places = block.placesOf(Float64Array.from(identityIds));
  for (const [figure, own] of sums) block.put(figure, places, own);
  return true;
}

function bitsOf(figures: number): readonly number[] {
  const numbers: number[] = [];
  for (let figure = 0; figures >> figure !== 0; figure += 1) {
    if ((figures & (1 << figure)) !== 0) numbers.push(figure);
  }
  return numbers;
}

function bySlice(identityIds: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const slices = new Map<number, number[]>();
  for (const id of identityIds) {
    const slice = Math.floor(id / packIdentities);
    const own = slices.get(slice);
    if (own === undefined) slices.set(slice, [id]);
    else own.push(id);
  }
  return slices;
}

function numbersIn(bytes: Uint8Array): Float64Array {
  const whole = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float64Array(whole.buffer, whole.byteOffset, whole.byteLength / 8);
}
