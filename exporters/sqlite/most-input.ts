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
  let input: number | null = null;
  let cacheRead = 0;
  let cacheWrite = 0;
  for (const { id, measure } of series) {
    if (measure.kind !== 'tokens' || measure.meter === 'output') continue;
    const found = largestOf(id);
    if (found === undefined || (found.sum ?? 0) === 0) continue;
    if (found.max === null) return null;
    if (measure.meter === 'input') input = Math.max(input ?? 0, found.max);
    else if (measure.meter === 'cache_read') cacheRead = Math.max(cacheRead, found.max);
    else cacheWrite = Math.max(cacheWrite, found.max);
  }
  return input === null ? null : input + cacheRead + cacheWrite;
}
