import type { SumQuery, SumRow, SumTable } from '../../agent/core/store.ts';
import { InexactError } from './amounts.ts';

/** Figures by set and bucket; undefined: not asked for. */
export interface Added {
  readonly sums: readonly (Float64Array | undefined)[];
  readonly buckets: number;
  /** Counted from the epoch. */
  readonly firstBucket: number;
}

export function tableOf(
  { window, bucketMs }: SumQuery,
  { sums, buckets, firstBucket }: Added,
): SumTable {
  const column = (index: number) => {
    const numbers = sums[index] ?? new Float64Array();
    for (let place = 0; place < numbers.length; place += 1) {
      if ((numbers[place] as number) > Number.MAX_SAFE_INTEGER) throw new InexactError();
    }
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

export function rowsOf(
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
