import type { IdentityRow } from '../../core/ledger-rows.ts';
import type { TrafficCoverage } from '../../core/store.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';

/** Older data says nothing of now: the rules of usage have no data then, and neither fire nor resolve. */
const freshMs = 2 * hourMs;

/** What was not read for so long is no longer counted as missing: it is gone. */
const goneMs = dayMs;

/** Up to where a traffic is known. */
export interface DataEnd {
  /** Whole minutes. */
  readonly until: Instant;
  readonly settled: boolean;
  /** `late`: read within a day and not lately; `gone`: not for longer. */
  readonly age: 'fresh' | 'late' | 'gone';
}

/**
 * The end of what the cloud does not change any more, by every meter of the traffic: a poll that came too early shows
 * fewer requests than there were, and must neither fire nor resolve anything. Undefined: nothing is settled yet.
 * @param hasTokens whether the traffic has token meters, by which settling is told
 */
export function dataEndOf(
  { covered, settled }: TrafficCoverage,
  hasTokens: boolean,
  now: Instant,
): DataEnd | undefined {
  const end = Math.min(
    lastEnd(covered.requests),
    lastEnd(covered.errors),
    lastEnd(covered.throttles),
    hasTokens ? lastEnd(settled) : now,
    now,
  );
  if (end === never) return undefined;
  const until = floorTo(end, minuteMs);
  const lag = now - until;
  const age = lag <= freshMs ? 'fresh' : lag <= goneMs ? 'late' : 'gone';
  return { until, settled: hasTokens, age };
}

const never = Number.NEGATIVE_INFINITY;

function lastEnd(spans: readonly Window[]): Instant {
  return spans.at(-1)?.end ?? never;
}

export function tellsTokens({ reports }: IdentityRow): boolean {
  return reports.has('output') || reports.has('input') || reports.has('unsplitInput');
}
