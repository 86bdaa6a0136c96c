import type { Labels } from '../../core/cloud.ts';
import { toUsd } from '../../core/money.ts';
import type { AmountRow } from '../../core/store.ts';
import { floorTo, hourMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { standingOf } from './recent.ts';
import type { Standing } from './recent.ts';
import type { Series } from './series.ts';
import type { Contributor } from './traffic-ends.ts';

/** One series over the last 24 whole settled hours. */
export interface DaySeries {
  readonly labels: Labels;
  readonly standing: Standing;
  readonly usd: number;
  readonly requests: number;
  /** In no cost, by model, the most first. */
  readonly unpriced: readonly (readonly [model: string, tokens: number])[];
  /** Up to here every contributor that says something is settled, in whole hours; null: none says anything. */
  readonly end: Instant | null;
}

export function daySeriesOf(
  { labels, members }: Series<Contributor>,
  rows: ReadonlyMap<number, AmountRow>,
): DaySeries {
  let nanoUsd = 0n;
  let requests = 0;
  let end = Number.POSITIVE_INFINITY;
  const unpriced = new Map<string, number>();
  for (const { identity, end: own } of members) {
    if (own?.age !== 'fresh') continue;
    end = Math.min(end, own.until);
    const row = rows.get(identity.id);
    if (row === undefined) continue;
    if (row.cost !== null) nanoUsd += row.cost;
    requests += row.requests ?? 0;
    if (row.unpricedTokens === 0) continue;
    const model = identity.model === '' ? identity.vendorModel : identity.model;
    unpriced.set(model, (unpriced.get(model) ?? 0) + row.unpricedTokens);
  }
  return {
    labels,
    standing: standingOf(members),
    usd: toUsd(nanoUsd),
    requests,
    unpriced: [...unpriced].toSorted(([, a], [, b]) => b - a),
    end: Number.isFinite(end) ? floorTo(end, hourMs) : null,
  };
}
