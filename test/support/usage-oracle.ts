import type { IdentityRow } from '../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import type { MemoryLedger } from './memory-reader.ts';

/** What one bucket of one combination holds, counted minute by minute. */
export interface Counted {
  /** The aligned start of the bucket; of the one bucket of a total, the first minute. */
  readonly time: Instant;
  readonly amounts: Record<keyof Amounts, number | null>;
  readonly settled: number | null;
}

/**
 * Counts what some identities used, minute by minute, from the rows as they are stored: no table, no plan, no span
 * arithmetic. `stepMs` Infinity is one bucket.
 */
export function countUsage(
  ledger: MemoryLedger,
  identities: readonly IdentityRow[],
  range: { readonly from: Instant; readonly to: Instant; readonly stepMs: number },
): readonly Counted[] {
  const buckets = new Map<number, Instant[]>();
  for (let minute = Math.ceil(range.from / minuteMs) * minuteMs; minute < range.to;) {
    const bucket = Number.isFinite(range.stepMs) ? Math.floor(minute / range.stepMs) : 0;
    const known = buckets.get(bucket);
    if (known === undefined) buckets.set(bucket, [minute]);
    else known.push(minute);
    minute += minuteMs;
  }
  const allMinutes = new Set([...buckets.values()].flat());
  const inWholeHour = (minute: Instant): boolean => {
    const hour = Math.floor(minute / hourMs) * hourMs;
    return (
      range.stepMs >= hourMs && allMinutes.has(hour) && allMinutes.has(hour + hourMs - minuteMs)
    );
  };
  return [...buckets].map(([bucket, minutes]) => ({
    time: Number.isFinite(range.stepMs) ? bucket * range.stepMs : (minutes[0] ?? 0),
    ...countBucket(ledger, identities, minutes, inWholeHour),
  }));
}

function countBucket(
  ledger: MemoryLedger,
  identities: readonly IdentityRow[],
  minutes: readonly Instant[],
  inWholeHour: (minute: Instant) => boolean,
): Omit<Counted, 'time'> {
  const within = new Set(minutes);
  const seen = (trafficId: number, minute: Instant) =>
    ledger.coverage.filter(
      (span) =>
        span.trafficId === trafficId &&
        span.start <= minute &&
        minute < span.end &&
        span.periodSeconds <= (inWholeHour(minute) ? 3_600 : 60),
    );
  const amounts: Record<keyof Amounts, number | null> = { ...nothing };
  for (const row of ledger.amounts) {
    const ours = identities.some(({ id }) => id === row.identityId) && within.has(row.start);
    const answered = row.period === 'minute' || inWholeHour(row.start);
    if (!ours || !answered) continue;
    for (const name of amountNames) {
      const stored = row.amounts[name] ?? null;
      if (stored !== null) amounts[name] = (amounts[name] ?? 0) + stored;
    }
  }
  let looked = amountNames.some((name) => amounts[name] !== null);
  for (const identity of identities) {
    for (const minute of minutes) {
      if (minute < identity.from || minute >= identity.to) continue;
      for (const name of seen(identity.trafficId, minute).flatMap((span) => span.amounts)) {
        looked = true;
        if (identity.reports.has(name)) amounts[name] ??= 0;
      }
    }
  }

  let expected = 0;
  let settled = 0;
  for (const trafficId of new Set(identities.map((identity) => identity.trafficId))) {
    for (const minute of minutes) {
      const present = identities.some(
        (one) => one.trafficId === trafficId && one.from <= minute && minute < one.to,
      );
      if (!present) continue;
      expected += 1;
      if (seen(trafficId, minute).some((span) => span.settled)) settled += 1;
    }
  }
  return {
    amounts,
    settled: looked ? (expected === 0 ? 0 : settled / expected) : null,
  };
}

const nothing = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: null,
  unsplitInput: null,
  requests: null,
  errors: null,
  throttles: null,
} as const;
