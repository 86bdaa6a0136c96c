import type { CollectRequest, MeterUnit, Sample, Target } from '../../../agent/core/collector.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { day0, rows, targetOf, unitOf } from '../../support/ledger-world.ts';

const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const latencyRow: CatalogRow = {
  ...(rows[0] as CatalogRow),
  id: 'latency',
  metricNames: ['InvocationLatency'],
  statistics: ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'p90'],
  measure: { kind: 'latency', phase: 'request' },
  contract: 'plain',
};

/** A counter of input tokens. */
export const input = unitOf({ rowId: 'in', dimensions: sol, values: [] });
export const latency: MeterUnit = {
  key: 'latency',
  rowId: 'latency',
  metric: 'InvocationLatency',
  dimensions: sol,
};

/** Ten minutes from the small world's first day on. */
export const window = { start: day0, end: day0 + 10 * minuteMs };

/** A request for the window by the minute. */
export function ask(units: readonly MeterUnit[], change: Partial<Target> = {}): CollectRequest {
  const target: Target = { ...targetOf([]), rows: [...rows, latencyRow], units, ...change };
  return { target, units, window, periodSeconds: 60 };
}

/** One statistic of a unit; minutes of the window by number. */
export function sample(
  unit: MeterUnit,
  minutes: readonly number[],
  values: readonly number[],
  statistic = 'Sum',
): Sample {
  const starts = minutes.map((minute) => day0 + minute * minuteMs);
  const { key: unitKey, rowId, metric, dimensions } = unit;
  return { unitKey, rowId, metric, dimensions, statistic, starts, values };
}
