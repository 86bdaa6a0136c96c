import type { MeterUnit, Target } from '../core/collector.ts';
import type { CoverageSpan } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { ceilTo, floorTo, hourMs, minuteMs, secondMs } from '../core/time.ts';
import { intersect } from '../core/window.ts';

/** Whole settled hours of one meter, read at one period. */
export interface SettledHours extends Window {
  readonly target: Target;
  readonly unit: MeterUnit;
  readonly periodSeconds: number;
}

/** One hour of one meter. */
export interface SampledHour {
  readonly target: Target;
  readonly unit: MeterUnit;
  readonly periodSeconds: number;
  readonly window: Window;
}

/** What the cloud is about to forget may be gone when it is asked for. */
const marginMs = 10 * minuteMs;

/** Every whole settled hour of the target's meters in the span, as far as the cloud still keeps points of that period. */
export function settledHours(
  target: Target,
  coverage: ReadonlyMap<string, readonly CoverageSpan[]>,
  within: Window,
  now: Instant,
): readonly SettledHours[] {
  return target.units.flatMap((unit) =>
    (coverage.get(unit.key) ?? []).flatMap(({ start, end, settled, periodSeconds }) => {
      const kept = { start: now - keptMs(target, periodSeconds) + marginMs, end: now };
      const asked = intersect(within, kept);
      const span = settled && asked !== undefined ? intersect({ start, end }, asked) : undefined;
      if (span === undefined) return [];
      const hours = { start: ceilTo(span.start, hourMs), end: floorTo(span.end, hourMs) };
      return hours.start < hours.end ? [{ ...hours, target, unit, periodSeconds }] : [];
    }),
  );
}

export function countHours(settled: readonly SettledHours[]): number {
  return settled.reduce((sum, { start, end }) => sum + (end - start) / hourMs, 0);
}

/** `count` different hours, each as likely as any other; all of them where there are no more. Newest first. */
export function sampleHours(
  settled: readonly SettledHours[],
  count: number,
  random: () => number,
): readonly SampledHour[] {
  const total = countHours(settled);
  // Floyd's: a set of so many different numbers below `total` without making a list of all.
  const chosen = new Set<number>();
  for (let top = Math.max(0, total - count); top < total; top += 1) {
    const pick = Math.floor(random() * (top + 1));
    chosen.add(chosen.has(pick) ? top : pick);
  }
  const ordered = [...chosen].toSorted((a, b) => a - b);
  const hours: SampledHour[] = [];
  let before = 0;
  let at = 0;
  for (const { start, end, target, unit, periodSeconds } of settled) {
    const own = (end - start) / hourMs;
    for (let next = ordered[at]; next !== undefined && next < before + own; next = ordered[at]) {
      const from = start + (next - before) * hourMs;
      hours.push({ target, unit, periodSeconds, window: { start: from, end: from + hourMs } });
      at += 1;
    }
    before += own;
  }
  return hours.toSorted((a, b) => b.window.start - a.window.start);
}

/** Numbers in [0, 1) that are always the same for a seed. Mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How long the cloud keeps points of a period, or finer ones that it makes them of. */
function keptMs({ retention }: Target, periodSeconds: number): number {
  const ages = retention
    .filter((one) => one.periodSeconds <= periodSeconds)
    .map(({ ageSeconds }) => ageSeconds * secondMs);
  return Math.max(0, ...ages);
}
