import type { Window } from '../core/time.ts';
import { bucketAt, bucketWindow } from './plan.ts';
import type { Plan } from './plan.ts';

/** The parts of sorted, disjoint spans that lie within a window. */
export function overlaps(sorted: readonly Window[], within: Window): readonly Window[] {
  const found: Window[] = [];
  for (let index = firstEndingAfter(sorted, within.start); index < sorted.length; index += 1) {
    const span = sorted[index];
    if (span === undefined || span.start >= within.end) break;
    found.push({
      start: Math.max(span.start, within.start),
      end: Math.min(span.end, within.end),
    });
  }
  return found;
}

/** Tells in which buckets of which group spans lie. Adding costs as many steps as there are spans, not buckets. */
export interface TouchTally {
  /** Spans lie within the plan's window. */
  add(group: number, spans: readonly Window[]): void;
  finish(): (group: number, bucket: number) => boolean;
}

export function touchTally(plan: Plan, groups: number): TouchTally {
  const width = plan.buckets + 1;
  const changes = new Int32Array(groups * width);
  return {
    add(group, spans) {
      for (const { start, end } of spans) {
        bump(changes, group * width + bucketAt(plan, start), 1);
        bump(changes, group * width + bucketAt(plan, end - 1) + 1, -1);
      }
    },
    finish() {
      accumulate(changes);
      return (group, bucket) => (changes[group * width + bucket] ?? 0) > 0;
    },
  };
}

/** Adds up the milliseconds of spans by bucket and group, at the same cost. */
export interface SpanTally {
  /** Spans lie within the plan's window; they count so many times. */
  add(group: number, spans: readonly Window[], times?: number): void;
  finish(): (group: number, bucket: number) => number;
}

export function spanTally(plan: Plan, groups: number): SpanTally {
  const width = plan.buckets + 1;
  const parts = new Float64Array(groups * width);
  const wholes = new Int32Array(groups * width);
  return {
    add(group, spans, times = 1) {
      const row = group * width;
      for (const { start, end } of spans) {
        const first = bucketAt(plan, start);
        const last = bucketAt(plan, end - 1);
        if (first === last) {
          bump(parts, row + first, (end - start) * times);
          continue;
        }
        bump(parts, row + first, (bucketWindow(plan, first).end - start) * times);
        bump(parts, row + last, (end - bucketWindow(plan, last).start) * times);
        bump(wholes, row + first + 1, times);
        bump(wholes, row + last, -times);
      }
    },
    finish() {
      accumulate(wholes);
      return (group, bucket) => {
        const { start, end } = bucketWindow(plan, bucket);
        const index = group * width + bucket;
        return (parts[index] ?? 0) + (wholes[index] ?? 0) * (end - start);
      };
    },
  };
}

/** Every +1 has its -1 in the same row, so a running sum over all rows is zero at each row's end. */
function accumulate(changes: Int32Array): void {
  for (let index = 1; index < changes.length; index += 1)
    bump(changes, index, changes[index - 1] ?? 0);
}

function bump(array: Int32Array | Float64Array, index: number, by: number): void {
  array[index] = (array[index] ?? 0) + by;
}

function firstEndingAfter(sorted: readonly Window[], instant: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.end ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
