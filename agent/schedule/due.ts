import type { MeterUnit, Target } from '../core/collector.ts';
import type { CoverageSpan } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs } from '../core/time.ts';
import { split, subtract, union } from '../core/window.ts';
import { cutByUnits, pointsPerWindow, widestTraffic } from './pieces.ts';

export interface DueSettings {
  /** The newest span that is read again at every poll. Seconds. */
  readonly overlapSeconds: number;
  /** How far back new meters are filled. Seconds. */
  readonly backfillSeconds: number;
  /** How long the ledger keeps minutes; older spans are read by the hour. Seconds. */
  readonly minuteRetentionSeconds: number;
  /** How long the ledger keeps hours; older spans are not read. Seconds. Absent: for ever. */
  readonly hourRetentionSeconds?: number;
}

/** One call of the collector: these units over this window. */
export interface DueWindow {
  readonly window: Window;
  readonly periodSeconds: number;
  readonly units: readonly MeterUnit[];
}

/** The end of what can be read: the last whole minute that is at least a minute old. */
export function headOf(now: Instant): Instant {
  return floorTo(now - minuteMs, minuteMs);
}

/** The overlap window at the head, every unit; to be read in the pieces that `cutByUnits` makes of it. */
export function recentWindow(target: Target, now: Instant, settings: DueSettings): DueWindow {
  const end = headOf(now);
  return {
    window: { start: end - overlapMs(target, settings), end },
    periodSeconds: 60,
    units: target.units,
  };
}

/**
 * Whole minutes, and never shorter than the slowest meter takes to settle: behind the overlap one read must be enough,
 * or the same window is due again as soon as it was read.
 */
function overlapMs(target: Target, settings: DueSettings): number {
  const settleSeconds = target.rows.map((row) => row.settleSeconds);
  return ceilTo(Math.max(settings.overlapSeconds, ...settleSeconds) * 1_000, minuteMs);
}

/**
 * What lies behind the overlap window and was never read after it settled, newest first, each piece with the units
 * it is due for. Gaps of an outage, a newly listed series, a new catalog row and the first start are one case.
 */
export function dueWindows(
  target: Target,
  coverage: ReadonlyMap<string, readonly CoverageSpan[]>,
  now: Instant,
  settings: DueSettings,
): readonly DueWindow[] {
  const end = headOf(now) - overlapMs(target, settings);
  return dueWithin(target, coverage, now, settings, {
    start: now - settings.backfillSeconds * 1_000,
    end,
  });
}

/** The same for any span; what cloud or ledger no longer keep is left out. */
export function dueWithin(
  target: Target,
  coverage: ReadonlyMap<string, readonly CoverageSpan[]>,
  now: Instant,
  settings: DueSettings,
  span: Window,
): readonly DueWindow[] {
  return grainsOf(target, now, settings, span)
    .flatMap(({ periodSeconds, window }) => gaps(target, coverage, window, periodSeconds))
    .toSorted((a, b) => b.window.end - a.window.end);
}

/** Which stretch of the span is read at which period: minutes as long as cloud and ledger keep them, then hours. */
function grainsOf(
  target: Target,
  now: Instant,
  settings: DueSettings,
  span: Window,
): readonly { readonly periodSeconds: number; readonly window: Window }[] {
  const ageOf = (periodSeconds: number) =>
    Math.max(
      0,
      ...target.retention
        .filter((one) => one.periodSeconds <= periodSeconds)
        .map((one) => one.ageSeconds),
    );
  const margin = 10 * minuteMs;
  const oldestMinute = ceilTo(
    now - Math.min(ageOf(60), settings.minuteRetentionSeconds) * 1_000 + margin,
    hourMs,
  );
  const hourAge = Math.min(ageOf(3_600), settings.hourRetentionSeconds ?? Infinity);
  const oldestHour = ceilTo(now - hourAge * 1_000 + margin, hourMs);
  const minutes = {
    start: ceilTo(Math.max(span.start, oldestMinute), minuteMs),
    end: floorTo(span.end, minuteMs),
  };
  const hours = {
    start: ceilTo(Math.max(span.start, oldestHour), hourMs),
    end: floorTo(Math.min(span.end, oldestMinute), hourMs),
  };
  return [
    { periodSeconds: 60, window: minutes },
    { periodSeconds: 3_600, window: hours },
  ].filter(({ window }) => window.start < window.end);
}

function gaps(
  target: Target,
  coverage: ReadonlyMap<string, readonly CoverageSpan[]>,
  window: Window,
  periodSeconds: number,
): readonly DueWindow[] {
  const pieceMs = pieceLength(target, periodSeconds);
  const periodMs = periodSeconds * 1_000;
  const due = new Map<string, { window: Window; units: MeterUnit[] }>();
  for (const unit of target.units) {
    const settled = (coverage.get(unit.key) ?? []).filter(
      (span) => span.settled && span.periodSeconds <= periodSeconds,
    );
    const missing = subtract(window, settled).map(({ start, end }) => ({
      start: floorTo(start, periodMs),
      end: ceilTo(end, periodMs),
    }));
    for (const gap of union(missing)) {
      for (const piece of split(gap, pieceMs)) {
        const name = `${piece.start}-${piece.end}`;
        const known = due.get(name);
        if (known === undefined) due.set(name, { window: piece, units: [unit] });
        else known.units.push(unit);
      }
    }
  }
  return [...due.values()].flatMap((one) => cutByUnits(target, { ...one, periodSeconds }));
}

/** As long as the widest traffic has room for: its units are read together, those of others apart. */
function pieceLength(target: Target, periodSeconds: number): number {
  const fit = (pointsPerWindow / widestTraffic(target)) * periodSeconds * 1_000;
  if (periodSeconds >= 3_600) return Math.max(dayMs, floorTo(fit, dayMs));
  const lengths = [dayMs, dayMs / 2, dayMs / 4, 3 * hourMs, 2 * hourMs, hourMs, hourMs / 2];
  return lengths.find((length) => length <= fit) ?? hourMs / 2;
}
