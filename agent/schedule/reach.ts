import type { CoverageSpan } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { hourMs } from '../core/time.ts';
import type { DueWindow } from './due.ts';

type CoverageMap = ReadonlyMap<string, readonly CoverageSpan[]>;

/** A read that is late reaches back this far at most; what is older is a gap and read in pieces. */
const longestReachMs = 6 * hourMs;

/**
 * The newest minutes, begun where each unit was last settled: after a late poll one longer read stands in for a read
 * and a gap, and a cloud that bills by metric bills it once.
 */
export function reachingBack(recent: DueWindow, coverage: CoverageMap): DueWindow {
  const { start, end } = recent.window;
  const tails = recent.units.flatMap(({ key }) => tailOf(coverage.get(key), end) ?? []);
  return { ...recent, window: { start: Math.min(start, ...tails), end } };
}

/** Coverage as the gaps are seen by: what the next read of the newest minutes will reach is none. */
export function withTailsSettled(coverage: CoverageMap, head: Instant): CoverageMap {
  return new Map(
    Array.from(coverage, ([key, spans]) => {
      const start = tailOf(spans, head);
      if (start === undefined || start >= head) return [key, spans];
      return [key, [...spans, { start, end: head, periodSeconds: 60, settled: true }]];
    }),
  );
}

/** Where the last settled minute ends, if that is within reach. */
function tailOf(spans: readonly CoverageSpan[] | undefined, head: Instant): Instant | undefined {
  let last = Number.NEGATIVE_INFINITY;
  for (const { end, settled, periodSeconds } of spans ?? []) {
    if (settled && periodSeconds <= 60 && end > last) last = end;
  }
  return last >= head - longestReachMs ? last : undefined;
}
