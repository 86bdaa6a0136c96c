import { divideHalfUp } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import { endOfTime, startOfTime } from '../core/price.ts';
import type {
  CapacityHour,
  CapacitySpan,
  PriceOrigin,
  RateRange,
  RatingSubject,
} from '../core/rating.ts';
import { floorTo, hourMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import type { PriceBook } from './book.ts';
import { cutsOf } from './cards.ts';
import { quoteOf } from './quote.ts';

/** What one unit costs an hour over `[from, to)`; null where it has no price. */
export interface UnitHourSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly rate: RateRange | null;
  readonly origins: readonly PriceOrigin[];
}

/** Unit-hour prices of a subject over all time. Its tier is taken as provisioned, whatever it says. */
export function unitHourSpansOf(book: PriceBook, subject: RatingSubject): readonly UnitHourSpan[] {
  const provisioned = { ...subject, tier: 'provisioned' } as const;
  const cuts = cutsOf(book, provisioned);
  return cuts.map((from, index) => {
    const quote = quoteOf(book, 'unit_hour', provisioned, from);
    const to = cuts[index + 1] ?? endOfTime;
    return { from, to, rate: quote?.short ?? null, origins: quote?.origins ?? [] };
  });
}

/**
 * Capacity times hours times rate, by deployment, SKU and hour: what is deployed for part of an hour costs that part, to the
 * millisecond. `rates` cover all time. Each figure is rounded once, a half up. Oldest hour first. Azure charges by the hour from deployment to
 * deletion, and parts of an hour by the minute:
 * https://learn.microsoft.com/azure/ai-services/openai/how-to/provisioned-throughput-onboarding
 */
export function capacityHoursOf(
  capacity: readonly CapacitySpan[],
  rates: readonly UnitHourSpan[],
  window: Window,
): readonly CapacityHour[] {
  const hours = new Map<string, Tally>();
  for (const { deployment, sku, units, ...span } of capacity) {
    for (const rate of rates) {
      const from = Math.max(span.from, rate.from, window.start, startOfTime);
      const to = Math.min(span.to, rate.to, window.end);
      if (from >= to) continue;
      for (let start = floorTo(from, hourMs); start < to; start += hourMs) {
        const id = JSON.stringify([start, deployment, sku]);
        const hour = hours.get(id) ?? tallyOf(deployment, sku, start);
        hours.set(id, hour);
        addPart(hour, units * (Math.min(to, start + hourMs) - Math.max(from, start)), rate.rate);
      }
    }
  }
  return [...hours.values()]
    .toSorted((a, b) => a.start - b.start || (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(({ sums, ...hour }) => ({ ...hour, cost: sums === null ? null : perHour(sums) }));
}

interface Tally {
  readonly deployment: string;
  readonly sku: string;
  readonly start: Instant;
  unitMs: number;
  /** Unit-milliseconds times nano-dollars an hour. */
  sums: RateRange | null;
}

function tallyOf(deployment: string, sku: string, start: Instant): Tally {
  return { deployment, sku, start, unitMs: 0, sums: { low: 0n, best: 0n, high: 0n } };
}

function nameOf({ deployment, sku }: Tally): string {
  return JSON.stringify([deployment, sku]);
}

function addPart(hour: Tally, unitMs: number, rate: RateRange | null): void {
  if (unitMs === 0) return;
  hour.unitMs += unitMs;
  if (rate === null || hour.sums === null) {
    hour.sums = null;
    return;
  }
  const { low, best, high } = hour.sums;
  const times = BigInt(unitMs);
  hour.sums = {
    low: low + times * rate.low,
    best: best + times * rate.best,
    high: high + times * rate.high,
  };
}

function perHour({ low, best, high }: RateRange): RateRange {
  return { low: overHour(low), best: overHour(best), high: overHour(high) };
}

function overHour(sum: bigint): NanoUsd {
  return divideHalfUp(sum, BigInt(hourMs));
}

/**
 * What a provisioned deployment hands on when it is full is served, and paid by the token, as standard. `routing` is that of
 * the deployment it goes to.
 */
export function spilloverOf(
  subject: RatingSubject,
  routing: RatingSubject['routing'],
): RatingSubject {
  return { ...subject, routing, tier: 'standard' };
}
