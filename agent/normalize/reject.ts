import type { CollectRequest, Sample } from '../core/collector.ts';
import type { Rejection, RejectReason } from '../core/reading.ts';

/** Counts what a window could not keep, by reason, with the first one as the example. */
export function startRejections(request: CollectRequest): {
  add(reason: RejectReason, count: number, sample: Sample, index: number): void;
  list(): readonly Rejection[];
} {
  const found = new Map<RejectReason, { count: number; example: string }>();
  return {
    add(reason, count, sample, index) {
      if (count === 0) return;
      const known = found.get(reason);
      if (known === undefined)
        found.set(reason, { count, example: describe(request, sample, index) });
      else known.count += count;
    },
    list: () => [...found].map(([reason, { count, example }]) => ({ reason, count, example })),
  };
}

function describe(request: CollectRequest, sample: Sample, index: number): string {
  const start = new Date(sample.starts[index] ?? Number.NaN);
  const at = Number.isNaN(start.getTime()) ? 'no valid time' : start.toISOString();
  const dimensions = Object.entries(sample.dimensions)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
  const value = sample.values[index];
  return `${request.target.id} ${sample.metric} ${sample.statistic} {${dimensions}} at ${at}: ${value}`;
}
