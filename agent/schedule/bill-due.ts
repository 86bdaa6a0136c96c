import type { BillScope } from '../core/bill.ts';
import type { BilledDays } from '../core/bill-store.ts';
import { splitByMonth } from '../core/month.ts';
import type { Instant, Window } from '../core/time.ts';
import { ceilTo, dayMs, floorTo, isoUtc, minuteMs, secondMs } from '../core/time.ts';
import { subtract } from '../core/window.ts';

/** How far back bills are asked for at most: thirteen months, as far as vendors tell them by the day. Seconds. */
export const billsBackSeconds = 396 * 86_400;

/** What is known of a scope when it is asked what is due. */
export interface BillsKnown {
  readonly scope: BillScope;
  readonly now: Instant;
  /** Of this scope; sorted, disjoint. */
  readonly told: readonly Pick<BilledDays, 'start' | 'end' | 'fetchedAt'>[];
  /** As `BillCollector.openFrom` of the scope. */
  readonly openFrom: (now: Instant) => Instant;
  /** How far back bills are wanted and kept. Seconds; Infinity: as far as the vendor tells them. */
  readonly horizonSeconds: number;
}

/** Days to ask for in one call. */
export interface BillPiece {
  /** Stays the same while the days move on. */
  readonly name: string;
  readonly kind: 'open' | 'history';
  readonly days: Window;
  /** When to ask; long ago for what was never asked. */
  readonly dueAt: Instant;
}

/**
 * All that is to be asked of a scope, due or not, what matters most first: the days that may still change, newest first,
 * again and again; behind them every closed day once, month by month, newest first.
 *
 * A closed day is done when it was told at a time when it was closed already. Days that closed since they were told are asked
 * for once more with the open ones, for one longer call costs less than two.
 */
export function billWork(known: BillsKnown): readonly BillPiece[] {
  const { scope, now, told, openFrom } = known;
  const first = earliest(known);
  const end = floorTo(now, dayMs) + dayMs;
  const open = Math.min(Math.max(openFrom(now), first), end - dayMs);
  const from = Math.max(first, lastClosed(known, open) ?? open);
  const span = { start: Math.min(from, open), end };
  const pieces = cutFromEnd(span, scope).map((days, index): BillPiece => {
    return { name: `open ${index}`, kind: 'open', days, dueAt: openDue(known, days) };
  });
  if (first >= from) return pieces;
  const done = told.map(({ start, end: to, fetchedAt }) => ({
    start,
    end: Math.min(to, openFrom(fetchedAt)),
  }));
  const history = subtract({ start: first, end: from }, done)
    .flatMap(splitByMonth)
    .toReversed()
    .flatMap((days) => cutFromEnd(days, scope))
    .map((days): BillPiece => {
      const name = `until ${isoUtc(days.end)}`;
      return { name, kind: 'history', days, dueAt: Number.NEGATIVE_INFINITY };
    });
  return [...pieces, ...history];
}

/** How often a scope's open days are asked for, in milliseconds. */
export function everyMsOf({ everySeconds }: BillScope): number {
  return Math.max(minuteMs, everySeconds * secondMs);
}

function earliest({ scope, now, horizonSeconds }: BillsKnown): Instant {
  const back = Math.min(scope.reachSeconds, horizonSeconds) * secondMs;
  return Math.min(floorTo(now, dayMs), ceilTo(now - back, dayMs));
}

/** Days that closed since they were told, this far back at most; what closed earlier comes as history. */
const lookBackMs = 31 * dayMs;

/** The first day before `open` that was told while it was open; undefined where there is none. */
function lastClosed({ told, openFrom }: BillsKnown, open: Instant): Instant | undefined {
  const starts = told.flatMap(({ start, end, fetchedAt }) => {
    const from = Math.max(start, openFrom(fetchedAt), open - lookBackMs);
    return from < Math.min(end, open) ? [from] : [];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function openDue({ scope, now, told }: BillsKnown, days: Window): Instant {
  let due = Number.POSITIVE_INFINITY;
  for (let day = days.start; day < days.end; day += dayMs) {
    const at = askedAt(told, day);
    if (at === undefined) return Number.NEGATIVE_INFINITY;
    // A clock that was set back does not make anything wait for longer.
    due = Math.min(due, Math.min(at, now) + everyMsOf(scope));
  }
  return due;
}

/** When the day was asked for; one that has begun since all days up to then were asked for counts as one of them. */
function askedAt(told: BillsKnown['told'], day: Instant): Instant | undefined {
  const span = told.find(({ start, end }) => start <= day && day < end);
  if (span !== undefined) return span.fetchedAt;
  const before = told.findLast(({ end }) => end <= day);
  return before !== undefined && before.end > before.fetchedAt ? before.fetchedAt : undefined;
}

/** Newest first; only the oldest piece may be shorter than the longest call. */
function cutFromEnd({ start, end }: Window, { longestSeconds }: BillScope): readonly Window[] {
  const longest = Math.max(dayMs, floorTo(longestSeconds * secondMs, dayMs));
  const pieces: Window[] = [];
  for (let to = end; to > start; to -= longest) {
    pieces.push({ start: Math.max(start, to - longest), end: to });
  }
  return pieces;
}
