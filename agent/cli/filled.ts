import type { UsageReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs } from '../core/time.ts';
import { coveredMs, intersectAll } from '../core/window.ts';
import { headOf } from '../schedule/due.ts';

/**
 * The share of the whole hours of the last `days` that every token and request meter of every known traffic has been
 * read for, 0 to 1.
 */
export async function filledShare(
  ledger: UsageReader,
  now: Instant,
  days: number,
): Promise<number> {
  const span = {
    start: ceilTo(now - days * dayMs, hourMs),
    // Right after a full hour its last minutes cannot be read yet.
    end: floorTo(headOf(now), hourMs),
  };
  const traffics = [...(await ledger.coverageByTraffic(60)).values()];
  if (traffics.length === 0) return 0;
  const covered = traffics.map(({ covered: by }) =>
    coveredMs(span, intersectAll(intersectAll(by.input, by.output), by.requests)),
  );
  return covered.reduce((sum, ms) => sum + ms, 0) / (traffics.length * (span.end - span.start));
}
