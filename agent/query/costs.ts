import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { CostSums } from '../core/store.ts';
import type { Calibrated } from './calibrated.ts';

/** What a row's cost was made of, in the words of `cost_method`. */
export type CostMethod = 'list' | 'range' | 'calibrated' | 'provisioned' | 'mixed';

/** Costs of one bucket of one group. */
export interface GroupCost extends CostSums {
  /** Null where nothing is priced. */
  readonly method: CostMethod | null;
}

/** How the costs of a row were made: of capacity, or of tokens, with or without what bills taught. */
export type CostMaking = 'provisioned' | Calibrated;

export interface CostTally {
  add(index: number, sums: CostSums, made: CostMaking): void;
  at(index: number): GroupCost;
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
  const costs = new BigInt64Array(size);
  const lows = new BigInt64Array(size);
  const highs = new BigInt64Array(size);
  const unpriced = new Float64Array(size);
  const kinds = new Uint8Array(size);
  return {
    add(index, { cost, costLow, costHigh, unpricedTokens }, made) {
      bump(unpriced, index, unpricedTokens);
      if (cost === null || costLow === null || costHigh === null) return;
      grow(costs, index, cost);
      grow(lows, index, costLow);
      grow(highs, index, costHigh);
      const kind = made === 'provisioned' || costLow !== costHigh ? rangeKinds[made] : isExact;
      kinds[index] = (kinds[index] ?? 0) | kind;
    },
    at(index) {
      const method = methodOf(kinds[index] ?? 0);
      const none = method === null;
      return {
        cost: none ? null : (costs[index] ?? 0n),
        costLow: none ? null : (lows[index] ?? 0n),
        costHigh: none ? null : (highs[index] ?? 0n),
        unpricedTokens: unpriced[index] ?? 0,
        method,
      };
    },
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

function grow(sums: BigInt64Array, index: number, by: NanoUsd): void {
  sums[index] = (sums[index] ?? 0n) + by;
}

function bump(sums: Float64Array, index: number, by: number): void {
  sums[index] = (sums[index] ?? 0) + by;
}

/** As `toUsd`; null where nothing is known. */
export function usdOf(nanoUsd: NanoUsd | null): number | null {
  return nanoUsd === null ? null : toUsd(nanoUsd);
}
