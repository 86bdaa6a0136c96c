import type { AmountRow, SumRow } from '../core/store.ts';

/** A sum as what one identity used. It tells no peak. */
export function amountOfSum(row: SumRow, identityId: number): AmountRow {
  // Named one by one: spreading rows by the thousand costs more than reading them.
  return {
    identityId,
    bucket: row.bucket,
    peakTokens: null,
    cost: row.cost,
    costLow: row.costLow,
    costHigh: row.costHigh,
    unpricedTokens: row.unpricedTokens,
    input: row.input,
    cacheRead: row.cacheRead,
    cacheWrite: row.cacheWrite,
    output: row.output,
    unsplitInput: row.unsplitInput,
    requests: row.requests,
    errors: row.errors,
    throttles: row.throttles,
  };
}
