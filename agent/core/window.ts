import type { Window } from './time.ts';
import { floorTo } from './time.ts';

/** The part both spans share, or undefined when they do not meet. */
export function overlap(a: Window, b: Window): boolean {
  return a.start < b.end && b.start < a.end;
}

export function intersect(a: Window, b: Window): Window | undefined {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.end, b.end);
  return start < end ? { start, end } : undefined;
}

/** From the first start to the last end; undefined of none. */
export function hull(windows: Iterable<Window>): Window | undefined {
  let whole: Window | undefined;
  for (const { start, end } of windows) {
    whole = {
      start: Math.min(whole?.start ?? start, start),
      end: Math.max(whole?.end ?? end, end),
    };
  }
  return whole;
}

/** Sorted, disjoint spans that cover exactly what the given ones cover; touching spans become one. */
export function union(windows: readonly Window[]): readonly Window[] {
  const sorted = windows.filter((w) => w.start < w.end).toSorted((a, b) => a.start - b.start);
  const merged: Window[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && next.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, next.end) };
    } else {
      merged.push(next);
    }
  }
  return merged;
}

/** What of `whole` no span of `holes` covers, oldest first. */
export function subtract(whole: Window, holes: readonly Window[]): readonly Window[] {
  const rest: Window[] = [];
  let from = whole.start;
  for (const hole of union(holes)) {
    if (hole.end <= from) continue;
    if (hole.start >= whole.end) break;
    if (hole.start > from) rest.push({ start: from, end: hole.start });
    from = Math.max(from, hole.end);
  }
  if (from < whole.end) rest.push({ start: from, end: whole.end });
  return rest;
}

/** The spans both lists cover. */
export function intersectAll(a: readonly Window[], b: readonly Window[]): readonly Window[] {
  const left = union(a);
  const right = union(b);
  const shared: Window[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const x = left[i];
    const y = right[j];
    if (x === undefined || y === undefined) return shared;
    const both = intersect(x, y);
    if (both !== undefined) shared.push(both);
    if (x.end < y.end) i += 1;
    else j += 1;
  }
}

/** Milliseconds of `within` that sorted, disjoint spans cover. */
export function coveredMs(within: Window, sorted: readonly Window[]): number {
  let total = 0;
  for (const span of sorted) {
    if (span.start >= within.end) break;
    const both = intersect(span, within);
    if (both !== undefined) total += both.end - both.start;
  }
  return total;
}

/** Cuts a span at epoch-aligned multiples of `stepMs`; the first and last piece may be shorter. Oldest first. */
export function split(window: Window, stepMs: number): readonly Window[] {
  const pieces: Window[] = [];
  for (let start = window.start; start < window.end;) {
    const end = Math.min(floorTo(start, stepMs) + stepMs, window.end);
    pieces.push({ start, end });
    start = end;
  }
  return pieces;
}
