import type { Grain } from '../../agent/core/store.ts';
import { InexactError } from './amounts.ts';
import type { SumPart } from './sum-parts.ts';

/** Sums of a table's rows by identity and period, as numbers: what a question about many identities is added up from. */
export interface Block {
  readonly grain: Grain;
  /** Whole minutes since the epoch, like the two that follow. */
  readonly start: number;
  readonly end: number;
  /** Length of a period. */
  readonly step: number;
  readonly periods: number;
  /** Puts a row of figures in its place. A figure that is no exact number any more makes it throw an InexactError. */
  put(identityId: number, period: number, figures: readonly (number | null)[], from: number): void;
  /** What has been read of the identity is all there is. */
  close(identityId: number): void;
  /** Of these identities the ones that have not been read. Lists that have been are known again. */
  missing(sets: readonly (readonly number[])[]): readonly number[];
  /** These are to be read anew. */
  forget(identityIds: readonly number[]): void;
  /**
   * Adds the periods of a set, all of which has been read, to sums, whose index is that of the period's bucket. A list that
   * is asked for again is known by its identity, and so is what it came to until one of the block is forgotten.
   */
  addTo(
    sums: readonly Float64Array[],
    identityIds: readonly number[],
    first: number,
    last: number,
    indexOf: (period: number) => number,
  ): void;
  /**
   * Adds the periods of identities that are sets by themselves, all of which has been read: of each to sums that lie so many
   * places behind those of the one before.
   */
  addEach(
    sums: readonly Float64Array[],
    identitySlots: Int32Array,
    apart: number,
    periods: Pick<SumPart, 'first' | 'last'>,
    indexOf: (period: number) => number,
  ): void;
  /** Of all figures, and of what sets came to. */
  bytes(): number;
}

/** Identities have numbers from 0 in all blocks alike, by when they were first asked for. */
export interface Slots {
  of(identityId: number): number;
  readonly size: number;
}

export function createSlots(): Slots {
  const slots = new Map<number, number>();
  return {
    of(identityId) {
      const known = slots.get(identityId);
      if (known !== undefined) return known;
      slots.set(identityId, slots.size);
      return slots.size - 1;
    },
    get size() {
      return slots.size;
    },
  };
}

type Figures = readonly (Float64Array | undefined)[];

/** Adding up fewer is no more work than finding what they came to. */
const leastMembers = 4;
/** Of a set that is remembered, beside its figures. */
const setOverhead = 256;
const onlyRow: readonly number[] = [0];

type Place = Pick<Block, 'grain' | 'start' | 'end' | 'step'>;

/** @param width how many figures a row has */
export function createBlock(place: Place, width: number, slots: Slots): Block {
  const { start, end, step } = place;
  const periods = Math.ceil((end - start) / step);
  let room = Math.max(slots.size, 1);
  let closed = new Uint8Array(room);
  /** NaN: no figure. Absent: nobody has one. */
  const columns: (Float64Array | undefined)[] = Array.from({ length: width });
  const columnBytes = () =>
    columns.reduce((sum, column) => sum + (column?.byteLength ?? 0), closed.byteLength);

  /** What sets came to by period, by figure; lists that were asked for once only, and small ones, are added up each time. */
  const sets = new Map<readonly number[], Figures>();
  let asked = new WeakSet<readonly number[]>();
  let setBytes = 0;
  /** Lists of sets all of which has been read. */
  let whole = new WeakSet<readonly (readonly number[])[]>();

  function grow(): void {
    room = Math.max(slots.size, Math.ceil(room * 1.25));
    const moreClosed = new Uint8Array(room);
    moreClosed.set(closed);
    closed = moreClosed;
    for (const [index, column] of columns.entries()) {
      if (column === undefined) continue;
      const more = empty(room * periods);
      more.set(column);
      columns[index] = more;
    }
  }

  function clear(slot: number): void {
    for (const column of columns) column?.fill(Number.NaN, slot * periods, (slot + 1) * periods);
  }

  function forgetSets(): void {
    sets.clear();
    asked = new WeakSet();
    setBytes = 0;
  }

  /** Undefined where it is not worth its memory. */
  function setOf(ids: readonly number[]): Figures | undefined {
    const known = sets.get(ids);
    if (known !== undefined) return known;
    if (ids.length < leastMembers) return undefined;
    if (!asked.has(ids)) {
      asked.add(ids);
      return undefined;
    }
    const rows = rowsOf(ids);
    const places = Int32Array.from({ length: periods }, (_, period) => period);
    const made = columns.map((column) => {
      if (column === undefined) return undefined;
      const sum = empty(periods);
      addColumn(sum, column, rows, 0, places);
      return sum;
    });
    const bytes = width * periods * 8 + setOverhead;
    if (setBytes + bytes > columnBytes() / 2) forgetSets();
    sets.set(ids, made);
    setBytes += bytes;
    return made;
  }

  const rowsOf = (ids: readonly number[]) => ids.map((id) => slots.of(id) * periods);

  return {
    ...place,
    periods,
    put(identityId, period, figures, from) {
      const slot = slots.of(identityId);
      if (slot >= room) grow();
      const index = slot * periods + period;
      for (let i = 0; i < width; i += 1) {
        const figure = figures[from + i] ?? null;
        if (figure === null) continue;
        if (figure > Number.MAX_SAFE_INTEGER) throw new InexactError();
        let column = columns[i];
        if (column === undefined) {
          column = empty(room * periods);
          columns[i] = column;
        }
        column[index] = figure;
      }
    },
    close(identityId) {
      const slot = slots.of(identityId);
      if (slot >= room) grow();
      closed[slot] = 1;
    },
    missing(all) {
      if (whole.has(all)) return [];
      const found: number[] = [];
      for (const ids of all) {
        if (sets.has(ids)) continue;
        for (const id of ids) if (closed[slots.of(id)] !== 1) found.push(id);
      }
      if (found.length === 0) whole.add(all);
      return found;
    },
    forget(identityIds) {
      for (const id of identityIds) {
        const slot = slots.of(id);
        if (closed[slot] !== 1) continue;
        closed[slot] = 0;
        clear(slot);
        forgetSets();
        whole = new WeakSet();
      }
    },
    addTo(sums, identityIds, first, last, indexOf) {
      const places = new Int32Array(last - first);
      for (let period = first; period < last; period += 1) {
        places[period - first] = indexOf(period);
      }
      const known = setOf(identityIds);
      const from = known ?? columns;
      const rows = known === undefined ? rowsOf(identityIds) : onlyRow;
      for (let i = 0; i < width; i += 1) {
        const column = from[i];
        const sum = sums[i];
        if (column !== undefined && sum !== undefined) addColumn(sum, column, rows, first, places);
      }
    },
    addEach(sums, identitySlots, apart, { first, last }, indexOf) {
      for (let period = first; period < last; period += 1) {
        const firstPlace = indexOf(period);
        for (let i = 0; i < width; i += 1) {
          const column = columns[i];
          const sum = sums[i];
          if (column === undefined || sum === undefined) continue;
          addStrided(sum, column, identitySlots, { periods, period, firstPlace, apart });
        }
      }
    },
    bytes: () => columnBytes() + setBytes,
  };
}

function addColumn(
  sum: Float64Array,
  column: Float64Array,
  rows: readonly number[],
  first: number,
  places: Int32Array,
): void {
  for (const row of rows) {
    for (let i = 0; i < places.length; i += 1) {
      const value = column[row + first + i] as number;
      // Only NaN is not itself: there is no figure.
      if (value !== value) continue;
      const place = places[i] as number;
      const before = sum[place] as number;
      sum[place] = before !== before ? value : before + value;
    }
  }
}

interface Strides {
  readonly periods: number;
  readonly period: number;
  readonly firstPlace: number;
  readonly apart: number;
}

function addStrided(
  sum: Float64Array,
  column: Float64Array,
  identitySlots: Int32Array,
  { periods, period, firstPlace, apart }: Strides,
): void {
  for (let at = 0; at < identitySlots.length; at += 1) {
    const value = column[(identitySlots[at] as number) * periods + period] as number;
    if (value !== value) continue;
    const to = firstPlace + at * apart;
    const before = sum[to] as number;
    sum[to] = before !== before ? value : before + value;
  }
}

function empty(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}
