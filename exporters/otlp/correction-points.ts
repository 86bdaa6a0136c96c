import type { Correction } from '../../agent/core/exporter.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { nameAttributes } from './attributes.ts';
import type { TeamOf } from './attributes.ts';
import { valueOf } from './counters.ts';
import type { Count } from './counters.ts';
import { metricSet } from './metric-set.ts';
import type { MetricDefinition } from './metric-set.ts';
import type { EncodedPoints } from './page-points.ts';
import type { MetricPoint, PointAttributes } from './point.ts';

const correctedTokens = [
  ['input', 'input'],
  ['cache_read', 'cacheRead'],
  ['cache_write', 'cacheWrite'],
  ['output', 'output'],
  ['unsplit_input', 'unsplitInput'],
] as const satisfies readonly (readonly [word: string, amount: keyof Amounts])[];

/** How far what was told is from what the ledger says now, as states at one moment. Token types are a partition. */
export function correctionPoints(
  corrections: readonly Correction[],
  at: Instant,
  teamOf?: TeamOf,
): EncodedPoints {
  const points: MetricPoint[] = [];
  let unsayable = 0;
  for (const { name, amounts, cost } of corrections) {
    const own = nameAttributes(name, teamOf);
    const add = (metric: MetricDefinition, attributes: PointAttributes, count: Count | null) => {
      const value = valueOf(count, metric);
      if (value === undefined) unsayable += 1;
      else if (value !== null) points.push({ metric, name, attributes, start: at, end: at, value });
    };
    for (const [word, amount] of correctedTokens) {
      const attributes = { ...own, 'crossbill.token_type': word };
      add(metricSet.correctionTokens, attributes, amounts[amount]);
    }
    add(metricSet.correctionCost, own, cost);
  }
  return { points, unsayable };
}
