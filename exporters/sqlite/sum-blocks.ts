import type { Grain } from '../../agent/core/store.ts';
import { addColumn, addStrided, empty } from './sum-columns.ts';
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
  /**
   * Where in a column rows have their place.
   * @param rows identity times `periods` + period of each
   */
  placesOf(rows: Float64Array): Int32Array;
  /** Puts numbers of a figure, NaN where there is none, in their places. */
  put(figure: number, places: Int32Array, numbers: Float64Array): void;
  /**
   * Puts all periods of identities, which lie one after the other by their ids; NaN and what lies behind the end: no figure.
   * @param first the id of the first one in the numbers
   */
  putAll(
    figure: number,
    identityIds: readonly number[],
    numbers: Float64Array,
    first: number,
  ): void;
  /** What has been read of these figures of the identity is all there is. */
  close(identityId: number, figures: number): void;
  /**
   * Of these identities the ones of which not all of the figures have been read. Lists that have been are known again.
   * @param figures a bit each, that of the first is 1
   */
  missing(sets: readonly (readonly number[])[], figures: number): readonly number[];
  /** These are to be read anew. */
  forget(identityIds: readonly number[]): void;
  /**
   * Adds the periods of a set to sums by figure, whose index is that of the period's bucket; all of what there are sums of has
   * been read. A list that is asked for again is known by its identity, and so is what it came to until one of the block is
   * forgotten.
   */
  addTo(
    sums: readonly (Float64Array | undefined)[],
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
    sums: readonly (Float64Array | undefined)[],
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

interface KnownSet {
  readonly columns: (Float64Array | undefined)[];
  /** Those that have been added up. */
  figures: number;
}

/** Adding up fewer is no more work than finding what they came to. */
const leastMembers = 4;
/** Of a set that is remembered, beside its figures. */
const setOverhead = 256;
const onlyRow: readonly number[] = [0];

type Place = Pick<Block, 'grain' | 'start' | 'end' | 'step'>;

/** @param width how many figures a row has */
export function createBlock(span: Place, width: number, slots: Slots): Block {
  const { start, end, step } = span;
  const periods = Math.ceil((end - start) / step);
  let room = Math.max(slots.size, 1);
  /** The figures that have been read. */
  let closed = new Uint16Array(room);
  /** NaN: no figure. Absent: nobody has one. */
  const columns: (Float64Array | undefined)[] = Array.from({ length: width });
  const columnBytes = () =>
    columns.reduce((sum, column) => sum + (column?.byteLength ?? 0), closed.byteLength);

  /** What sets came to by period, by figure; lists that were asked for once only, and small ones, are added up each time. */
  const sets = new Map<readonly number[], KnownSet>();
  let asked = new WeakSet<readonly number[]>();
  let setBytes = 0;
  /** Of lists of sets the figures that have been read of all of them. */
  let whole = new WeakMap<readonly (readonly number[])[], number>();

  function grow(): void {
    room = Math.max(slots.size, Math.ceil(room * 1.25));
    const moreClosed = new Uint16Array(room);
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
  function setOf(ids: readonly number[], figures: number): Figures | undefined {
    let known = sets.get(ids);
    if (known === undefined) {
      if (ids.length < leastMembers) return undefined;
      if (!asked.has(ids)) {
        asked.add(ids);
        return undefined;
      }
      const bytes = width * periods * 8 + setOverhead;
      if (setBytes + bytes > columnBytes() / 2) forgetSets();
      known = { columns: Array.from({ length: width }), figures: 0 };
      sets.set(ids, known);
      setBytes += bytes;
    }
    if ((known.figures & figures) !== figures) addUp(ids, known, figures & ~known.figures);
    return known.columns;
  }

  function addUp(ids: readonly number[], into: KnownSet, figures: number): void {
    const rows = rowsOf(ids);
    const places = Int32Array.from({ length: periods }, (_, period) => period);
    for (const [index, column] of columns.entries()) {
      if (column === undefined || (figures & (1 << index)) === 0) continue;
      const sum = empty(periods);
      addColumn(sum, column, rows, 0, places);
      into.columns[index] = sum;
    }
    into.figures |= figures;
  }

  const rowsOf = (ids: readonly number[]) => ids.map((id) => slots.of(id) * periods);

  return {
    ...span,
    periods,
    placesOf(rows) {
      const places = new Int32Array(rows.length);
      let last = -1;
      let slot = -1;
      for (let i = 0; i < rows.length; i += 1) {
        const row = rows[i] as number;
        const identityId = Math.floor(row / periods);
        if (identityId !== last) slot = slots.of(identityId);
        last = identityId;
        places[i] = slot * periods + (row - identityId * periods);
      }
      return places;
    },
    put(figure, places, numbers) {
      if (slots.size > room) grow();
      const column = columns[figure] ?? empty(room * periods);
      columns[figure] = column;
      for (let i = 0; i < places.length; i += 1) column[places[i] as number] = numbers[i] as number;
    },
    putAll(figure, identityIds, numbers, first) {
      const places = identityIds.map((id) => slots.of(id));
      if (slots.size > room) grow();
      const column = columns[figure] ?? empty(room * periods);
      columns[figure] = column;
      // Mostly all of them follow each other here as there, and are put at once.
      for (let from = 0, to = 1; from < places.length; from = to, to += 1) {
        const [slot, id] = [places[from] as number, identityIds[from] as number];
        while (places[to] === slot + to - from && identityIds[to] === id + to - from) to += 1;
        const place = (id - first) * periods;
        column.set(numbers.subarray(place, place + (to - from) * periods), slot * periods);
      }
    },
    close(identityId, figures) {
      const slot = slots.of(identityId);
      if (slot >= room) grow();
      closed[slot] = (closed[slot] ?? 0) | figures;
    },
    missing(all, figures) {
      if (((whole.get(all) ?? 0) & figures) === figures) return [];
      const found: number[] = [];
      for (const ids of all) {
        if (((sets.get(ids)?.figures ?? 0) & figures) === figures) continue;
        for (const id of ids) {
          if (((closed[slots.of(id)] ?? 0) & figures) !== figures) found.push(id);
        }
      }
      if (found.length === 0) whole.set(all, (whole.get(all) ?? 0) | figures);
      return found;
    },
    forget(identityIds) {
      for (const id of identityIds) {
        const slot = slots.of(id);
        if ((closed[slot] ?? 0) === 0) continue;
        closed[slot] = 0;
        clear(slot);
        forgetSets();
        whole = new WeakMap();
      }
    },
    addTo(sums, identityIds, first, last, indexOf) {
      const places = new Int32Array(last - first);
      for (let period = first; period < last; period += 1) {
        places[period - first] = indexOf(period);
      }
      const wanted = sums.reduce((bits, sum, i) => (sum === undefined ? bits : bits | (1 << i)), 0);
      const known = setOf(identityIds, wanted);
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
