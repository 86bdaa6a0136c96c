import type { Grain } from '../core/store.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Step } from './step.ts';

/** One read of one table. */
interface Segment {
  readonly grain: Grain;
  /** Aligned to the grain. */
  readonly window: Window;
}

/** How a range is cut into buckets, and which tables hold it exactly. */
export interface Plan {
  readonly step: Step;
  /** In whole minutes: the minutes that start in the range that was asked for. */
  readonly window: Window;
  readonly buckets: number;
  /** Disjoint, oldest first, together the whole window; the last one may end behind it, where nothing is known. */
  readonly segments: readonly Segment[];
}

const grainMs: Readonly<Record<Grain, number>> = { minute: minuteMs, hour: hourMs, day: dayMs };

/**
 * Plans the half-open range [from, to): every part of it from the coarsest table that knows it exactly.
 * @param readUntil nothing is known from this moment on, so that an hour or day that `to` cuts behind it is whole as it stands
 */
export function planQuery(
  from: Instant,
  to: Instant,
  step: Step,
  readUntil: Instant | null = null,
): Plan {
  const window = { start: ceilTo(from, minuteMs), end: ceilTo(to, minuteMs) };
  const stepMs = step === 'total' ? Number.POSITIVE_INFINITY : step;
  const grains = (['day', 'hour', 'minute'] as const).filter((grain) => grainMs[grain] <= stepMs);
  const isOpen = readUntil !== null && window.end >= readUntil;
  const segments = segmentsOf(window, grains, isOpen);
  return { step, window, buckets: bucketsOf(window, step), segments };
}

/** The bucket an instant of the window falls into, counted from the first. */
export function bucketAt(plan: Plan, instant: Instant): number {
  if (plan.step === 'total') return 0;
  return Math.floor(instant / plan.step) - Math.floor(plan.window.start / plan.step);
}

/** What a row's `time` says: the epoch-aligned start of its bucket, though the range may begin within it. */
export function bucketStart(plan: Plan, bucket: number): Instant {
  if (plan.step === 'total') return plan.window.start;
  return floorTo(plan.window.start, plan.step) + bucket * plan.step;
}

/** Epoch-aligned, but for the first, which starts with the window, and the last, which ends with it. */
export function bucketWindow(plan: Plan, bucket: number): Window {
  if (plan.step === 'total') return plan.window;
  const start = floorTo(plan.window.start, plan.step) + bucket * plan.step;
  return {
    start: Math.max(start, plan.window.start),
    end: Math.min(start + plan.step, plan.window.end),
  };
}

function bucketsOf(window: Window, step: Step): number {
  if (window.start >= window.end) return 0;
  if (step === 'total') return 1;
  return Math.ceil(window.end / step) - Math.floor(window.start / step);
}

/** Whole periods of the first grain, and what is cut off at either end by the finer ones; of an open end nothing is. */
function segmentsOf(window: Window, grains: readonly Grain[], isOpen: boolean): readonly Segment[] {
  const [grain, ...finer] = grains;
  if (grain === undefined || window.start >= window.end) return [];
  const start = ceilTo(window.start, grainMs[grain]);
  const end = isOpen ? ceilTo(window.end, grainMs[grain]) : floorTo(window.end, grainMs[grain]);
  if (start >= end || start >= window.end) return segmentsOf(window, finer, isOpen);
  return [
    ...segmentsOf({ start: window.start, end: start }, finer, false),
    { grain, window: { start, end } },
    ...segmentsOf({ start: end, end: window.end }, finer, false),
  ];
}
