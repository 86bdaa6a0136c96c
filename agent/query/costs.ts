import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { CostSums } from '../core/store.ts';
import type { Calibrated } from './calibrated.ts';
import { openExact } from './exact-sums.ts';

/** What a row's cost was made of, in the words of `cost_method`. */
export type CostMethod = 'list' | 'range' | 'calibrated' | 'provisioned' | 'mixed';

export type CostName = 'cost' | 'costLow' | 'costHigh';

/** How the costs of a row were made: of capacity, or of tokens, with or without what bills taught. */
export type CostMaking = 'provisioned' | Calibrated;

/** Columns of `CostSums`, as of a `SumTable`. */
export type CostColumns = Readonly<Record<keyof CostSums, Float64Array>>;

export interface CostTally {
  add(index: number, sums: CostSums, made: CostMaking): void;
  /** The same, of one place in columns. */
  addNumbers(index: number, columns: CostColumns, place: number, made: CostMaking): void;
  /** In dollars, as of `toUsd`; 0 where nothing is priced. */
  usd(name: CostName, index: number): number;
  unpriced(index: number): number;
  /** Null where nothing is priced. */
  method(index: number): CostMethod | null;
}

const isExact = 1;
const isRange = 2;
const isProvisioned = 4;
const isCalibrated = 8;

const rangeKinds: Readonly<Record<CostMaking, number>> = {
  provisioned: isProvisioned,
  none: isRange,
  part: isRange | isCalibrated,
  all: isCalibrated,
};

/** Adds exact costs up, by place. */
export function costTally(size: number): CostTally {
  const sums = { cost: openExact(size), costLow: openExact(size), costHigh: openExact(size) };
  const { cost: costs, costLow: lows, costHigh: highs } = sums;
  const unpriced = new Float64Array(size);
  const kinds = new Uint8Array(size);
  function note(index: number, isOne: boolean, made: CostMaking): void {
    const kind = made === 'provisioned' || !isOne ? rangeKinds[made] : isExact;
    kinds[index] = (kinds[index] ?? 0) | kind;
  }
  return {
    add(index, { cost, costLow, costHigh, unpricedTokens }, made) {
      bump(unpriced, index, unpricedTokens);
      if (cost === null || costLow === null || costHigh === null) return;
      costs.add(index, cost);
      lows.add(index, costLow);
      highs.add(index, costHigh);
      note(index, costLow === costHigh, made);
    },
    addNumbers(index, columns, place, made) {
      const cost = columns.cost[place] ?? Number.NaN;
      const low = columns.costLow[place] ?? Number.NaN;
      const high = columns.costHigh[place] ?? Number.NaN;
      bump(unpriced, index, columns.unpricedTokens[place] ?? 0);
      if (Number.isNaN(cost) || Number.isNaN(low) || Number.isNaN(high)) return;
      costs.addNumber(index, cost);
      lows.addNumber(index, low);
      highs.addNumber(index, high);
      note(index, low === high, made);
    },
    usd: (name, index) => sums[name].usd(index),
    unpriced: (index) => unpriced[index] ?? 0,
    method: (index) => methodOf(kinds[index] ?? 0),
  };
}

function methodOf(kinds: number): CostMethod | null {
  if (kinds === 0) return null;
  if (kinds === isExact) return 'list';
  if (kinds === isProvisioned) return 'provisioned';
  // What leaves no doubt takes nothing from how the rest was made.
  const doubtful = kinds & (isRange | isCalibrated);
  if ((kinds & isProvisioned) !== 0 || doubtful === (isRange | isCalibrated)) return 'mixed';
  return doubtful === isRange ? 'range' : 'calibrated';
}

function bump(sums: Float64Array, index: number, by: number): void {
  sums[index] = (sums[index] ?? 0) + by;
}

/** As `toUsd`; null where nothing is known. */
export function usdOf(nanoUsd: NanoUsd | null): number | null {
  return nanoUsd === null ? null : toUsd(nanoUsd);
}
