import type { KnownSeries } from './registry.ts';

/** What a reading says of the size of requests. */
export interface Largest {
  readonly sum: number | null;
  readonly max: number | null;
}

/**
 * The most input tokens that a request of a period can have had, cached ones included: no one had more than the largest of
 * each meter together. Null where a meter that said something does not tell its largest, and where no input meter said
 * anything: caches alone do not tell how large a request was.
 */
export function mostInput(
  series: readonly KnownSeries[],
  largestOf: (seriesId: number) => Largest | undefined,
): number | null {
  const most = new Map<string, number>();
  for (const one of series) {
    const meter = inputMeterOf(one);
    const found = meter === undefined ? undefined : largestOf(one.id);
    if (meter === undefined || found === undefined || (found.sum ?? 0) === 0) continue;
    if (found.max === null) return null;
    most.set(meter, Math.max(most.get(meter) ?? 0, found.max));
  }
  return most.has('input') ? [...most.values()].reduce((sum, max) => sum + max, 0) : null;
}

function inputMeterOf({ measure }: KnownSeries): string | undefined {
  return measure.kind === 'tokens' && measure.meter !== 'output' ? measure.meter : undefined;
}
